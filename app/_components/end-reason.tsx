'use client';
/** Why an order or a trade ended, in words, with the code beside it for whoever has to ask about it (P-30, P-37). */
import { useTranslations } from 'use-intl';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { useRefusalSentence } from './refusal-note.tsx';

export function EndReason({ code }: { readonly code: string }) {
  const t = useTranslations('code.endReason');
  const sentence = useRefusalSentence();
  const known = knownCode(codesZh.endReason, code);
  const plain = code.replaceAll('_', ' ');
  const text = known === null ? sentence({ code, message: plain }) : t(known);
  return <span title={code}>{text}</span>;
}
