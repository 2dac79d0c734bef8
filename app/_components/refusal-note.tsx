'use client';
/** A refusal as people read it: one sentence that says what to do, the code, a trace id to copy. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { refusalsZh } from '#app/_client/messages/refusals.ts';
import { useServerSentences } from '#app/_client/server-sentences.ts';
import type { Refusal } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';
import { CopyButton, TextLink } from './ui.tsx';

const isOwn = (code: string): code is keyof typeof refusalsZh => Object.hasOwn(refusalsZh, code);

export function useRefusalSentence(): (refusal: Pick<Refusal, 'code' | 'message'>) => string {
  const t = useTranslations('refusal');
  const { locale } = usePreferences();
  const inChinese = useServerSentences();
  return ({ code, message }) => {
    if (isOwn(code)) return t(code);
    const sentence = locale === 'zh-CN' ? inChinese(code) : null;
    if (sentence !== null) return sentence;
    return message === '' ? t('unknown_failure') : message;
  };
}

export function RefusalNote({ refusal, children }: { readonly refusal: Refusal; readonly children?: ReactNode }) {
  const t = useTranslations('panel');
  const sentence = useRefusalSentence();
  return (
    <div role="alert" className="flex gap-3 rounded-md border border-red/40 bg-red-soft p-3 text-ink">
      <TriangleAlert size={18} className="mt-0.5 flex-none text-red" aria-hidden />
      <div className="min-w-0 space-y-1">
        <p>{sentence(refusal)}</p>
        <p className="flex flex-wrap items-center gap-x-3 text-xs text-ink-2">
          <span>
            {t('code')} <code>{refusal.code}</code>
          </span>
          {refusal.traceId === '' ? null : (
            <span className="inline-flex min-w-0 items-center gap-1">
              {t('trace')} <code className="min-w-0 break-all">{refusal.traceId}</code> <CopyButton text={refusal.traceId} />
            </span>
          )}
        </p>
        {refusal.facts?.ruleId === undefined ? null : (
          <p className="text-xs text-ink-2">
            {t('rule')} <code>{refusal.facts.ruleId}</code> <span lang="en">{refusal.facts.citation}</span>{' '}
            <TextLink href="/rules">{t('rules')}</TextLink>
          </p>
        )}
        {children}
      </div>
    </div>
  );
}
