'use client';
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { staffZh } from '#app/_client/messages/staff.ts';

const TYPES = staffZh.supervisor.types;
const keyOf = (type: string): string => type.replaceAll('.', '_');
const isType = (key: string): key is keyof typeof TYPES => Object.hasOwn(TYPES, key);

/** The name of a kind of message; one that has none keeps its own. */
export function useTypeLabel(): (type: string) => string {
  const t = useTranslations('supervisor.types');
  return (type) => {
    const key = keyOf(type);
    return isType(key) ? t(key) : type;
  };
}

/** A flag of a trade or an assessment. */
export function useFlagName(): (flag: string) => string {
  const t = useTranslations('code.flag');
  return (flag) => {
    const known = knownCode(codesZh.flag, flag);
    return known === null ? flag : t(known);
  };
}
