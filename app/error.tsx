'use client';
import { useTranslations } from 'use-intl';
import { Empty } from '#app/_components/empty.tsx';
import { Button } from '#app/_components/ui.tsx';

export default function PageError(props: { readonly error: Error & { readonly digest?: string }; readonly reset: () => void }) {
  const t = useTranslations('panel');
  return (
    <Empty isPage title={t('crashed')} text={`${t('crashedText')} ${t('code')}: ${props.error.digest ?? props.error.name}`}>
      <Button tone="primary" onClick={props.reset}>
        {t('retry')}
      </Button>
    </Empty>
  );
}
