/** SQL of what is kept back for taxes: of whose sale, which lines, until when, and how it came free. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { ReservedTax, ReservePart } from '#sandbox/experiments/tax-reserve.ts';
import type { Tx } from '#server/db.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

/** A sale that is paid out, its seller's place in the experiment that it belongs to, and its newest assessment. */
export type Reservable = {
  readonly tradeId: TradeId;
  readonly arm: string;
  readonly packHash: string;
  readonly lines: readonly { readonly id: string; readonly amountFen: bigint }[];
};

/** Of these sales those that their seller placed inside their experiment, took part in then and takes part in now. */
export async function listReservable(tx: Tx, tradeIds: readonly TradeId[]): Promise<ReadonlyMap<TradeId, Reservable>> {
  const rows = await query<{
    trade_id: string;
    arm: string;
    pack_hash: string;
    lines: readonly { readonly id: string; readonly amountFen: string }[];
  }>(
    tx,
    `select t.trade_id, p.arm, encode(a.pack_hash, 'hex') as pack_hash, a.lines from market.trades t
     join market.orders s on s.order_id = t.sell_order_id and s.experiment_id = t.experiment_id
     join experiments.participants p on p.experiment_id = t.experiment_id and p.acct = t.seller and p.left_at is null and t.ordered_at >= p.joined_at
     join lateral (select * from compliance.assessments x where x.trade_id = t.trade_id order by version desc limit 1) a on true
     where t.trade_id = any($1)`,
    [tradeIds],
  );
  return new Map(
    rows.map((row) => [
      parseTradeId(row.trade_id),
      {
        tradeId: parseTradeId(row.trade_id),
        arm: row.arm,
        packHash: row.pack_hash,
        lines: row.lines.map(({ id, amountFen }) => ({ id, amountFen: BigInt(amountFen) })),
      },
    ]),
  );
}

/** A return that covers a sale: of its month, filed when it was made already. */
const COVERS = "f.state = 'confirmed' and f.filed_on >= %SOLD%";

export async function isCovered(
  tx: Tx,
  { acct, tax, month, soldOn }: { readonly acct: AccountId; readonly tax: ReservedTax; readonly month: string; readonly soldOn: string },
): Promise<boolean> {
  const rows = await query(
    tx,
    `select 1 from experiments.filing_proofs f where f.acct = $1 and f.tax = $2 and f.month = $3 and ${COVERS.replace('%SOLD%', '$4::date')} limit 1`,
    [acct, tax, month, soldOn],
  );
  return rows.length > 0;
}

export type NewReserve = {
  readonly tradeId: TradeId;
  readonly experimentId: string;
  readonly acct: AccountId;
  readonly month: string;
  readonly soldOn: string;
  readonly part: ReservePart;
};

export async function insertReserves(tx: Tx, reserves: readonly NewReserve[], now: Instant): Promise<void> {
  await insertRows(
    tx,
    'experiments.reserves',
    reserves.map(({ tradeId, experimentId, acct, month, soldOn, part }) => ({
      trade_id: tradeId,
      tax: part.tax,
      experiment_id: experimentId,
      acct,
      month,
      sold_on: soldOn,
      amount_fen: String(part.amountFen),
      lines: part.lines.map(({ id, amountFen }) => ({ id, amountFen: String(amountFen) })),
      kept_at: toIso(now),
      due_on: part.dueOn,
      free_at: toIso(part.freeAt),
    })),
  );
}

export const FREED_BY = ['filing', 'date', 'ended', 'left'] as const;
export type FreedBy = (typeof FREED_BY)[number];
export type Ripe = {
  readonly tradeId: TradeId;
  readonly tax: ReservedTax;
  readonly experimentId: string;
  readonly acct: AccountId;
  readonly amountFen: bigint;
  readonly cause: FreedBy;
  readonly proofId: string | null;
};

const RIPE = `from experiments.reserves r join experiments.experiments e using (experiment_id)
  left join experiments.participants p on p.experiment_id = r.experiment_id and p.acct = r.acct
  left join lateral (select f.proof_id from experiments.filing_proofs f
    where f.acct = r.acct and f.tax = r.tax and f.month = r.month and ${COVERS.replace('%SOLD%', 'r.sold_on')} order by f.decided_at limit 1) f on true
  where r.freed_at is null
    and (f.proof_id is not null or r.free_at <= $1 or e.status in ('EXITED_SUCCESS', 'EXITED_FAILED', 'HALTED') or p.left_at is not null)
    and not exists (select from cases.freezes z where z.target_id = r.acct and z.scope in ('account', 'payout') and z.state = 'active' and z.until > $1)`;

/** Whether anything has come free; cheap, since most turns find nothing. */
export async function hasRipe(sql: Queryable, now: Instant): Promise<boolean> {
  return (await query(sql, `select 1 ${RIPE} limit 1`, [new Date(now)])).length > 0;
}

/** What has come free, the oldest first, with its first reason; locked. A payout freeze keeps it where it is, as it keeps proceeds. */
export async function lockRipe(tx: Tx, now: Instant, limit: number): Promise<readonly Ripe[]> {
  const rows = await query<{
    trade_id: string;
    tax: ReservedTax;
    experiment_id: string;
    acct: string;
    amount_fen: string;
    cause: FreedBy;
    proof_id: string | null;
  }>(
    tx,
    `select r.trade_id, r.tax, r.experiment_id, r.acct, r.amount_fen::text, f.proof_id,
       case when f.proof_id is not null then 'filing' when r.free_at <= $1 then 'date'
         when e.status in ('EXITED_SUCCESS', 'EXITED_FAILED', 'HALTED') then 'ended' else 'left' end as cause
     ${RIPE} order by r.kept_at, r.trade_id, r.tax limit ${String(limit)} for update of r`,
    [new Date(now)],
  );
  return rows.map((row) => ({
    tradeId: parseTradeId(row.trade_id),
    tax: row.tax,
    experimentId: row.experiment_id,
    acct: parseAccountId(row.acct),
    amountFen: BigInt(row.amount_fen),
    cause: row.cause,
    proofId: row.proof_id,
  }));
}

export async function freeReserve(tx: Tx, { tradeId, tax, cause, proofId }: Ripe, now: Instant): Promise<void> {
  await query(tx, 'update experiments.reserves set freed_at = $3, cause = $4, proof_id = $5 where trade_id = $1 and tax = $2', [
    tradeId,
    tax,
    new Date(now),
    cause,
    proofId,
  ]);
}
