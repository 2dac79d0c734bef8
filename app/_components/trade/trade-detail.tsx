'use client';
/** One trade whole (P-30): state line, quote against settlement, tax trace, money legs, ledger entry, receipt. Also the look-through of a
 *  supervisor. */
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { formatBps, shortId } from '#app/_client/format.ts';
import { orgName } from '#app/_client/org-words.ts';
import { saveFile } from '#app/_client/save-file.ts';
import type { MoneyLeg, Refusal, TradeState, TradeView } from '#server/trpc/views.ts';
import { ObjectionButton } from '../claims/objection-button.tsx';
import { TradeClaim } from '../claims/trade-claim.tsx';
import { EndReason } from '../end-reason.tsx';
import { useHomeHead } from '../home-head.ts';
import { ItemName, KindLine, useName } from '../item-art.tsx';
import { useNow, usePreferences } from '../providers.tsx';
import { RefusalNote } from '../refusal-note.tsx';
import { Restrictions } from '../restrictions.tsx';
import { TraceBody } from '../tax-trace.tsx';
import { Button, Chip, type ChipTone, Id, PageTitle, Panel, TextLink, Time, Yuan } from '../ui.tsx';
import { EvidenceButton } from './evidence-button.tsx';
import { OutsidePayment } from './outside-payment.tsx';

export const TRADE_TONE: Record<TradeState, ChipTone> = {
  reserved: 'wait',
  publicity: 'wait',
  settled: 'accent',
  certified: 'good',
  protected: 'wait',
  paid_out: 'good',
  disputed: 'bad',
  reversed: 'bad',
  failed: 'bad',
};

export function TradeDetail({ trade, isNarrow = false }: { readonly trade: TradeView; readonly isNarrow?: boolean }) {
  const t = useTranslations();
  const name = useName();
  return (
    <div className="space-y-5">
      {isNarrow ? null : <PageTitle text={`${t('trade.title')} · ${name(trade.names)}`} />}
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="min-w-0 flex-1 text-lg font-bold">
          <KindLine href={`/c/${trade.classId}`} names={trade.names} icon={trade.icon} rarity={trade.rarity} note={`× ${trade.quantity}`} />
        </h1>
        <span className="text-xl font-bold">
          <Yuan fen={trade.grossFen} />
        </span>
        <Chip tone={TRADE_TONE[trade.state]}>{t(`tradeState.${trade.state}`)}</Chip>
      </header>
      <StateLine trade={trade} />
      <TradeClaim trade={trade} />
      {trade.state === 'publicity' && trade.side === 'none' ? <ObjectionButton subjectId={trade.tradeId} /> : null}
      {trade.side === 'none' ? null : <Restrictions targetIds={trade.items.map(({ itemId }) => itemId)} />}
      {trade.payment === null ? null : <OutsidePayment trade={trade} payment={trade.payment} />}
      <div className={clsx('grid items-start gap-5', !isNarrow && 'lg:grid-cols-2')}>
        <div className="min-w-0 space-y-5">
          <Settlement trade={trade} />
          <Legs trade={trade} />
        </div>
        <div className="min-w-0 space-y-5">
          <Ledger trade={trade} />
          {trade.assessment === null ? null : (
            <Panel title={t('trace.heading')}>
              <TraceBody assessment={trade.assessment} />
              {trade.assessmentHistory.length > 1 ? (
                <div className="mt-3">
                  <h3 className="text-[13px] font-semibold">{t('trace.history')}</h3>
                  <ul className="text-[13px]">
                    {trade.assessmentHistory.map((row) => (
                      <li key={row.version} className="flex justify-between gap-3">
                        <span>
                          {t('trace.version', { version: row.version })} · <Time at={row.at} /> · <code>{row.cause}</code>
                        </span>
                        <Yuan fen={row.totalFen} />
                      </li>
                    ))}
                  </ul>
                </div>
              ) : null}
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

const LINE: readonly TradeState[] = ['reserved', 'settled', 'certified', 'protected', 'paid_out'];

/** The usual way with what has happened on it; what went another way is shown as it happened. */
function StateLine({ trade }: { readonly trade: TradeView }) {
  const t = useTranslations();
  const done = new Map(trade.history.map((step) => [step.state, step.at]));
  const ahead = ['reversed', 'failed', 'disputed'].includes(trade.state)
    ? []
    : LINE.filter((state) => !done.has(state) && LINE.indexOf(state) > LINE.indexOf(trade.state));
  const states = [...trade.history.map((step) => step.state), ...ahead];
  return (
    <Panel title={t('trade.progress')}>
      <ol className="grid gap-x-1 gap-y-3 sm:auto-cols-fr sm:grid-flow-col">
        {states.map((state, index) => {
          const at = done.get(state);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a state may come twice, its place in the line tells them apart
              key={`${state}-${index}`}
              aria-current={state === trade.state ? 'step' : undefined}
              data-state={state}
              className={clsx(
                'border-s-4 ps-2 sm:border-s-0 sm:border-t-4 sm:ps-0 sm:pt-2',
                at === undefined ? 'border-line text-ink-3' : 'border-accent',
              )}
            >
              <p className={clsx('font-medium', state === trade.state && 'text-accent')}>{t(`tradeState.${state}`)}</p>
              <p className="text-xs text-ink-3">{at === undefined ? '—' : <Time at={at} />}</p>
            </li>
          );
        })}
      </ol>
      {trade.deadlineAt === null ? null : (
        <p className="mt-3 text-[13px] text-ink-2">
          {t('trade.deadline')}: <Time at={trade.deadlineAt} style="full" />
        </p>
      )}
      {trade.state === 'settled' ? <Waiting since={done.get('settled') ?? null} /> : null}
      {trade.reason === null ? null : (
        <p className="mt-2 text-[13px]">
          {t('trade.reason')}: <EndReason code={trade.reason} />
        </p>
      )}
    </Panel>
  );
}

/** Certification takes a second or two; what takes longer than a minute is said in words, with how many members have signed lately (P-30). */
const LONG_MS = 60_000;

function Waiting({ since }: { readonly since: string | null }) {
  const t = useTranslations('trade');
  const now = useNow(5_000);
  const members = useHomeHead()?.members;
  const isLong = since !== null && now !== null && now - Date.parse(since) > LONG_MS;
  return (
    <p role="status" className="mt-2 text-[13px] text-amber" data-waiting={isLong ? 'long' : 'short'}>
      {isLong && members !== undefined
        ? t('waitingLong', { minutes: Math.floor((now - Date.parse(since)) / LONG_MS), signed: members.signed, total: members.total })
        : t('waiting')}
    </p>
  );
}

/** Why it went another way, as a sentence where the code has one. */
function Settlement({ trade }: { readonly trade: TradeView }) {
  const t = useTranslations();
  const quote = trade.quote;
  // A buyer's own quote says what the buyer pays; the seller's side of it is shown as settled.
  const isSellers = quote?.side === 'sell';
  const isSettled = trade.ledger.txId !== '';
  const rows = [
    [t('trade.gross'), quote?.grossFen, trade.grossFen],
    [quote === null ? t('trade.fee') : t('sheet.fee', { rate: formatBps(quote.feeBps) }), quote?.feeFen, trade.feeFen],
    [quote === null ? t('trade.royalty') : t('sheet.royalty', { rate: formatBps(quote.royaltyBps) }), quote?.royaltyFen, trade.royaltyFen],
    [t('trade.net'), isSellers ? quote.youReceiveFen : undefined, trade.sellerNetFen],
  ] as const;
  return (
    <Panel title={t('trade.quoteVsSettlement')} flush>
      <table className="data-table">
        <thead>
          <tr>
            <th>
              <span className="sr-only">{t('trace.line')}</span>
            </th>
            {quote === null ? null : <th className="end">{t('trade.quoted')}</th>}
            <th className="end">{t(isSettled ? 'trade.settled' : 'trade.agreed')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, quoted, settled]) => (
            <tr key={label}>
              <td>{label}</td>
              {quote === null ? null : <td className="end">{quoted === undefined ? '—' : <Yuan fen={quoted} />}</td>}
              <td className="end font-medium">
                <Yuan fen={settled} /> {isSettled && quoted === settled ? <Chip tone="good">{t('trade.same')}</Chip> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="grid grid-cols-2 gap-3 border-t border-line p-4 text-[13px]">
        <Party label={t('trade.seller')} name={trade.sellerName} reference={trade.sellerRef} isYou={trade.side === 'sell'} />
        <Party label={t('trade.buyer')} name={trade.buyerName} reference={trade.buyerRef} isYou={trade.side === 'buy'} />
        {trade.payoutAt === null ? null : (
          <div>
            <dt className="text-ink-3">{t('sheet.payoutAt')}</dt>
            <dd>
              <Time at={trade.payoutAt} style="full" />
            </dd>
            {trade.payoutHold === null ? null : (
              <dd data-payout-hold={trade.payoutHold} className="mt-1 text-amber">
                {t('sheet.payoutHold')}
              </dd>
            )}
          </div>
        )}
        {trade.transferableFrom === null ? null : (
          <div>
            <dt className="text-ink-3">{t('sheet.transferableFrom')}</dt>
            <dd>
              <Time at={trade.transferableFrom} style="full" />
            </dd>
          </div>
        )}
      </dl>
    </Panel>
  );
}

function Party(props: { readonly label: string; readonly name: string; readonly reference: string; readonly isYou: boolean }) {
  const t = useTranslations('trade');
  return (
    <div className="min-w-0">
      <dt className="text-ink-3">{props.label}</dt>
      <dd className="truncate font-medium">
        {props.name} {props.isYou ? <Chip tone="accent">{t('you')}</Chip> : null}
      </dd>
      <dd className="text-xs text-ink-3">
        <Id value={props.reference} />
      </dd>
    </div>
  );
}

function Ledger({ trade }: { readonly trade: TradeView }) {
  const t = useTranslations();
  const { locale } = usePreferences();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { ledger } = trade;
  const save = async () => {
    const [{ findKeptReceipt }, { fromBase64 }] = await Promise.all([
      import('#app/_client/receipt-store.ts'),
      import('#ledger/primitives/bytes.ts'),
    ]);
    // What this browser keeps needs nobody's answer.
    const { file } = (await findKeptReceipt(trade.tradeId).catch(() => null)) ?? (await api.receipt.get(trade.tradeId));
    saveFile(`${trade.tradeId}.plproof`, fromBase64(file), 'application/octet-stream');
  };
  return (
    <Panel
      title={t('trade.ledger')}
      // A receipt opens a party's own fields, so only the parties are given one.
      aside={
        trade.side === 'none' ? null : (
          <span className="flex flex-wrap items-center gap-2">
            {ledger.hasReceipt ? <Kept tradeId={trade.tradeId} /> : null}
            <Button
              disabled={!ledger.hasReceipt}
              title={ledger.hasReceipt ? undefined : t('trade.receiptWait')}
              onClick={() => void save().catch((error: unknown) => setRefusal(readRefusal(error)))}
            >
              <Download size={15} aria-hidden /> {t('trade.receipt')}
            </Button>
            <EvidenceButton subject={{ kind: 'trade', id: trade.tradeId }} disabled={!ledger.hasReceipt} />
          </span>
        )
      }
    >
      {refusal === null ? null : <RefusalNote refusal={refusal} />}
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-[13px]">
        <dt className="text-ink-3">{t('orders.state')}</dt>
        <dd>
          {ledger.txId === '' ? (
            '—'
          ) : (
            <Chip tone={ledger.status === 'certified' ? 'good' : ledger.status === 'refused' ? 'bad' : 'wait'}>
              {t(`ledgerStatus.${ledger.status}`)}
            </Chip>
          )}
        </dd>
        <dt className="text-ink-3">LedgerTx</dt>
        <dd>{ledger.txId === '' ? '—' : <Id value={ledger.txId} head={12} tail={6} />}</dd>
        <dt className="text-ink-3">{t('trade.block')}</dt>
        <dd>{ledger.height === null ? '—' : <TextLink href={`/explorer/blocks/${ledger.height}`}>{ledger.height}</TextLink>}</dd>
        <dt className="text-ink-3">{t('trade.entry')}</dt>
        <dd>{ledger.index === null ? '—' : <TextLink href={`/explorer/entries/${ledger.index}`}>{ledger.index}</TextLink>}</dd>
        <dt className="text-ink-3">{t('trade.signers')}</dt>
        <dd>{ledger.signers.length === 0 ? '—' : ledger.signers.map((org) => orgName(org, locale)).join(locale === 'en' ? ', ' : '、')}</dd>
        <dt className="text-ink-3">{t('trade.items')}</dt>
        <dd className="flex flex-wrap gap-x-3">
          {trade.items.map(({ itemId, serialNo }) => (
            <TextLink key={itemId} href={`/i/${itemId}`}>
              {t('item.serial', { number: serialNo })}
            </TextLink>
          ))}
        </dd>
        {trade.experimentLabel === null || trade.experimentId === null ? null : (
          <>
            <dt className="text-ink-3">{t('nav.experiment')}</dt>
            <dd>
              <TextLink href={`/experiments/${trade.experimentId}`}>{trade.experimentId}</TextLink>{' '}
              <ItemName names={trade.experimentLabel} />
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

const LOOK_AGAIN_MS = 2_000;

/** Says when this browser has kept the receipt (P-31). */
function Kept({ tradeId }: { readonly tradeId: string }) {
  const t = useTranslations('trade');
  const kept = useQuery({
    queryKey: ['keptReceipt', tradeId],
    queryFn: async () => (await import('#app/_client/receipt-store.ts')).findKeptReceipt(tradeId),
    refetchInterval: ({ state }) => (state.data == null ? LOOK_AGAIN_MS : false),
    networkMode: 'always',
  });
  return kept.data == null ? null : <Chip tone="good">{t('kept')}</Chip>;
}

function Legs({ trade }: { readonly trade: TradeView }) {
  const t = useTranslations('trade');
  const amount = useTranslations('trace')('amount');
  const nameOf = (leg: MoneyLeg, reference: string) => {
    if (reference === trade.sellerRef) return trade.sellerName;
    if (reference === trade.buyerRef) return trade.buyerName;
    return reference === 'operator' ? t('operator') : leg.kind === 'royalty' ? t('studio') : shortId(reference);
  };
  return (
    <Panel title={t('legs')} flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('reason')}</th>
            <th>{t('from')}</th>
            <th>{t('to')}</th>
            <th className="end">{amount}</th>
          </tr>
        </thead>
        <tbody>
          {trade.legs.map((leg, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: legs are a fixed history without ids
            <tr key={index}>
              <td>{t(`legKind.${leg.kind}`)}</td>
              <td data-label={t('from')} className="sm:max-w-40 sm:truncate">
                {nameOf(leg, leg.fromRef)}
              </td>
              <td data-label={t('to')} className="sm:max-w-40 sm:truncate">
                {nameOf(leg, leg.toRef)}
              </td>
              <td data-label={amount} className="end">
                <Yuan fen={leg.amountFen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
