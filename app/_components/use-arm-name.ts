'use client';
/** An arm of an experiment as people read it; one that an author named anew shows as it is written. */
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';

export function useArmName(): (arm: string) => string {
  const t = useTranslations('code.arm');
  return (arm) => {
    const known = knownCode(codesZh.arm, arm);
    return known === null ? arm : t(known);
  };
}
