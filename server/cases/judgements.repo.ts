/** Items that cases hold, judgements that moved them, and the register of the simulated court. */
import { type AccountId, parseAccountId, parseTradeId, type TradeId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { TradeState } from '#server/trpc/views.ts';

export type HeldItem = {
  readonly itemId: string;
  readonly serial: bigint;
  readonly ver: bigint;
  readonly holder: AccountId;
  readonly names: { readonly zh: string | null; readonly en: string };
  /** By which the holder has it, while its money still waits; null: none. */
  readonly open: TradeId | null;
};
type Columns = {
  item_id: string;
  serial: string;
  ver: string;
  owner: string;
  name_zh: string | null;
  name_en: string;
  trade_id: string | null;
  state: TradeState | null;
};
const SELECT = `select i.item_id, i.ledger_serial::text as serial, i.ver::text as ver, i.owner, c.name_zh, c.name_en, t.trade_id, t.state
  from custody.items i join catalogue.item_classes c using (class_id)
  left join custody.hops b on b.item_id = i.item_id and b.ver = i.ver and b.to_acct = i.owner
  left join market.trades t on t.trade_id = b.trade_id
  where not i.is_burned`;

const rowOf = (row: Columns): HeldItem => ({
  itemId: row.item_id,
  serial: BigInt(row.serial),
  ver: BigInt(row.ver),
  holder: parseAccountId(row.owner),
  names: { zh: row.name_zh, en: row.name_en },
  open: row.trade_id === null || row.state === 'paid_out' ? null : parseTradeId(row.trade_id),
});

export async function findItem(sql: Queryable, itemId: string): Promise<HeldItem | null> {
  const [row] = await query<Columns>(sql, `${SELECT} and i.item_id = $1`, [itemId]);
  return row === undefined ? null : rowOf(row);
}

export async function listHeldByCase(sql: Queryable, caseId: string): Promise<readonly HeldItem[]> {
  const rows = await query<Columns>(
    sql,
    `${SELECT} and i.item_id in (select f.target_id from cases.freezes f where f.case_id = $1 and f.scope = 'item' and f.state = 'active')
     order by i.item_id limit 50`,
    [caseId],
  );
  return rows.map(rowOf);
}

export async function isPlayer(sql: Queryable, acct: AccountId): Promise<boolean> {
  return (await query(sql, 'select 1 from identity.players where acct = $1 and closed_at is null', [acct])).length > 0;
}

export type JudgementWrite = {
  readonly judgementId: string;
  readonly caseId: string;
  readonly itemId: string;
  readonly from: AccountId;
  readonly to: AccountId;
  readonly court: string;
  readonly docket: string;
  readonly fileSm3: Uint8Array;
  readonly txId: Uint8Array;
  readonly at: Instant;
};
export async function insertJudgement(tx: Tx, write: JudgementWrite): Promise<void> {
  const { judgementId, caseId, itemId, from, to, court, docket, fileSm3, txId, at } = write;
  const place = { judgement_id: judgementId, case_id: caseId, item_id: itemId, from_acct: from, to_acct: to };
  await insertRows(tx, 'cases.judgements', [{ ...place, court, docket, file_sm3: bytea(fileSm3), tx_id: bytea(txId), at: toIso(at) }]);
}

export type JudgementRow = {
  readonly item_id: string;
  readonly from_acct: string;
  readonly to_acct: string;
  readonly court: string;
  readonly docket: string;
  readonly file_sm3: string;
  readonly tx_id: string;
  readonly at: Date;
};
export function listJudgements(sql: Queryable, caseId: string): Promise<readonly JudgementRow[]> {
  return query<JudgementRow>(
    sql,
    `select item_id, from_acct, to_acct, court, docket, encode(file_sm3, 'hex') as file_sm3, encode(tx_id, 'hex') as tx_id, at
     from cases.judgements where case_id = $1 order by at limit 50`,
    [caseId],
  );
}

type Registration = { readonly court: string; readonly docket: string; readonly fileSm3: Uint8Array; readonly at: Instant };
/** @returns whether the number stands for this file in the register, now or before */
export async function registerJudgement(sql: Queryable, { court, docket, fileSm3, at }: Registration): Promise<boolean> {
  await query(sql, 'insert into cases.court_register (court, docket, file_sm3, at) values ($1, $2, $3, $4) on conflict do nothing', [
    court,
    docket,
    fileSm3,
    toIso(at),
  ]);
  const rows = await query(sql, 'select 1 from cases.court_register where court = $1 and docket = $2 and file_sm3 = $3', [
    court,
    docket,
    fileSm3,
  ]);
  return rows.length > 0;
}
