/** Under whose certificate something was signed, and whether that still holds when it is read. */
import { useTranslations } from 'use-intl';
import type { PersonalSignature } from '#server/trpc/views.ts';
import { Chip } from './ui.tsx';

export function PersonalSignatureMark({ signed }: { readonly signed: PersonalSignature | null }) {
  const t = useTranslations('personalSignature');
  if (signed === null) return <span className="text-ink-3">{t('none')}</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <Chip tone={signed.isSound ? 'good' : 'bad'}>{t(signed.isSound ? 'sound' : 'broken')}</Chip>
      <span className="text-xs break-all text-ink-2">{t('certificate', { name: signed.name, serial: signed.certificateSerial })}</span>
    </span>
  );
}
