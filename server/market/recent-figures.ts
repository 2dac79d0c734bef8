/** Trade figures of every kind, for sorting: worked out at most once in a while, whoever asks in between gets the last ones. */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { listTradeFigures, type TradeFigures } from './figures.repo.ts';

const KEPT_MS = 15_000;

type Kept = { readonly at: Instant; readonly figures: ReadonlyMap<ClassId, TradeFigures> };
const kept = new WeakMap<Sql, Kept>();

export async function recentTradeFigures(sql: Sql, tx: Tx, now: Instant): Promise<ReadonlyMap<ClassId, TradeFigures>> {
  const last = kept.get(sql);
  if (last !== undefined && now >= last.at && now - last.at < KEPT_MS) return last.figures;
  const figures = await listTradeFigures(tx, null, now);
  kept.set(sql, { at: now, figures });
  return figures;
}
