'use client';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatYuan } from '#app/_client/format.ts';
import { codesZh, knownCode } from '#app/_client/messages/codes.ts';
import { ItemName } from '#app/_components/item-art.tsx';
import { Loaded, SignInFirst } from '#app/_components/loaded.tsx';
import { useMe } from '#app/_components/session.tsx';
import { Chip, type ChipTone, PageTitle, Panel, Skeleton, Stat, TextLink, Time, Yuan } from '#app/_components/ui.tsx';
import { useRoom } from '#app/_components/use-room.ts';
import type { Me, MoneyView, Transfer } from '#server/trpc/views.ts';
import { Reserve } from './reserve.tsx';
import { TransferForm } from './transfer-form.tsx';

const TONE: Record<Transfer['state'], ChipTone> = { requested: 'wait', processing: 'wait', paid: 'good', failed: 'bad' };

export default function MoneyPage() {
  const t = useTranslations('money');
  const me = useMe();
  useRoom('/player', me ? `player:${me.acct}` : null, [['money']]);
  const money = useQuery({
    queryKey: ['money'],
    queryFn: () => api.money.get(),
    enabled: me !== null && me !== undefined,
    refetchInterval: 5_000,
  });
  if (me === null) return <SignInFirst />;
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <h1 className="text-xl font-bold">{t('title')}</h1>
      <Loaded query={money} skeleton={<Skeleton className="h-[640px]" />}>
        {(data) => (me ? <Body me={me} money={data} /> : null)}
      </Loaded>
    </div>
  );
}

function Body({ me, money }: { readonly me: Me; readonly money: MoneyView }) {
  const t = useTranslations('money');
  const provider = useTranslations('code.provider');
  const reserves = useTranslations('reserves');
  const differs = money.differenceFen !== '0';
  return (
    <div className="space-y-5">
      <section className="notch border border-line bg-card p-5">
        <dl className={`grid grid-cols-1 gap-4 ${money.reservedFen === '0' ? 'sm:grid-cols-3' : 'sm:grid-cols-2 lg:grid-cols-4'}`}>
          <Stat label={t('available')} large>
            <Yuan fen={money.availableFen} />
          </Stat>
          <Stat label={t('held')} large>
            <Yuan fen={money.heldFen} />
          </Stat>
          <Stat label={t('coming')} large>
            <Yuan fen={money.comingFen} />
          </Stat>
          {money.reservedFen === '0' ? null : (
            <Stat label={reserves('kept')} large>
              <Yuan fen={money.reservedFen} />
            </Stat>
          )}
        </dl>
        <div className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-3 text-[13px]">
          <span>
            {t('provider', { name: money.isSimulated ? provider('simulated') : money.providerName })}:{' '}
            <Yuan fen={money.providerFen} className="font-semibold" />
          </span>
          {money.isSimulated ? <Chip tone="wait">{t('simulated')}</Chip> : null}
          <Chip tone={differs ? 'bad' : 'good'}>{differs ? t('differs', { amount: formatYuan(money.differenceFen) }) : t('same')}</Chip>
          <span className="text-ink-3">{t('noInterest')}</span>
        </div>
      </section>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <TransferForm me={me} money={money} />
        <Transfers rows={money.transfers} />
        <Held money={money} />
        <Coming money={money} />
      </div>
      <Reserve />
      <Entries money={money} />
    </div>
  );
}

function Transfers({ rows }: { readonly rows: readonly Transfer[] }) {
  const t = useTranslations('money');
  return (
    <Panel title={t('transfers')} flush>
      {rows.length === 0 ? <p className="px-4 py-8 text-center text-ink-2">{t('transfersEmpty')}</p> : null}
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={row.id} className="flex items-center justify-between gap-3 px-4 py-2.5">
            <span>
              <span className="block font-medium">
                {row.tradeId === null ? (
                  t(`transferKind.${row.kind}`)
                ) : (
                  <TextLink href={`/trades/${row.tradeId}`}>{t(`transferKind.${row.kind}`)}</TextLink>
                )}
              </span>
              <span className="text-xs text-ink-3">
                <Time at={row.requestedAt} style="full" />
              </span>
              <TransferReason reason={row.reason} />
            </span>
            <span className="text-end">
              <Yuan fen={row.kind === 'withdrawal' ? -BigInt(row.amountFen) : row.amountFen} className="block font-semibold" />
              <Chip tone={TONE[row.state]}>
                {t(row.kind === 'withdrawal' || row.state !== 'failed' ? `state.${row.state}` : 'notPaid')}
              </Chip>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const REASONS = {
  late_payment_refunding: 'lateRefunding',
  late_payment_refunded: 'lateRefunded',
  timeout: 'unpaid',
  bank_declined: 'declined',
} as const;

/** Why it ended so; what came too late and went back is told here (P-21). */
function TransferReason({ reason }: { readonly reason: string | null }) {
  const t = useTranslations('money');
  const known = reason === null ? null : knownCode(REASONS, reason);
  return known === null ? null : <span className="block text-xs text-amber">{t(REASONS[known])}</span>;
}

function Held({ money }: { readonly money: MoneyView }) {
  const t = useTranslations('money');
  if (money.held.length === 0) return null;
  return (
    <Panel title={t('heldBy')} flush>
      <ul className="divide-y divide-line">
        {money.held.map((row) => (
          <li key={row.orderId} className="flex items-center justify-between gap-3 px-4 py-2.5">
            <TextLink href="/orders">
              <ItemName names={row.names} />
            </TextLink>
            <Yuan fen={row.amountFen} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Coming({ money }: { readonly money: MoneyView }) {
  const t = useTranslations('money');
  const sheet = useTranslations('sheet');
  if (money.coming.length === 0) return null;
  return (
    <Panel title={t('comingBy')} flush>
      <ul className="divide-y divide-line">
        {money.coming.map((row) => (
          <li key={row.tradeId} className="flex items-center justify-between gap-3 px-4 py-2.5">
            <span>
              <TextLink href={`/trades/${row.tradeId}`}>
                <ItemName names={row.names} />
              </TextLink>
              <span className="block text-xs text-ink-3">
                <Time at={row.at} style="full" />
              </span>
              {row.hold === null ? null : <span className="block text-xs text-amber">{sheet('payoutHold')}</span>}
            </span>
            <Yuan fen={row.amountFen} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Entries({ money }: { readonly money: MoneyView }) {
  const t = useTranslations('money');
  const word = useTranslations('code.entry');
  const entryName = (kind: string) => {
    const known = knownCode(codesZh.entry, kind);
    return known === null ? kind : word(known);
  };
  return (
    <Panel title={t('entries')} flush>
      {money.entries.length === 0 ? (
        <p className="px-4 py-8 text-center text-ink-2">{t('entriesEmpty')}</p>
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('when')}</th>
              <th>{t('kind')}</th>
              <th className="end">{t('amount')}</th>
              <th className="end">{t('balance')}</th>
            </tr>
          </thead>
          <tbody>
            {money.entries.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: entries are a fixed history without ids of their own
              <tr key={index}>
                <td data-label={t('when')}>
                  <Time at={row.at} style="full" />
                </td>
                <td data-label={t('kind')}>
                  {row.tradeId === null ? entryName(row.kind) : <TextLink href={`/trades/${row.tradeId}`}>{entryName(row.kind)}</TextLink>}
                </td>
                <td data-label={t('amount')} className="end">
                  <Yuan fen={row.amountFen} />
                </td>
                <td data-label={t('balance')} className="end">
                  <Yuan fen={row.balanceFen} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
