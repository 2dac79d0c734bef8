/** Rows of opened identities and of who read them. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { OpeningOrder, OpeningScope } from '#sandbox/cases/opening.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { CaseTopic, StaffRole } from '#server/trpc/views.ts';

type Columns = {
  opening_id: string;
  case_id: string;
  case_no: string;
  case_opened_at: Date;
  topic: CaseTopic;
  subject: string;
  legal_ground: string;
  reason: string;
  scope: readonly OpeningScope[];
  state: 'proposed' | 'open';
  asked_by: string;
  asked_role: StaffRole;
  asked_at: Date;
  approved_by: string | null;
  approved_role: StaffRole | null;
  approved_at: Date | null;
  tx_id: string | null;
  sealed_until: Date | null;
  told_at: Date | null;
  reads: number;
};
export type OpeningRow = Omit<Columns, 'subject'> & { readonly subject: AccountId };

const SELECT = `select o.opening_id, o.case_id, c.case_no::text, c.opened_at as case_opened_at, c.topic, o.subject, o.legal_ground, o.reason, o.scope, o.state,
    o.asked_by, o.asked_role, o.asked_at, o.approved_by, o.approved_role, o.approved_at, encode(o.tx_id, 'hex') as tx_id, o.sealed_until, o.told_at,
    (select count(*)::int from cases.opening_reads r where r.opening_id = o.opening_id) as reads
  from cases.openings o join cases.cases c on c.case_id = o.case_id`;

const rowOf = (row: Columns): OpeningRow => ({ ...row, subject: parseAccountId(row.subject) });

export async function insertOpening(
  tx: Tx,
  openingId: string,
  order: OpeningOrder,
  by: Omit<StaffSession, 'sessionId'>,
  at: Instant,
): Promise<void> {
  await insertRows(tx, 'cases.openings', [
    {
      opening_id: openingId,
      case_id: order.caseId,
      subject: order.subject,
      legal_ground: order.legalGround,
      reason: order.reason,
      scope: order.scope,
      state: 'proposed',
      asked_by: by.staffId,
      asked_role: by.role,
      asked_at: toIso(at),
    },
  ]);
}

export async function findOpening(sql: Queryable, openingId: string, lock = false): Promise<OpeningRow | null> {
  const [row] = await query<Columns>(sql, `${SELECT} where o.opening_id = $1${lock ? ' for update of o' : ''}`, [openingId]);
  return row === undefined ? null : rowOf(row);
}

/** The newest first; of a case, or of a person in the cases that a role sees. */
export async function listOpenings(
  sql: Queryable,
  by: { readonly caseId: string } | { readonly subject: string; readonly audience: string },
): Promise<readonly OpeningRow[]> {
  const rows =
    'caseId' in by
      ? await query<Columns>(sql, `${SELECT} where o.case_id = $1 order by o.asked_at desc`, [by.caseId])
      : await query<Columns>(sql, `${SELECT} where o.subject = $1 and c.audience ? $2 order by o.asked_at desc`, [by.subject, by.audience]);
  return rows.map(rowOf);
}

/** What a person has been told of. */
export async function listTold(sql: Queryable, subject: string): Promise<readonly OpeningRow[]> {
  const rows = await query<Columns>(sql, `${SELECT} where o.subject = $1 and o.told_at is not null order by o.approved_at desc`, [subject]);
  return rows.map(rowOf);
}

export async function listToTell(tx: Tx, now: Instant): Promise<readonly OpeningRow[]> {
  const rows = await query<Columns>(
    tx,
    `${SELECT} where o.told_at is null and o.sealed_until <= $1 order by o.sealed_until limit 200 for update of o skip locked`,
    [toIso(now)],
  );
  return rows.map(rowOf);
}

export async function openRow(
  tx: Tx,
  openingId: string,
  {
    by,
    at,
    txId,
    sealedUntil,
  }: { readonly by: Omit<StaffSession, 'sessionId'>; readonly at: Instant; readonly txId: Uint8Array; readonly sealedUntil: Instant },
): Promise<void> {
  await query(
    tx,
    `update cases.openings set state = 'open', approved_by = $2, approved_role = $3, approved_at = $4, tx_id = $5, sealed_until = $6
     where opening_id = $1`,
    [openingId, by.staffId, by.role, toIso(at), txId, toIso(sealedUntil)],
  );
}

export async function extendRow(tx: Tx, openingId: string, until: Instant): Promise<void> {
  await query(tx, 'update cases.openings set sealed_until = $2 where opening_id = $1', [openingId, toIso(until)]);
}
export async function setTold(tx: Tx, openingId: string, at: Instant): Promise<void> {
  await query(tx, 'update cases.openings set told_at = $2 where opening_id = $1', [openingId, toIso(at)]);
}

/** In the database transaction that locks the opening. @returns its number among the opening's */
export async function insertRead(tx: Tx, openingId: string, by: Omit<StaffSession, 'sessionId'>, at: Instant): Promise<number> {
  const [row] = await query<{ no: number }>(
    tx,
    `insert into cases.opening_reads (opening_id, read_no, staff_id, role, at)
     select $1, coalesce(max(read_no), 0) + 1, $2, $3, $4 from cases.opening_reads where opening_id = $1 returning read_no as no`,
    [openingId, by.staffId, by.role, toIso(at)],
  );
  return row?.no ?? 1;
}

/** Empty when none is known by this serial. */
export async function isPlayer(sql: Queryable, acct: string): Promise<boolean> {
  return (await query(sql, 'select 1 from identity.players where acct = $1', [acct])).length === 1;
}
