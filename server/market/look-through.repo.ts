/** SQL of looking through items and people. */

import type { ItemId } from '#ledger/primitives/ids.ts';
import type { Reason } from '#sandbox/decisions/decision.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { PersonLook, RealNameLevel } from '#server/trpc/views.ts';

/** The newest first. */
export async function listTradesOfItem(tx: Tx, itemId: ItemId): Promise<readonly string[]> {
  const rows = await query<{ trade_id: string }>(
    tx,
    'select t.trade_id from market.trade_items i join market.trades t on t.trade_id = i.trade_id where i.item_id = $1 order by t.seq desc',
    [itemId],
  );
  return rows.map(({ trade_id: id }) => id);
}

export type PersonRow = { readonly level: RealNameLevel; readonly birth_date: string; readonly created_at: Date };
export async function findPerson(tx: Tx, acct: string): Promise<PersonRow | null> {
  const [row] = await query<PersonRow>(
    tx,
    "select level, to_char(birth_date, 'YYYY-MM-DD') as birth_date, created_at from identity.players where acct = $1",
    [acct],
  );
  return row ?? null;
}

/** Settled and not undone, by side. */
export async function countSides(tx: Tx, acct: string): Promise<Pick<PersonLook, 'sold' | 'bought'>> {
  const [row] = await query<{ sold: number; sold_fen: string; bought: number; bought_fen: string }>(
    tx,
    `select count(*) filter (where seller = $1)::int as sold, coalesce(sum(gross_fen) filter (where seller = $1), 0)::text as sold_fen,
       count(*) filter (where buyer = $1)::int as bought, coalesce(sum(gross_fen) filter (where buyer = $1), 0)::text as bought_fen
     from market.trades where (seller = $1 or buyer = $1) and settled_at is not null and state <> 'reversed'`,
    [acct],
  );
  return {
    sold: { trades: row?.sold ?? 0, grossFen: row?.sold_fen ?? '0' },
    bought: { trades: row?.bought ?? 0, grossFen: row?.bought_fen ?? '0' },
  };
}

export type DecisionRow = {
  readonly at: Date;
  readonly kind: 'deny' | 'review';
  readonly side: 'sell' | 'buy';
  readonly price_fen: string;
  readonly quantity: number;
  readonly class_id: string;
  readonly pack_hash: Uint8Array;
  readonly experiment_id: string | null;
  readonly arm: string | null;
  readonly reasons: readonly Reason[];
};
const MOST_DECISIONS = 20;

export async function listPersonDecisions(tx: Tx, acct: string): Promise<readonly DecisionRow[]> {
  return query<DecisionRow>(
    tx,
    `select at, kind, side, price_fen::text, quantity, class_id, pack_hash, experiment_id, arm, reasons from compliance.decisions
     where acct = $1 and kind <> 'allow' order by at desc, stage, reference_id limit ${MOST_DECISIONS}`,
    [acct],
  );
}
