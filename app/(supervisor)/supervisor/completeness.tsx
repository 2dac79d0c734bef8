'use client';
/** Complete, catching up, or broken, by the room's own numbers and against the ledger: in a word, a sign and a colour, with the proof to save
 *  (V-04). Each has the room of its two lines from the beginning: what stands below must not move when the words grow. */
import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { FeedState } from '#app/_client/feed.ts';
import { formatCount, formatTime, shortId } from '#app/_client/format.ts';
import type { LedgerState } from '#app/_client/ledger-watch.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { Link } from '#app/_components/link.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Button } from '#app/_components/ui.tsx';
import { useRoomName } from '#app/_components/use-code-name.ts';

/** Where the rooms and the ledger stand side by side. */
export function CompletenessBar({ children }: { readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-5 gap-y-1 border-b border-line px-4 py-1.5 text-xs leading-[18px] md:grid-cols-2 xl:grid-cols-4">
      {children}
    </div>
  );
}

const CELL = 'min-h-9 [&>svg]:me-1 [&>svg]:inline [&>svg]:align-[-3px]';

export function Completeness({ room, state }: { readonly room: string; readonly state: FeedState }) {
  const t = useTranslations('supervisor');
  const { locale } = usePreferences();
  const roomName = useRoomName();
  const name = (
    <span className="text-ink-2" title={room}>
      {roomName(room)}
    </span>
  );
  if (state.kind === 'broken') {
    const { fault } = state;
    return (
      <p className="col-span-full flex flex-wrap items-center gap-2 text-red" role="alert" data-feed="broken" data-room={room}>
        <CircleX size={16} aria-hidden /> {name} {t('gap', { seq: formatCount(fault.seq) })} <code>{fault.code}</code>
        <Button
          onClick={() => saveFile(`feed-${room.replace(':', '-')}-${fault.seq}.json`, JSON.stringify(fault, null, 2), 'application/json')}
        >
          {t('proof')}
        </Button>
      </p>
    );
  }
  if (state.kind === 'complete') {
    return (
      <p className={`${CELL} text-green`} data-feed="complete" data-room={room}>
        <CircleCheck size={16} aria-hidden /> {name}{' '}
        {state.seq === 0
          ? t('waiting')
          : t('complete', {
              seq: formatCount(state.seq),
              time: state.signedAt === null ? '…' : formatTime(locale, state.signedAt, 'clock'),
            })}
        {state.seq > 0 && state.fromSeq > 1 ? (
          <span className="ms-1.5 text-xs text-ink-3" title={t('checkedFromMore')} data-checked-from={state.fromSeq}>
            {t('checkedFrom', { seq: formatCount(state.fromSeq) })}
          </span>
        ) : null}
      </p>
    );
  }
  return (
    <p className={`${CELL} text-amber`} data-feed={state.kind} data-room={room}>
      <LoaderCircle size={16} className="animate-spin" aria-hidden /> {name}{' '}
      {state.kind === 'connecting' ? t('connecting') : `${t('catching')} ${formatCount(state.seq)} / ${formatCount(state.headSeq)}`}
    </p>
  );
}

/** So many of the trades are named on the line; the proof has more. */
const NAMED = 3;

export function AgainstLedger({ state }: { readonly state: LedgerState }) {
  const t = useTranslations('supervisor');
  const { locale } = usePreferences();
  const name = <span className="text-ink-2">{t('ledger')}</span>;
  switch (state.kind) {
    case 'missing':
      return (
        <p className="col-span-full flex flex-wrap items-center gap-2 text-red" role="alert" data-ledger="missing">
          <CircleX size={16} aria-hidden /> {name} {t('ledgerMissing', { count: formatCount(state.trades.length) })}
          {state.trades.slice(0, NAMED).map(({ tradeId, height }) => (
            <Link key={tradeId} href={`/supervisor/trades/${tradeId}`} className="underline" data-trade={tradeId}>
              {t('ledgerTrade', { trade: shortId(tradeId, 12, 4), height: formatCount(height) })}
            </Link>
          ))}
          <Button onClick={() => void state.proof().then((text) => saveFile('feed-ledger.json', text, 'application/json'))}>
            {t('proof')}
          </Button>
        </p>
      );
    case 'unproven':
      return (
        <p className="col-span-full flex flex-wrap items-center gap-2 text-red" role="alert" data-ledger="unproven">
          <CircleX size={16} aria-hidden /> {name} {t('ledgerUnproven')} <code>{state.code}</code>
        </p>
      );
    case 'complete':
      return (
        <p className={`${CELL} text-green`} title={state.chain} data-ledger="complete" data-height={String(state.height)}>
          <CircleCheck size={16} aria-hidden /> {name}{' '}
          {t('ledgerComplete', {
            height: formatCount(state.height),
            time: formatTime(locale, new Date(state.sealedMs).toISOString(), 'clock'),
          })}
          <span className="ms-1.5 text-xs text-ink-3" data-compared={state.count}>
            {state.fromHeight === null
              ? t('ledgerNone')
              : t('ledgerFrom', { count: formatCount(state.count), height: formatCount(state.fromHeight) })}
          </span>
        </p>
      );
    case 'unreachable':
    case 'reading':
      return (
        <p className={`${CELL} text-amber`} data-ledger={state.kind}>
          <LoaderCircle size={16} className="animate-spin" aria-hidden /> {name}{' '}
          {t(state.kind === 'reading' ? 'ledgerReading' : 'ledgerUnreachable')}
        </p>
      );
  }
}
