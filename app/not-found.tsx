'use client';
import { useTranslations } from 'use-intl';
import { Empty } from '#app/_components/empty.tsx';
import { LinkButton } from '#app/_components/ui.tsx';

export default function NotFound() {
  const t = useTranslations('panel');
  return (
    <Empty isPage title={t('notFound')} text={t('notFoundText')}>
      <LinkButton tone="primary" href="/">
        {t('goHome')}
      </LinkButton>
    </Empty>
  );
}
