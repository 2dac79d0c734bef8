/**
 * What the institution keeps of a sale that is paid out (rulebook 2.6.2, 6.6; experiment X1): the seller's estimated taxes, in the seller's own
 * sub-account. It belongs to the commit of the payout: proceeds come free and the reserve is kept together, or neither.
 */
import type { TradeId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import { keepsReserve, reserveParts, triesReserve } from '#sandbox/experiments/tax-reserve.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { Tx } from '#server/db.ts';
import type { Experiments } from '#server/exchange/experiments.ts';
import { message } from '#server/exchange/messages.ts';
import type { DueTrade } from '#server/exchange/trade-clocks.repo.ts';
import { type JournalEntry, potOf, transferEntry } from '#server/journal/journal.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { insertReserves, isCovered, listReservable, type NewReserve, type Reservable } from './reserves.repo.ts';

/** Amounts by sale; a sale that is not there keeps nothing. */
export type Kept = { readonly bySale: ReadonlyMap<TradeId, bigint>; readonly messages: readonly NewMessage[] };

/** Only while the experiment tests: paused, it begins nothing new, and ended there is no ground to keep anything (rulebook 6.4). */
export async function keepReserves(tx: Tx, experiments: Pick<Experiments, 'find'>, due: readonly DueTrade[], now: Instant): Promise<Kept> {
  const running = due.flatMap((trade) => {
    const experiment = trade.experimentId === null ? null : (experiments.find(trade.experimentId)?.experiment ?? null);
    return experiment !== null && triesReserve(experiment) && isRunning(experiment, now) ? [{ trade, experiment }] : [];
  });
  if (running.length === 0) return { bySale: new Map(), messages: [] };
  const reservable = await listReservable(
    tx,
    running.map(({ trade }) => trade.tradeId),
  );
  const kept: NewReserve[] = [];
  for (const { trade, experiment } of running) {
    const facts = reservable.get(trade.tradeId);
    if (facts !== undefined && keepsReserve(experiment, facts.arm)) kept.push(...(await partsOf(tx, trade, facts, now)));
  }
  await insertReserves(tx, kept, now);
  const bySale = new Map<TradeId, bigint>();
  for (const { tradeId, part } of kept) bySale.set(tradeId, (bySale.get(tradeId) ?? 0n) + part.amountFen);
  return { bySale, messages: [...kept.map((reserve) => supervisorMessage(reserve, now)), ...notices(running, bySale, now)] };
}

function isRunning({ status, period }: Experiment, now: Instant): boolean {
  const today = beijingDate(now);
  return status === 'TESTING' && period.start <= today && today <= period.end;
}

/** What is filed already, or would come free at once, is not kept. */
async function partsOf(tx: Tx, trade: DueTrade, { lines, packHash }: Reservable, now: Instant): Promise<readonly NewReserve[]> {
  const { tradeId, seller, experimentId, settledAt, netFen } = trade;
  const pack = findPackByHash(packHash);
  if (pack === null || settledAt === null || experimentId === null) return [];
  const soldOn = beijingDate(settledAt);
  const month = soldOn.slice(0, 'yyyy-mm'.length);
  const kept: NewReserve[] = [];
  for (const part of reserveParts({ lines, payoutFen: netFen, paidAt: settledAt }, pack)) {
    if (part.freeAt <= now || (await isCovered(tx, { acct: seller, tax: part.tax, month, soldOn }))) continue;
    kept.push({ tradeId, experimentId, acct: seller, month, soldOn, part });
  }
  return kept;
}

function notices(running: readonly { readonly trade: DueTrade }[], bySale: Kept['bySale'], now: Instant): readonly NewMessage[] {
  return running.flatMap(({ trade: { tradeId, seller } }) => {
    const amount = bySale.get(tradeId);
    return amount === undefined ? [] : [noticeTo(seller, 'reserve_kept', now, { tradeId, amountFen: String(amount), link: '/money' })];
  });
}

function supervisorMessage({ tradeId, experimentId, acct, part }: NewReserve, now: Instant): NewMessage {
  return message('sup:tax', 'sbx.reserve', now, {
    tradeId,
    experimentId,
    amountFen: String(part.amountFen),
    sellerRef: acct,
    tax: part.tax,
    state: 'kept',
    dueOn: part.dueOn,
    freeAt: toIso(part.freeAt),
    cause: null,
  });
}

/** The proceeds of a sale come free, but for what is kept of them. */
export function payoutEntries({ tradeId, seller, netFen }: DueTrade, keptFen: bigint, now: Instant): readonly JournalEntry[] {
  const coming = potOf('coming', seller);
  const free = { from: coming, to: potOf('available', seller), amountFen: netFen - keptFen };
  const kept = { from: coming, to: potOf('reserve', seller), amountFen: keptFen };
  return [
    ...(free.amountFen === 0n ? [] : [transferEntry('payout', now, { tradeId }, free)]),
    ...(keptFen === 0n ? [] : [transferEntry('reserve', now, { tradeId }, kept)]),
  ];
}
