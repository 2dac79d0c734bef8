/** Experiments in tables. The counters are not stored: they follow from who joined, what rests and what was traded. */
import { fen } from '#ledger/primitives/fen.ts';
import { type AccountId, type OrderId, parseAccountId, parseOrderId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CapState } from '#sandbox/experiments/cap-counter.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import type { Tx } from '#server/db.ts';
import { at, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Joined } from './experiments.ts';

export async function listExperiments(sql: Queryable): Promise<readonly Experiment[]> {
  const rows = await query<{ document: Experiment; status: Experiment['status'] }>(
    sql,
    'select document, status from experiments.experiments order by experiment_id',
  );
  return rows.map(({ document, status }) => ({ ...document, status }));
}

/** @returns false: there is one with this id */
export async function insertExperiment(tx: Tx, experiment: Experiment, now: Instant): Promise<boolean> {
  const count = await insertRows(
    tx,
    'experiments.experiments',
    [
      {
        experiment_id: experiment.id,
        document: experiment,
        status: experiment.status,
        since: toIso(now),
        class_ids: experiment.eligibility.itemClasses,
      },
    ],
    'on conflict do nothing',
  );
  return count === 1;
}

/** Orders that an experiment's end ends: of its book, and those that only its wider rules have let in. Others are sound under the pack, and
 *  stand on. */
export async function listRestingOrders(sql: Queryable, experimentId: string): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    `select o.order_id from market.orders o join experiments.experiments e using (experiment_id)
     where o.experiment_id = $1 and o.ended_at is null and (o.intent = 'matched' or e.document->>'mode' = 'LIVE_WIDER') order by o.seq`,
    [experimentId],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

export async function listParticipants(sql: Queryable, experimentId: string): Promise<Map<AccountId, Joined>> {
  const rows = await query<{ acct: string; joined_at: Date; disclosure_version: string; arm: string }>(
    sql,
    `select acct, joined_at, disclosure_version, arm from experiments.participants
     where experiment_id = $1 and left_at is null order by joined_at, acct`,
    [experimentId],
  );
  return new Map(
    rows.map((row) => [parseAccountId(row.acct), { at: at(row.joined_at), disclosureVersion: row.disclosure_version, arm: row.arm }]),
  );
}

export async function insertParticipant(tx: Tx, experimentId: string, acct: AccountId, joined: Joined): Promise<void> {
  await insertRows(
    tx,
    'experiments.participants',
    [{ experiment_id: experimentId, acct, joined_at: toIso(joined.at), disclosure_version: joined.disclosureVersion, arm: joined.arm }],
    // Who comes back is counted from then on.
    `on conflict (experiment_id, acct) do update set disclosure_version = excluded.disclosure_version, left_at = null,
       joined_at = case when participants.left_at is null then participants.joined_at else excluded.joined_at end`,
  );
}

export async function endParticipation(tx: Tx, experimentId: string, acct: AccountId, now: Instant): Promise<void> {
  await query(tx, 'update experiments.participants set left_at = $3 where experiment_id = $1 and acct = $2 and left_at is null', [
    experimentId,
    acct,
    new Date(now),
  ]);
}

/** What a person has open inside. */
export async function listOrdersInside(sql: Queryable, experimentId: string, acct: AccountId): Promise<readonly OrderId[]> {
  const rows = await query<{ order_id: string }>(
    sql,
    'select order_id from market.orders where experiment_id = $1 and acct = $2 and ended_at is null order by seq',
    [experimentId, acct],
  );
  return rows.map((row) => parseOrderId(row.order_id));
}

export async function readCapState(sql: Queryable, experimentId: string, participants: readonly string[]): Promise<CapState> {
  const [orders, trades] = await Promise.all([
    query<{ order_id: string; acct: string; side: 'buy' | 'sell'; intent: string; price_fen: string; leaves: number; placed_at: Date }>(
      sql,
      `select order_id, acct, side, intent, price_fen, quantity - filled as leaves, placed_at from market.orders
       where experiment_id = $1 and ended_at is null order by seq`,
      [experimentId],
    ),
    query<{
      trade_id: string;
      gross_fen: string;
      buyer: string;
      seller: string;
      state: string;
      bought_at: Date | null;
      sold_at: Date | null;
    }>(
      sql,
      `select t.trade_id, t.gross_fen, t.buyer, t.seller, t.state,
         case when b.experiment_id = $1 then b.placed_at end as bought_at, case when s.experiment_id = $1 then s.placed_at end as sold_at
       from market.trades t join market.orders b on b.order_id = t.buy_order_id join market.orders s on s.order_id = t.sell_order_id
       -- What waits for a payment from outside is still reserved by its orders.
       where t.experiment_id = $1 and t.state not in ('reserved', 'reversed', 'failed') order by t.seq`,
      [experimentId],
    ),
  ]);
  return {
    participants,
    placements: orders.map((row) => ({
      orderId: row.order_id,
      personRef: row.acct,
      side: row.side,
      unitFen: fen(BigInt(row.price_fen)),
      quantity: BigInt(row.leaves),
      placedAt: at(row.placed_at),
      ...(row.intent === 'matched' ? {} : { isAlone: true }),
    })),
    trades: trades.map((row) => ({
      tradeId: row.trade_id,
      grossFen: fen(BigInt(row.gross_fen)),
      buyer: row.bought_at === null ? null : { personRef: row.buyer, placedAt: at(row.bought_at) },
      seller: row.sold_at === null ? null : { personRef: row.seller, placedAt: at(row.sold_at) },
      isOpen: row.state !== 'paid_out',
    })),
  };
}
