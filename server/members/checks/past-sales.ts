/** Follows what this member has certified, entry by entry, and keeps its sums: a block later they are one read further. */
import type { Entry } from '#ledger/codec/tx.ts';
import type { CertifiedPast, PastEntry } from '#ledger/node/consortium/certified-past.ts';
import type { CheckSources } from '#ledger/node/consortium/options.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { isZero, toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { DaySums, monthOf, NO_SUMS, type SeenEntry, sumsFor, type TradeSums, windowStart } from './day-sums.ts';
import type { SealedSale } from './sealed-sale.ts';

/** A month's window, and what is late in it. */
const KEPT_MS = 35 * 86_400_000;
/** A sale is protected for a week at most (product 1.6). */
const PROTECTION_MAX_MS = 7 * 86_400_000;
const PAGE = 1_000n;

/** Opens a Trade of the past or of the block; null where it cannot be read here. */
export type ReadSale = (entry: Entry, envelope: Bytes) => SealedSale | null;

export interface PastSales {
  /** By place of a Trade in the block. */
  sumsOf(sources: CheckSources, read: ReadSale, packOf: (hash: Bytes) => RulePack | null): Promise<ReadonlyMap<number, TradeSums>>;
}

export function openPastSales(): PastSales {
  let sums = new DaySums();
  /** Everything sealed from here on is in the sums, up to `next`. */
  let floor: bigint | null = null;
  let next = 0n;
  let isWhole = true;
  let today = '';
  const shown = new Map<string, SealedSale>();

  const follow = async (past: CertifiedPast, since: bigint, read: ReadSale): Promise<void> => {
    if (floor === null || since < floor) {
      const start = await past.since(since);
      sums = new DaySums();
      floor = since;
      next = start.from;
      ({ isWhole } = start);
    }
    while (next < past.logSize) {
      const to = next + PAGE < past.logSize ? next + PAGE : past.logSize;
      const entries = await past.entries(next, to);
      const envelopes = await past.envelopesOf(entries);
      for (const each of entries) take(each, envelopes, read);
      next = to;
    }
  };

  const take = (past: PastEntry, envelopes: ReadonlyMap<string, Bytes>, read: ReadSale): void => {
    const sale = saleOf(past.entry, envelopes, read);
    sums.add(past, sale);
    if (sale !== null) shown.delete(sale.tradeId);
  };

  const forget = (sealedAt: bigint): void => {
    const date = beijingDate(instant(Number(sealedAt)));
    if (date === today) return;
    today = date;
    const oldest = Number(sealedAt) - KEPT_MS;
    sums.forgetBefore(beijingDate(instant(oldest)));
    if (floor !== null && floor < BigInt(oldest)) floor = BigInt(startOfBeijingDate(beijingDate(instant(oldest))));
    for (const [tradeId, { paidAt }] of shown) if (paidAt < oldest) shown.delete(tradeId);
  };

  return {
    async sumsOf({ block, envelopes, past }, read, packOf) {
      const { sealedAt } = block.header;
      const entries = block.entries.map((entry): SeenEntry => ({ index: null, entry, sealedAt }));
      const sales = block.entries.map((entry) => saleOf(entry, envelopes, read));
      const packs = block.entries.map(({ env: { body } }) => (body.op.kind === 'trade' ? packOf(body.op.rulePack) : null));
      if (sales.every((sale) => sale === null)) return new Map();
      await follow(past, sinceOf(sales, packs, sealedAt), read);
      forget(sealedAt);
      const saleAt = (index: bigint) => sums.saleAt(index);
      const all = new DaySums();
      for (const [pos, each] of entries.entries()) all.add(each, sales[pos] ?? null, saleAt);
      const here = new Set(sales.flatMap((sale) => sale?.tradeId ?? []));
      const waiting = [...shown.values()].filter(({ tradeId }) => !here.has(tradeId));
      const before = new DaySums();
      const answer = new Map<number, TradeSums>();
      for (const [pos, each] of entries.entries()) {
        const [sale, pack] = [sales[pos], packs[pos]];
        if (sale && pack) answer.set(pos, sumsFor(sale, pack, { certified: sums, before, block: all, shown: waiting, isWhole }));
        before.add(each, sale ?? null, saleAt);
      }
      for (const sale of sales) if (sale !== null) shown.set(sale.tradeId, sale);
      return answer;
    },
  };
}

export const sumsAt = (sums: ReadonlyMap<number, TradeSums>, pos: number): TradeSums => sums.get(pos) ?? NO_SUMS;

/** Yesterday at the latest, so that a trade of just before midnight asks for nothing anew; never further back than is kept. */
function sinceOf(sales: readonly (SealedSale | null)[], packs: readonly (RulePack | null)[], sealedAt: bigint): bigint {
  const oldest = Number(sealedAt) - KEPT_MS;
  const dates = sales.flatMap((sale, pos) => {
    const pack = packs[pos] ?? null;
    if (sale === null || pack === null || sale.paidAt < oldest) return [];
    const months =
      sale.experiment === null ? [] : [sale.sellerDay, sale.buyerDay].flatMap((day) => (day === null ? [] : `${monthOf(day)}-01`));
    const kept = beijingDate(instant(oldest));
    const open = sale.experiment === null ? [] : [beijingDate(instant(sale.paidAt - PROTECTION_MAX_MS))];
    return [windowStart(pack, sale.paidAt), ...open, ...months.map((first) => (first < kept ? kept : first))];
  });
  const yesterday = beijingDate(instant(Number(sealedAt) - 86_400_000));
  const [first] = [yesterday, ...dates].sort();
  return BigInt(startOfBeijingDate(first ?? yesterday));
}

function saleOf(entry: Entry, envelopes: ReadonlyMap<string, Bytes>, read: ReadSale): SealedSale | null {
  const { op } = entry.env.body;
  const envelope = op.kind === 'trade' && !isZero(op.env) ? envelopes.get(toHex(op.env)) : undefined;
  return envelope === undefined ? null : read(entry, envelope);
}
