'use client';
/** One decision: what was attempted, and one press away how it was decided and which trades came of it (V-09, Q-06). */
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { shortId } from '#app/_client/format.ts';
import { knownCode } from '#app/_client/messages/codes.ts';
import { reviewsZh } from '#app/_client/messages/reviews.ts';
import { useName } from '#app/_components/item-art.tsx';
import { Button, Chip, Id, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useCitation } from '#app/_components/use-citation.ts';
import type { DecisionReason, RuledDecision } from '#server/trpc/views.ts';

const TONE = { review: 'wait', deny: 'bad', allow: 'good' } as const;

export function DecisionRow({ row, onKind }: { readonly row: RuledDecision; readonly onKind?: () => void }) {
  const t = useTranslations();
  const name = useName();
  const codeName = useDecisionCode();
  return (
    <li data-decision={row.id}>
      <details className="group">
        <summary
          data-row-key={row.id}
          className="flex min-h-11 cursor-pointer list-none flex-wrap items-center gap-x-4 gap-y-1 px-3 py-1.5 -outline-offset-2 hover:bg-sunk lg:grid lg:grid-cols-[16px_minmax(0,1.2fr)_110px_minmax(0,1fr)_auto_92px] [&::-webkit-details-marker]:hidden"
        >
          <ChevronRight size={15} aria-hidden className="flex-none text-ink-3 transition-transform group-open:rotate-90" />
          <span className="min-w-0 flex-1 basis-44 font-medium">
            {row.names === null ? shortId(row.classId) : name(row.names)}
            <span className="ms-2 text-[13px] font-normal text-ink-2">
              {row.intent === 'gift' ? t('reviews.gift') : t(`intent.${row.intent}`)}
              {row.quantity > 1 ? ` × ${row.quantity}` : ''}
            </span>
          </span>
          <span className="hidden font-mono text-xs text-ink-3 lg:block">{shortId(row.acctRef)}</span>
          <span className="flex flex-wrap gap-1">
            {row.reasons.map(({ code }) => (
              <Chip key={code} tone={TONE[row.kind]}>
                {codeName(code)}
              </Chip>
            ))}
            {row.reasons.length === 0 ? <Chip tone={TONE[row.kind]}>{t(`reviews.kind.${row.kind}`)}</Chip> : null}
          </span>
          <span className="num text-end lg:min-w-52">
            <Yuan fen={row.priceFen} className="font-semibold" />
            <Away row={row} />
          </span>
          <span className="text-xs text-ink-3 lg:text-end">
            <Time at={row.at} />
          </span>
        </summary>
        <div className="space-y-4 border-t border-line bg-sunk p-4 text-[13px]">
          <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2 lg:grid-cols-4">
            <Fact label={t('reviews.person')}>
              <TextLink href={`/supervisor/people/${row.acctRef}`} className="font-mono">
                {shortId(row.acctRef)}
              </TextLink>{' '}
              · {t(`reviews.side.${row.side}`)}
            </Fact>
            <Fact label={t('reviews.reference')}>
              {row.referenceFen === null ? t('reviews.noReference') : <Yuan fen={row.referenceFen} />}
            </Fact>
            <Fact label={t('reviews.stage.order')}>
              {row.orderId === null ? t(`reviews.stage.${row.stage}`) : <Id value={row.orderId} />}{' '}
              {row.orderState === null ? null : <Chip>{t(`orderState.${row.orderState}`)}</Chip>}
            </Fact>
            <Fact label={t('reviews.outcome')}>{row.outcome === 'placed' ? t('reviews.placed') : <code>{row.outcome}</code>}</Fact>
            {row.experimentId === null ? null : (
              <Fact label={t('reviews.experiment')}>
                <TextLink href={`/supervisor/experiments/${row.experimentId}`}>{row.experimentId}</TextLink>
              </Fact>
            )}
          </dl>
          <Trace row={row} />
          <Trades row={row} />
          {onKind === undefined ? null : <Button onClick={onKind}>{t('reviews.onlyKind')}</Button>}
        </div>
      </details>
    </li>
  );
}

function useDecisionCode(): (code: string) => string {
  const t = useTranslations('reviews.code');
  return (code) => {
    const known = knownCode(reviewsZh.reviews.code, code);
    return known === null ? code : t(known);
  };
}

/** Of the reference price, in whole per cent. */
function Away({ row: { priceFen, referenceFen } }: { readonly row: RuledDecision }) {
  const t = useTranslations('reviews');
  if (referenceFen === null || BigInt(referenceFen) === 0n) return null;
  const percent = ((BigInt(priceFen) - BigInt(referenceFen)) * 100n) / BigInt(referenceFen);
  if (percent === 0n) return null;
  const sign = percent > 0n ? '+' : '−';
  return <span className="block text-xs text-ink-3">{t('times', { percent: `${sign}${percent < 0n ? -percent : percent} %` })}</span>;
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}

function Trace({ row }: { readonly row: RuledDecision }) {
  const t = useTranslations();
  const codeName = useDecisionCode();
  const citation = useCitation();
  return (
    <section aria-label={t('reviews.trace')} className="space-y-2">
      <h3 className="font-semibold">{t('reviews.trace')}</h3>
      <ol className="space-y-2">
        {row.reasons.map((reason) => (
          <li key={reason.code} className="rounded-md border border-line bg-card p-3">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{codeName(reason.code)}</span>
              <code className="text-xs text-ink-3">{reason.ruleId}</code>
              <Chip>{t(`reviews.kind.${reason.weight}`)}</Chip>
            </p>
            <p className="text-ink-2">{citation(reason.citation)}</p>
            <Figures facts={reason.facts} />
          </li>
        ))}
      </ol>
      <p className="flex flex-wrap items-center gap-1 text-xs text-ink-3">
        {t('reviews.pack')} <Id value={row.packHash} />
      </p>
    </section>
  );
}

function Figures({ facts }: { readonly facts: DecisionReason['facts'] }) {
  const rows = Object.entries(facts);
  if (rows.length === 0) return null;
  return (
    <dl className="num mt-1 flex flex-wrap gap-x-6 gap-y-1 text-xs">
      {rows.map(([key, value]) => (
        <div key={key} className="flex gap-1.5">
          <dt className="font-mono text-ink-3">{key}</dt>
          <dd className="break-all">{/Fen$/.test(key) && /^\d+$/.test(value) ? <Yuan fen={value} /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Trades({ row }: { readonly row: RuledDecision }) {
  const t = useTranslations();
  return (
    <section aria-label={t('reviews.trades')} className="space-y-1">
      <h3 className="font-semibold">{t('reviews.trades')}</h3>
      {row.trades.length === 0 ? <p className="text-ink-2">{t('reviews.noTrade')}</p> : null}
      <ul className="space-y-1">
        {row.trades.map((trade) => (
          <li key={trade.tradeId} className="flex flex-wrap items-center gap-x-3">
            <TextLink href={`/supervisor/trades/${trade.tradeId}`} className="inline-flex min-h-11 items-center font-mono sm:min-h-7">
              {shortId(trade.tradeId)}
            </TextLink>
            <Yuan fen={trade.priceFen} />
            <Chip>{t(`tradeState.${trade.state}`)}</Chip>
            {trade.settledAt === null ? null : <Time at={trade.settledAt} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
