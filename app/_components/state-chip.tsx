'use client';
/** The state of an experiment in the reader's language. */
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { Chip } from './ui.tsx';

export function StateChip({ status }: { readonly status: string }) {
  const t = useTranslations('code.experimentState');
  const known = knownCode(codesZh.experimentState, status);
  return <Chip tone={status === 'TESTING' ? 'accent' : 'wait'}>{known === null ? status : t(known)}</Chip>;
}
