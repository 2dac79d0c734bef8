/** Rows of cases and their timeline; signed acts. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { Audience } from '#server/compliance/alerts.repo.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { CaseAct, CaseOutcome, CaseSource, CaseState, CaseTopic } from '#server/trpc/views.ts';

export type CaseRow = {
  readonly case_id: string;
  readonly case_no: string;
  readonly source: CaseSource;
  readonly source_id: string | null;
  readonly topic: CaseTopic;
  readonly title: string;
  readonly ground: string;
  readonly audience: readonly Audience[];
  readonly state: CaseState;
  readonly owner_staff: string;
  readonly opened_by: string;
  readonly opened_at: Date;
  readonly due_at: Date;
  readonly closed_at: Date | null;
  readonly outcome: CaseOutcome | null;
};
const ROW = `case_id, case_no::text, source, source_id, topic, title, ground, audience, state, owner_staff, opened_by, opened_at, due_at, closed_at, outcome`;

export type NewCase = {
  readonly caseId: string;
  readonly source: CaseSource;
  readonly sourceId: string | null;
  readonly topic: CaseTopic;
  readonly title: string;
  readonly ground: string;
  readonly audience: readonly Audience[];
  readonly by: string;
  readonly at: Instant;
  readonly dueAt: Instant;
};

export async function insertCase(tx: Tx, given: NewCase): Promise<void> {
  await query(
    tx,
    `insert into cases.cases (case_id, source, source_id, topic, title, ground, audience, state, owner_staff, opened_by, opened_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, 'open', $8, $8, $9, $10)`,
    [
      given.caseId,
      given.source,
      given.sourceId,
      given.topic,
      given.title,
      given.ground,
      JSON.stringify(given.audience),
      given.by,
      toIso(given.at),
      toIso(given.dueAt),
    ],
  );
}

export async function findCase(sql: Queryable, caseId: string, lock = false): Promise<CaseRow | null> {
  const [row] = await query<CaseRow>(sql, `select ${ROW} from cases.cases where case_id = $1${lock ? ' for update' : ''}`, [caseId]);
  return row ?? null;
}

export type CaseFilter = {
  readonly audience: Audience;
  readonly state: CaseState | null;
  readonly topic: CaseTopic | null;
  /** Title, number, source or a frozen target. */
  readonly about: string | null;
  readonly beforeNo: bigint | null;
  readonly limit: number;
};

export async function listCases(sql: Queryable, filter: CaseFilter): Promise<readonly CaseRow[]> {
  return query<CaseRow>(
    sql,
    `select ${ROW} from cases.cases c where audience ? $1 and ($2::text is null or state = $2) and ($3::text is null or topic = $3)
       and ($4::text is null or position(lower($4) in lower(title)) > 0 or case_id = $4 or source_id = $4 or case_no::text = $4
         or exists (select from cases.freezes f where f.case_id = c.case_id and f.target_id = $4))
       and ($5::bigint is null or case_no < $5) order by case_no desc limit $6::int`,
    [
      filter.audience,
      filter.state,
      filter.topic,
      filter.about,
      filter.beforeNo === null ? null : String(filter.beforeNo),
      String(filter.limit),
    ],
  );
}

export async function countCases(sql: Queryable, audience: Audience, now: Instant) {
  const [row] = await query<{ open: number; overdue: number; appeals: number }>(
    sql,
    `select count(*)::int as open, (count(*) filter (where due_at < $2))::int as overdue,
       (select count(*)::int from cases.appeals a join cases.freezes f using (freeze_id) join cases.cases k using (case_id)
        where a.state = 'open' and k.audience ? $1) as appeals
     from cases.cases where state <> 'closed' and audience ? $1`,
    [audience, toIso(now)],
  );
  return row ?? { open: 0, overdue: 0, appeals: 0 };
}

export async function setOwner(tx: Tx, caseId: string, staffId: string): Promise<void> {
  await query(tx, 'update cases.cases set owner_staff = $2 where case_id = $1', [caseId, staffId]);
}
export async function setState(tx: Tx, caseId: string, state: 'referred' | 'closed', outcome: CaseOutcome | null, at: Instant) {
  await query(tx, 'update cases.cases set state = $2, outcome = $3, closed_at = $4 where case_id = $1', [
    caseId,
    state,
    outcome,
    state === 'closed' ? toIso(at) : null,
  ]);
}

export type EventBody = Readonly<Record<string, string | null>>;
export type CaseEvent = {
  readonly at: Instant;
  readonly by: Pick<StaffSession, 'staffId' | 'role'> | null;
  readonly act: CaseAct;
  readonly body: EventBody;
};

/** The clock has no name. */
export async function addEvent(tx: Tx, caseId: string, { at, by, act, body }: CaseEvent): Promise<void> {
  const [row] = await query<{ step: number }>(tx, 'select coalesce(max(step), 0)::int + 1 as step from cases.events where case_id = $1', [
    caseId,
  ]);
  await insertRows(tx, 'cases.events', [
    { case_id: caseId, step: row?.step ?? 1, at: toIso(at), by_staff: by?.staffId ?? 'clock', role: by?.role ?? 'clock', act, body },
  ]);
}

export type EventRow = {
  readonly at: Date;
  readonly by_staff: string;
  readonly role: string;
  readonly act: CaseAct;
  readonly body: EventBody;
};
export async function listEvents(sql: Queryable, caseId: string): Promise<readonly EventRow[]> {
  return query<EventRow>(sql, 'select at, by_staff, role, act, body from cases.events where case_id = $1 order by step', [caseId]);
}

export type SignatureWrite = {
  readonly subjectId: string;
  readonly act: string;
  readonly staff: Omit<StaffSession, 'sessionId'>;
  readonly document: CaseDocument;
  readonly signature: Uint8Array;
  readonly at: Instant;
};
export async function insertSignature(tx: Tx, { subjectId, act, staff, document, signature, at }: SignatureWrite): Promise<void> {
  await insertRows(tx, 'cases.signatures', [
    {
      subject_id: subjectId,
      act,
      staff_id: staff.staffId,
      role: staff.role,
      organisation: staff.organisation,
      certificate_serial: staff.certificateSerial,
      at: toIso(at),
      document,
      signature: bytea(signature),
    },
  ]);
}

/** What somebody signed under this id before. */
export async function findSignedDocument(sql: Queryable, subjectId: string, act: string): Promise<CaseDocument | null> {
  const [row] = await query<{ document: CaseDocument }>(sql, 'select document from cases.signatures where subject_id = $1 and act = $2', [
    subjectId,
    act,
  ]);
  return row?.document ?? null;
}

export type SignatureRow = { readonly act: string; readonly staff_id: string; readonly role: string; readonly at: Date };
export async function listSignatures(
  sql: Queryable,
  subjectIds: readonly string[],
): Promise<readonly (SignatureRow & { subject_id: string })[]> {
  return query(sql, 'select subject_id, act, staff_id, role, at from cases.signatures where subject_id = any($1) order by at', [
    subjectIds,
  ]);
}

export type KeptSignature = {
  readonly act: string;
  readonly staffId: string;
  readonly at: Instant;
  readonly certificateSerial: string;
  readonly document: CaseDocument;
  readonly signature: Bytes;
  /** DER of the signing certificates with this serial that this market knows or knew. */
  readonly certificates: readonly Bytes[];
};
/** Of acts about one subject, whatever their own id. */
export async function listKeptSignatures(sql: Queryable, subjectId: string): Promise<readonly KeptSignature[]> {
  const rows = await query<{
    act: string;
    staff_id: string;
    at: Date;
    certificate_serial: string;
    document: CaseDocument;
    signature: Uint8Array;
    certificates: readonly Uint8Array[];
  }>(
    sql,
    `select act, staff_id, at, certificate_serial, document, signature,
       array(select c.der from pki.certificates c where c.serial = s.certificate_serial and c.kind = 'signing') as certificates
     from cases.signatures s where subject_id like $1 order by at, act`,
    [`${subjectId}/%`],
  );
  return rows.map((row) => ({
    act: row.act,
    staffId: row.staff_id,
    at: instant(row.at.getTime()),
    certificateSerial: row.certificate_serial,
    document: row.document,
    signature: new Uint8Array(row.signature),
    certificates: row.certificates.map((der) => new Uint8Array(der)),
  }));
}
