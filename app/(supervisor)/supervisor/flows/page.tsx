'use client';
/** Flow of funds (V-10). What is asked stands in the address, so that it can be sent and kept. */
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { shortId } from '#app/_client/format.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Empty } from '#app/_components/empty.tsx';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded } from '#app/_components/loaded.tsx';
import { useNow } from '#app/_components/providers.tsx';
import { Button, Chip, Field, PageTitle, Panel, Segments, Skeleton, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useRowKeys } from '#app/_components/use-row-keys.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import type { FundsFlow, FundsKind } from '#server/trpc/views.ts';
import { FundsGraph } from './funds-graph.tsx';
import { FundsTables } from './funds-tables.tsx';
import { isBalanced } from './funds-words.ts';

const KINDS = ['trade', 'item', 'person', 'day'] as const satisfies readonly FundsKind[];
const MOST_STEPS = 8;
const STARTS = 12;
const LOOK_BACK_MS = 30 * 86_400_000;
type Asked = { readonly kind: FundsKind; readonly id: string; readonly back: number; readonly forth: number };

export default function FlowsPage() {
  return (
    <Suspense fallback={<Skeleton className="h-[70vh]" />}>
      <Flows />
    </Suspense>
  );
}

function stepsOf(text: string | null): number {
  const steps = Number(text ?? '2');
  return Number.isInteger(steps) && steps >= 0 && steps <= MOST_STEPS ? steps : 2;
}

function Flows() {
  const t = useTranslations('funds');
  const router = useRouter();
  const address = useSearchParams();
  const asked: Asked = {
    kind: KINDS.find((kind) => kind === address.get('kind')) ?? 'trade',
    id: address.get('id') ?? '',
    back: stepsOf(address.get('back')),
    forth: stepsOf(address.get('forth')),
  };
  const ask = ({ kind, id, back, forth }: Asked) =>
    router.push(`/supervisor/flows?kind=${kind}&id=${encodeURIComponent(id)}&back=${back}&forth=${forth}`);
  return (
    <div className="space-y-5">
      <PageTitle text={t('title')} />
      <p className="max-w-3xl text-ink-2">{t('lead')}</p>
      <AskForm key={`${asked.kind}${asked.id}`} asked={asked} onAsk={ask} />
      {asked.id === '' ? <Starts onAsk={ask} /> : <Answer asked={asked} onAsk={ask} />}
    </div>
  );
}

function AskForm({ asked, onAsk }: { readonly asked: Asked; readonly onAsk: (asked: Asked) => void }) {
  const t = useTranslations('funds');
  const [kind, setKind] = useState(asked.kind);
  const [id, setId] = useState(asked.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk({ kind, id: id.trim(), back: 2, forth: 2 });
  };
  return (
    <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
      <Segments label={t('from')} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
      <div className="min-w-0 flex-1 basis-72">
        <Field
          label={t('reference')}
          value={id}
          placeholder={t(`referenceHint.${kind}`)}
          onChange={(event) => setId(event.target.value)}
          required
        />
      </div>
      <Button tone="primary" type="submit">
        {t('show')}
      </Button>
    </form>
  );
}

/** Nobody knows a reference by heart: the day itself and the largest trades of the last thirty days are one press away. */
function Starts({ onAsk }: { readonly onAsk: (asked: Asked) => void }) {
  const t = useTranslations('funds');
  const supervisor = useTranslations('supervisor');
  const now = useNow(60_000);
  const today = now === null ? null : beijingDate(instant(now));
  const period = now === null ? '' : `${beijingDate(instant(now - LOOK_BACK_MS))}..${today}`;
  const rows = useQuery({
    queryKey: ['tileRows', 'trades', period],
    queryFn: () => staffApi.supervisor.tileRows({ tile: 'trades', period }),
    enabled: today !== null,
  });
  const trades = rows.data?.rows.toSorted((a, b) => Number(BigInt(b.value) - BigInt(a.value))).slice(0, STARTS) ?? [];
  const { box } = useRowKeys<HTMLTableSectionElement>({ keys: trades.map(({ id }) => id) });
  return (
    <Panel
      title={t('start')}
      aside={
        today === null ? null : <Button onClick={() => onAsk({ kind: 'day', id: today, back: 1, forth: 1 })}>{t('startToday')}</Button>
      }
      flush
    >
      <Loaded query={rows} skeleton={<Skeleton className="h-80" />}>
        {() =>
          trades.length === 0 ? (
            <Empty title={supervisor('tradesEmpty')} text={t('startText')} />
          ) : (
            <table className="data-table as-cards">
              <thead>
                <tr>
                  <th>{t('kind.trade')}</th>
                  <th>{supervisor('about')}</th>
                  <th>{supervisor('time')}</th>
                  <th className="end">{supervisor('amount')}</th>
                </tr>
              </thead>
              <tbody ref={box}>
                {trades.map((trade) => (
                  <tr key={trade.id} data-row-key={trade.id}>
                    <td>
                      <TextLink href={`/supervisor/flows?kind=trade&id=${trade.id}&back=2&forth=2`} className="font-mono text-xs">
                        {shortId(trade.id)}
                      </TextLink>
                    </td>
                    <td data-label={supervisor('about')}>{trade.names === null ? null : <ItemName names={trade.names} />}</td>
                    <td data-label={supervisor('time')}>{trade.at === null ? null : <Time at={trade.at} />}</td>
                    <td data-label={supervisor('amount')} className="end">
                      <Yuan fen={trade.value} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Answer({ asked, onAsk }: { readonly asked: Asked; readonly onAsk: (asked: Asked) => void }) {
  const flow = useQuery({ queryKey: ['funds', asked], queryFn: () => staffApi.funds.flow(asked), retry: false });
  return (
    <Loaded query={flow} skeleton={<Skeleton className="h-[60vh]" />}>
      {(data) => <Flow flow={data} asked={asked} onAsk={onAsk} />}
    </Loaded>
  );
}

function Flow({ flow, asked, onAsk }: { readonly flow: FundsFlow; readonly asked: Asked; readonly onAsk: (asked: Asked) => void }) {
  const t = useTranslations('funds');
  if (flow.edges.length === 0) return <Empty title={t('empty')} text={t('emptyText')} />;
  const hasBalance = isBalanced(flow);
  const choose = (acct: string) => onAsk({ kind: 'person', id: acct, back: 1, forth: 1 });
  const step = (label: 'back' | 'backLess' | 'forth' | 'forthLess', side: 'back' | 'forth', by: 1 | -1) => (
    <Button
      onClick={() => onAsk({ ...asked, [side]: asked[side] + by })}
      disabled={asked[side] + by < 0 || asked[side] + by > MOST_STEPS}
      data-step={label}
    >
      {t(label)}
    </Button>
  );
  return (
    <div className="space-y-5">
      <div className="flex flex-wrap items-center gap-2" aria-live="polite">
        {step('back', 'back', 1)}
        {step('backLess', 'back', -1)}
        {step('forthLess', 'forth', -1)}
        {step('forth', 'forth', 1)}
        <span className="text-[13px] text-ink-2">{t('steps', { back: String(flow.back), forth: String(flow.forth) })}</span>
        <Chip tone={hasBalance ? 'good' : 'bad'}>{hasBalance ? t('balanced', { count: String(flow.nodes.length) }) : t('unbalanced')}</Chip>
      </div>
      {flow.isCut ? <p className="text-[13px] text-amber">{t('isCut')}</p> : null}
      <p className="flex flex-wrap gap-x-5 text-[13px] text-ink-2">
        <span>
          {t('seed')} <Yuan fen={flow.seedFen} />
        </span>
        {flow.taxUncoveredFen === '0' ? null : (
          <span>
            {t('uncovered')} <Yuan fen={flow.taxUncoveredFen} />
          </span>
        )}
      </p>
      <Panel title={t('graph')} flush>
        <FundsGraph flow={flow} />
      </Panel>
      <FundsTables flow={flow} onChoose={choose} />
    </div>
  );
}
