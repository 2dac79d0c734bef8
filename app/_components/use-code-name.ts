'use client';
/** Words of the server's lists as supervisors read them; what is newer than this page shows as it is written. */
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';

export function useRoomName(): (code: string) => string {
  const t = useTranslations('code.room');
  return (code) => {
    const known = knownCode(codesZh.room, code);
    return known === null ? code : t(known);
  };
}

export function useReportName(): (code: string) => string {
  const t = useTranslations('code.reportKind');
  return (code) => {
    const known = knownCode(codesZh.reportKind, code);
    return known === null ? code : t(known);
  };
}

export function useCountName(): (code: string) => string {
  const t = useTranslations('code.reportCount');
  return (code) => {
    const known = knownCode(codesZh.reportCount, code);
    return known === null ? code : t(known);
  };
}

/** What takes a trade out of the filtered price series. */
export function useLabelName(): (code: string) => string {
  const t = useTranslations('code.label');
  return (code) => {
    const known = knownCode(codesZh.label, code);
    return known === null ? code : t(known);
  };
}
