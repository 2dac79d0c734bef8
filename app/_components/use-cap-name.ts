'use client';
/** `PER_TRADE`, `SBX_CAP_PER_TRADE` or `SBX-2026-0001 PER_TRADE` as people read it. */
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';

export function useCapName(): (name: string) => string {
  const t = useTranslations('code.cap');
  return (name) => {
    const known = knownCode(codesZh.cap, name.replace(/^.* /, '').replace(/^SBX_CAP_/, ''));
    return known === null ? name : t(known);
  };
}
