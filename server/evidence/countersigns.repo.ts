/** SQL of what parties put before the notary, and of its answers. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import type { CountersignView } from '#server/trpc/views.ts';

type Columns = {
  readonly export_id: string;
  readonly asked_at: Date;
  readonly state: CountersignView['state'];
  readonly decided_at: Date | null;
  readonly name: string | null;
  readonly organisation: string | null;
  readonly certificate_serial: string | null;
  readonly document: CaseDocument | null;
  readonly signature: string | null;
  readonly tx_id: string | null;
};
type FullColumns = Columns & {
  readonly subject_kind: 'trade' | 'item';
  readonly subject_id: string;
  readonly requested_by: string;
  readonly case_ref: string;
  readonly built_at: Date;
  readonly sm3: Uint8Array;
  readonly size: number;
};
const SELECT = `select c.export_id, c.asked_at, c.state, c.decided_at, c.name, c.organisation, c.certificate_serial, c.document,
    encode(c.signature, 'hex') as signature, encode(c.tx_id, 'hex') as tx_id
  from evidence.countersigns c`;
const SELECT_FULL = SELECT.replace(
  'from evidence.countersigns c',
  `, e.subject_kind, e.subject_id, e.requested_by, e.case_ref, e.built_at, e.sm3, e.size
  from evidence.countersigns c join evidence.exports e using (export_id)`,
);

export type CountersignRow = {
  readonly view: CountersignView;
  readonly subject: { readonly kind: 'trade' | 'item'; readonly id: string };
  readonly acct: AccountId;
  readonly caseRef: string;
  readonly builtAt: string;
  readonly packageSm3: string;
  readonly size: number;
};

function viewOf(row: Columns): CountersignView {
  return {
    exportId: row.export_id,
    state: row.state,
    askedAt: row.asked_at.toISOString(),
    decidedAt: row.decided_at === null ? null : row.decided_at.toISOString(),
    name: row.name,
    organisation: row.organisation,
    certificateSerial: row.certificate_serial,
    document: row.document,
    signature: row.signature,
    txId: row.tx_id,
  };
}

function rowOf(row: FullColumns): CountersignRow {
  return {
    view: viewOf(row),
    subject: { kind: row.subject_kind, id: row.subject_id },
    acct: parseAccountId(row.requested_by),
    caseRef: row.case_ref,
    builtAt: row.built_at.toISOString(),
    packageSm3: toHex(row.sm3),
    size: row.size,
  };
}

/** Asked twice is asked once. */
export async function insertCountersign(sql: Queryable, exportId: string, at: Instant): Promise<void> {
  await query(sql, "insert into evidence.countersigns (export_id, asked_at, state) values ($1, $2, 'asked') on conflict do nothing", [
    exportId,
    toIso(at),
  ]);
}

export async function findCountersign(sql: Queryable, exportId: string, lock = false): Promise<CountersignRow | null> {
  const [row] = await query<FullColumns>(sql, `${SELECT_FULL} where c.export_id = $1${lock ? ' for update of c' : ''}`, [exportId]);
  return row === undefined ? null : rowOf(row);
}

/** Of these packages, by their ids. */
export async function listCountersigns(sql: Queryable, exportIds: readonly string[]): Promise<ReadonlyMap<string, CountersignView>> {
  if (exportIds.length === 0) return new Map();
  const rows = await query<Columns>(sql, `${SELECT} where c.export_id = any($1)`, [[...exportIds]]);
  return new Map(rows.map((row) => [row.export_id, viewOf(row)]));
}

/** What waits, oldest first; then what was answered last. */
export async function listForNotary(sql: Queryable, limit: number): Promise<readonly CountersignRow[]> {
  const rows = await query<FullColumns>(
    sql,
    `${SELECT_FULL} order by c.state <> 'asked', case when c.state = 'asked' then c.asked_at end, c.decided_at desc, c.export_id limit $1`,
    [limit],
  );
  return rows.map(rowOf);
}

export async function decideCountersign(
  sql: Queryable,
  exportId: string,
  answer: {
    readonly state: 'signed' | 'declined';
    readonly at: Instant;
    readonly staff: StaffSession;
    readonly document: CaseDocument;
    readonly signature: Uint8Array;
    readonly txId: Uint8Array | null;
  },
): Promise<void> {
  const { state, at, staff, document, signature, txId } = answer;
  await query(
    sql,
    `update evidence.countersigns set state = $2, decided_at = $3, staff_id = $4, name = $5, organisation = $6, certificate_serial = $7,
       document = $8::text::jsonb, signature = $9, tx_id = $10 where export_id = $1`,
    [
      exportId,
      state,
      toIso(at),
      staff.staffId,
      staff.name,
      staff.organisation,
      staff.certificateSerial,
      JSON.stringify(document),
      signature,
      txId,
    ],
  );
}
