'use client';
/** Why an order or a trade ended, in words, with the code beside it for whoever has to ask about it (P-30, P-37). */
import { useTranslations } from 'use-intl';
import { endReasonsZh } from '#app/_client/messages/end-reasons.ts';
import { useRefusalSentence } from './refusal-note.tsx';

const isKnown = (code: string): code is keyof typeof endReasonsZh => Object.hasOwn(endReasonsZh, code);

export function EndReason({ code }: { readonly code: string }) {
  const t = useTranslations('code.endReason');
  const sentence = useRefusalSentence();
  const plain = code.replaceAll('_', ' ');
  const text = isKnown(code) ? t(code) : sentence({ code, message: plain });
  return <span title={code}>{text}</span>;
}
