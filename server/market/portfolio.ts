/** What is mine (product P-36): items with their state, cost and what they would be worth; totals over all of them. */

import { assert } from '#ledger/primitives/assert.ts';
import type { AccountId, OrderId } from '#ledger/primitives/ids.ts';
import { parseClassId, parseItemId, parseOrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { RefusalError } from '#server/refusal.ts';
import type { Portfolio, PortfolioRow } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { fenText, listReferencePrices } from './figures.repo.ts';
import { type HeldFor, HOLD_COLUMNS, HOLD_JOINS, itemStateOf } from './item-state.ts';
import type { Snapshot } from './snapshot.ts';

const PAGE = 200;

type Columns = {
  item_id: string;
  class_id: string;
  unit_no: number;
  acquired_at: Date;
  frozen_until: Date | null;
  protected_until: Date | null;
  order_id: string | null;
  held_for: HeldFor | null;
  held_until: Date | null;
  cost_fen: string | null;
  source: PortfolioRow['costSource'] | null;
};

/** By kind and number within it: stable while items come and go. */
export async function getPortfolio(snapshot: Snapshot, acct: AccountId, cursor: string | undefined): Promise<Portfolio> {
  const { tx, now, height } = snapshot;
  const after = placeOf(cursor);
  const [rows, totals] = await Promise.all([
    query<Columns>(
      tx,
      `select i.item_id, i.class_id, i.unit_no, i.acquired_at, i.frozen_until, i.protected_until, o.order_id, ${HOLD_COLUMNS},
         l.cost_fen, l.source
       from custody.items i
       ${HOLD_JOINS}
       left join lateral (select cost_fen, source from custody.lots l where l.item_id = i.item_id and l.acct = i.owner and l.ver <= i.ver order by l.ver desc limit 1) l on true
       where i.owner = $1 and not i.is_burned ${after === null ? '' : 'and (i.class_id, i.unit_no) > ($2, $3::int)'}
       order by i.class_id, i.unit_no limit ${PAGE + 1}`,
      after === null ? [acct] : [acct, ...after],
    ),
    totalsOf(snapshot, acct),
  ]);
  const shown = rows.slice(0, PAGE);
  const cards = new Map(
    (
      await listCards(
        snapshot,
        shown.map((row) => parseClassId(row.class_id)),
      )
    ).map((card) => [card.classId, card]),
  );
  const last = shown.at(-1);
  return {
    rows: shown.map((row): PortfolioRow => {
      const card = cards.get(parseClassId(row.class_id));
      assert(card !== undefined, 'a kind with items is in the catalogue');
      const { state, until } = itemStateOf(
        {
          isBurned: false,
          frozenUntil: row.frozen_until,
          protectedUntil: row.protected_until,
          heldFor: row.held_for,
          heldUntil: row.held_until,
        },
        now,
      );
      return {
        itemId: parseItemId(row.item_id),
        serialNo: row.unit_no,
        card,
        state,
        stateUntil: until,
        acquiredAt: toIso(at(row.acquired_at)),
        costBasisFen: row.cost_fen,
        costSource: row.source ?? 'none',
        referenceFen: card.referenceFen,
        unrealisedFen: fenText(gainOf(card.referenceFen, row.cost_fen)),
        orderId: orderIdOrNull(row.order_id),
      };
    }),
    totals,
    nextCursor: rows.length > PAGE && last !== undefined ? writeCursor([last.class_id, String(last.unit_no)]) : null,
    height,
  };
}

function placeOf(cursor: string | undefined): readonly [string, string] | null {
  const place = readCursor(cursor, 2);
  if (place === null) return null;
  const [classId, unitNo] = place;
  if (typeof classId === 'string' && typeof unitNo === 'string' && /^\d{1,9}$/.test(unitNo)) return [classId, unitNo];
  throw new RefusalError('malformed', 'cursor_malformed', 'This page of the list cannot be found. Go back to its beginning.');
}

function gainOf(referenceFen: string | null, costFen: string | null): bigint | null {
  return referenceFen === null || costFen === null ? null : BigInt(referenceFen) - BigInt(costFen);
}

function orderIdOrNull(orderId: string | null): OrderId | null {
  return orderId === null ? null : parseOrderId(orderId);
}

/** Unrealised gain counts only items of which both cost and reference price are known; realised gain is of this calendar year. */
async function totalsOf({ tx, now }: Snapshot, acct: AccountId): Promise<Portfolio['totals']> {
  const yearStart = toIso(startOfBeijingDate(`${beijingDate(now).slice(0, 4)}-01-01`));
  const [held, [realised]] = await Promise.all([
    query<{ class_id: string; items: number; known: number; cost: string }>(
      tx,
      `select i.class_id, count(*)::int as items, count(l.cost_fen)::int as known, coalesce(sum(l.cost_fen), 0)::text as cost
       from custody.items i
       left join lateral (select cost_fen from custody.lots l where l.item_id = i.item_id and l.acct = i.owner and l.ver <= i.ver order by l.ver desc limit 1) l on true
       where i.owner = $1 and not i.is_burned group by i.class_id`,
      [acct],
    ),
    query<{ gain: string }>(
      tx,
      `select coalesce(sum(t.net_fen - coalesce(c.cost, 0)), 0)::text as gain
       from market.trades t
       left join lateral (
         select sum(l.cost_fen) as cost from market.trade_items ti join custody.lots l on l.item_id = ti.item_id and l.acct = t.seller and l.ver <= ti.ver
         where ti.trade_id = t.trade_id and not exists (
           select 1 from custody.lots later where later.item_id = l.item_id and later.acct = l.acct and later.ver <= ti.ver and later.ver > l.ver)
       ) c on true
       where t.seller = $1 and t.settled_at >= $2 and t.state <> 'reversed'`,
      [acct, yearStart],
    ),
  ]);
  const prices = await listReferencePrices(
    tx,
    held.map((row) => parseClassId(row.class_id)),
    now,
  );
  let referenceFen = 0n;
  let unrealisedFen = 0n;
  for (const row of held) {
    const price = prices.get(parseClassId(row.class_id));
    if (price === undefined) continue;
    referenceFen += price * BigInt(row.items);
    unrealisedFen += price * BigInt(row.known) - BigInt(row.cost);
  }
  return {
    items: held.reduce((sum, row) => sum + row.items, 0),
    costFen: String(held.reduce((sum, row) => sum + BigInt(row.cost), 0n)),
    referenceFen: String(referenceFen),
    unrealisedFen: String(unrealisedFen),
    realisedYearFen: realised?.gain ?? '0',
  };
}
