/** SQL of evidence packages and of the simulated time stamper's books. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId, parseItemId, parseTradeId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { EvidenceExport } from '#server/trpc/views.ts';
import { listCountersigns } from './countersigns.repo.ts';
import type { EvidenceSubject } from './evidence.ts';

type Row = {
  export_id: string;
  subject_kind: 'trade' | 'item';
  subject_id: string;
  requested_by: string;
  state: EvidenceExport['state'];
  reason: string | null;
  case_ref: string;
  requested_at: Date;
  built_at: Date | null;
  sm3: Uint8Array | null;
  size: number | null;
};

function viewOf(row: Row): Omit<EvidenceExport, 'countersign'> {
  return {
    exportId: row.export_id,
    subject: { kind: row.subject_kind, id: row.subject_id },
    caseRef: row.case_ref,
    state: row.state,
    reason: row.reason,
    requestedAt: row.requested_at.toISOString(),
    builtAt: row.built_at?.toISOString() ?? null,
    sm3: row.sm3 === null ? null : toHex(row.sm3),
    size: row.size,
  };
}

export async function insertExport(
  sql: Sql,
  facts: {
    readonly exportId: string;
    readonly subject: EvidenceSubject;
    readonly acct: AccountId;
    readonly caseRef: string;
    readonly now: Instant;
  },
): Promise<void> {
  await sql`
    insert into evidence.exports (export_id, subject_kind, subject_id, requested_by, state, case_ref, requested_at)
    values (${facts.exportId}, ${facts.subject.kind}, ${facts.subject.id}, ${facts.acct}, 'waiting', ${facts.caseRef}, ${new Date(facts.now)})`;
}

export async function findExport(sql: Sql, acct: AccountId, exportId: string): Promise<EvidenceExport | null> {
  const [row] = await sql<Row[]>`select * from evidence.exports where export_id = ${exportId} and requested_by = ${acct}`;
  if (row === undefined) return null;
  return { ...viewOf(row), countersign: (await listCountersigns(sql, [exportId])).get(exportId) ?? null };
}

export async function listExports(sql: Sql, acct: AccountId, subjectId: string): Promise<readonly EvidenceExport[]> {
  const rows = await sql<Row[]>`
    select * from evidence.exports where requested_by = ${acct} and subject_id = ${subjectId} order by requested_at desc limit 20`;
  const countersigns = await listCountersigns(
    sql,
    rows.map((row) => row.export_id),
  );
  return rows.map((row) => ({ ...viewOf(row), countersign: countersigns.get(row.export_id) ?? null }));
}

export type WaitingExport = {
  readonly exportId: string;
  readonly subject: EvidenceSubject;
  readonly acct: AccountId;
  readonly caseRef: string;
  readonly requestedAt: Instant;
};

/** Oldest first. */
export async function listWaiting(sql: Sql): Promise<readonly WaitingExport[]> {
  const rows = await sql<Row[]>`select * from evidence.exports where state = 'waiting' order by requested_at, export_id limit 20`;
  return rows.map((row) => ({
    exportId: row.export_id,
    subject:
      row.subject_kind === 'trade'
        ? { kind: 'trade', id: parseTradeId(row.subject_id) }
        : { kind: 'item', id: parseItemId(row.subject_id) },
    acct: parseAccountId(row.requested_by),
    caseRef: row.case_ref,
    requestedAt: instant(row.requested_at.getTime()),
  }));
}

export async function endExport(
  sql: Sql,
  exportId: string,
  end: { readonly state: 'built'; readonly sm3: Uint8Array; readonly size: number } | { readonly state: 'failed'; readonly reason: string },
  now: Instant,
): Promise<void> {
  const sm3 = end.state === 'built' ? end.sm3 : null;
  const size = end.state === 'built' ? end.size : null;
  const reason = end.state === 'failed' ? end.reason : null;
  await sql`
    update evidence.exports set state = ${end.state}, sm3 = ${sm3}, size = ${size}, reason = ${reason}, built_at = ${new Date(now)}
    where export_id = ${exportId} and state = 'waiting'`;
}

/** The stamper's next serial number, written before the token leaves. */
export async function insertToken(sql: Sql, imprint: Uint8Array, genTime: Instant): Promise<bigint> {
  const [row] = await sql<{ serial: string }[]>`
    insert into tsa.tokens (imprint, gen_time) values (${imprint}, ${new Date(genTime)}) returning serial`;
  return BigInt(row?.serial ?? '0');
}

export type InstructionRef = { readonly source: string; readonly at: Instant };

/** What we told the institution about a trade: its statement names each by this source. */
export async function listInstructionRefs(sql: Queryable, tradeId: string): Promise<readonly InstructionRef[]> {
  const rows = await query<{ instruction_id: string; at: Date }>(
    sql,
    'select instruction_id, at from payments.instructions where trade_id = $1 order by instruction_id',
    [tradeId],
  );
  return rows.map((row) => ({ source: `instruction/${row.instruction_id}`, at: instant(row.at.getTime()) }));
}

/** Null: settled by this market itself. */
export async function findFormerDay(sql: Queryable, tradeId: string): Promise<string | null> {
  const [row] = await query<{ settled_at: Date }>(
    sql,
    'select t.settled_at from market.trades t join takeover.takeovers o on t.settled_at < o.at where t.trade_id = $1',
    [tradeId],
  );
  return row === undefined ? null : beijingDate(instant(row.settled_at.getTime()));
}

export type OrderTimes = {
  readonly orderId: string;
  readonly side: string;
  readonly requestedAt: string;
  readonly signedAt: string;
  readonly referenceId: string;
};

/** When the quote was asked for and when its signature arrived, by the server's clock: of an order that a former operator took nobody knows. */
export async function listOrderTimes(sql: Queryable, orderIds: readonly string[]): Promise<readonly OrderTimes[]> {
  const rows = await query<{ order_id: string; side: string; issued_at: string | null; placed_at: Date; reference_id: string }>(
    sql,
    `select order_id, side, quote->'document'->>'issuedAt' as issued_at, placed_at, reference_id from market.orders
     where order_id = any(string_to_array($1, ' ')) and quote <> '{}'::jsonb order by placed_at, order_id`,
    [orderIds.join(' ')],
  );
  return rows.map((row) => {
    const signedAt = row.placed_at.toISOString();
    const requestedAt = row.issued_at === null ? signedAt : toIso(instant(Date.parse(row.issued_at)));
    return { orderId: row.order_id, side: row.side, requestedAt, signedAt, referenceId: row.reference_id };
  });
}

export type CustodyRow = { readonly itemId: string; readonly serial: string; readonly holder: string };

export async function listTradeCustody(sql: Queryable, tradeId: string, buyer: string): Promise<readonly CustodyRow[]> {
  const rows = await query<{ item_id: string; ledger_serial: string }>(
    sql,
    `select i.item_id, i.ledger_serial::text as ledger_serial from market.trade_items ti join custody.items i on i.item_id = ti.item_id
     where ti.trade_id = $1 order by i.ledger_serial`,
    [tradeId],
  );
  return rows.map((row) => ({ itemId: row.item_id, serial: row.ledger_serial, holder: buyer }));
}

export async function findItemCustody(sql: Queryable, itemId: string): Promise<CustodyRow | null> {
  const [row] = await query<{ ledger_serial: string; holder: string }>(
    sql,
    'select ledger_serial::text as ledger_serial, owner as holder from custody.items where item_id = $1',
    [itemId],
  );
  return row === undefined ? null : { itemId, serial: row.ledger_serial, holder: row.holder };
}

/** What other members showed us of these heights: PCE of header and Finality, as they signed it. */
export async function listPeerCopies(
  sql: Queryable,
  heights: readonly bigint[],
): Promise<readonly { readonly member: number; readonly body: Uint8Array }[]> {
  return query<{ member: number; body: Uint8Array }>(
    sql,
    "select distinct on (member) member, body from ledger.peer_checkpoints where height = any(string_to_array($1, ' ')::bigint[]) order by member, height desc",
    [heights.join(' ')],
  );
}
