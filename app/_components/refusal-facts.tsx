'use client';
/** A refusal with what it names (place, value, the first trade that differs), for people who work with the rules themselves. */
import { useTranslations } from 'use-intl';
import { knownCode } from '#app/_client/messages/codes.ts';
import { factSentencesZh, refusalFactsZh } from '#app/_client/messages/refusal-facts.ts';
import type { Refusal } from '#server/trpc/views.ts';
import { usePreferences } from './providers.tsx';
import { RefusalNote } from './refusal-note.tsx';

export function RefusalWithFacts({ refusal }: { readonly refusal: Refusal }) {
  const t = useTranslations('refusalFact');
  const { locale } = usePreferences();
  const facts = Object.entries(refusal.facts ?? {});
  const nameOf = (fact: string) => {
    const known = knownCode(refusalFactsZh.refusalFact, fact);
    return known === null ? fact : t(known);
  };
  return (
    <RefusalNote refusal={refusal}>
      {facts.length === 0 ? null : (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-[13px]" data-testid="refusal-facts">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-3">{nameOf(name)}</dt>
              <dd className="break-all">
                <Fact value={value} sentence={locale === 'zh-CN' ? factSentencesZh[value] : undefined} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </RefusalNote>
  );
}

function Fact({ value, sentence }: { readonly value: string; readonly sentence: string | undefined }) {
  return sentence === undefined ? <code>{value}</code> : <span>{sentence}</span>;
}
