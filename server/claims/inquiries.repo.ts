/** Rows of questions in a case, replies and files. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { CaseDocument, FreezeReason } from '#sandbox/cases/case-order.ts';
import type { InquiryExtension, InquiryOrder, InquiryParty, InquiryReply } from '#sandbox/cases/inquiry-order.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';
import type { Names, StaffRole } from '#server/trpc/views.ts';
import type { FileWrite } from './claims.repo.ts';

export type InquiryRow = {
  readonly inquiryId: string;
  readonly caseId: string;
  readonly party: InquiryParty;
  readonly partyId: string;
  readonly reasonCode: FreezeReason;
  readonly question: string;
  readonly askedRole: StaffRole;
  readonly askedAt: Date;
  /** As extended. */
  readonly dueAt: Date;
  readonly firstDueAt: Date;
  readonly extendedAt: Date | null;
  readonly extendedTx: string | null;
  readonly txId: string;
  readonly isCaseClosed: boolean;
};
const SELECT = `select i.inquiry_id as "inquiryId", i.case_id as "caseId", i.party, i.party_id as "partyId", i.reason_code as "reasonCode", i.question,
    i.asked_role as "askedRole", i.asked_at as "askedAt", coalesce(e.due_at, i.due_at) as "dueAt", i.due_at as "firstDueAt",
    e.at as "extendedAt", encode(e.tx_id, 'hex') as "extendedTx", encode(i.tx_id, 'hex') as "txId",
    c.state = 'closed' as "isCaseClosed"
  from cases.inquiries i join cases.cases c using (case_id) left join cases.inquiry_extensions e on e.inquiry_id = i.inquiry_id`;

export async function findInquiry(sql: Queryable, inquiryId: string, lock = false): Promise<InquiryRow | null> {
  const [row] = await query<InquiryRow>(sql, `${SELECT} where i.inquiry_id = $1${lock ? ' for update of i' : ''}`, [inquiryId]);
  return row ?? null;
}

export async function listInquiriesOfCase(sql: Queryable, caseId: string): Promise<readonly InquiryRow[]> {
  return query(sql, `${SELECT} where i.case_id = $1 order by i.asked_at desc, i.inquiry_id`, [caseId]);
}

export async function listInquiriesOf(sql: Queryable, party: InquiryParty, partyId: string, limit: number): Promise<readonly InquiryRow[]> {
  return query(sql, `${SELECT} where i.party = $1 and i.party_id = $2 order by i.asked_at desc, i.inquiry_id limit $3::int`, [
    party,
    partyId,
    String(limit),
  ]);
}

export async function isParty(sql: Queryable, party: InquiryParty, partyId: string): Promise<boolean> {
  if (party === 'operator') return partyId === 'operator';
  const table = party === 'player' ? 'identity.players' : 'studio.studios';
  return (await query(sql, `select 1 from ${table} where acct = $1`, [partyId])).length > 0;
}

export type InquiryWrite = {
  readonly inquiryId: string;
  readonly order: InquiryOrder;
  readonly by: { readonly staffId: string; readonly role: StaffRole };
  readonly at: Instant;
  readonly txId: Uint8Array;
};
export async function insertInquiry(tx: Tx, { inquiryId, order, by, at, txId }: InquiryWrite): Promise<void> {
  const { caseId, party, partyId, reasonCode, question, dueAt } = order;
  await insertRows(tx, 'cases.inquiries', [
    {
      ...{ inquiry_id: inquiryId, case_id: caseId, party, party_id: partyId, reason_code: reasonCode, question },
      ...{ asked_by: by.staffId, asked_role: by.role, asked_at: toIso(at), due_at: dueAt, tx_id: bytea(txId) },
    },
  ]);
}

/** @returns false when more time was given already */
export async function insertExtension(
  tx: Tx,
  { inquiryId, dueAt }: InquiryExtension,
  facts: { readonly by: string; readonly at: Instant; readonly document: CaseDocument; readonly txId: Uint8Array },
): Promise<boolean> {
  const { by, at, document, txId } = facts;
  const row = { inquiry_id: inquiryId, due_at: dueAt, granted_by: by, at: toIso(at), document, tx_id: bytea(txId) };
  return (await insertRows(tx, 'cases.inquiry_extensions', [row], 'on conflict do nothing')) === 1;
}

/** Who can be asked as a studio: those with an account. */
export async function listAskable(sql: Queryable): Promise<readonly { readonly acct: string; readonly names: Names }[]> {
  const rows = await query<{ acct: string; zh: string | null; en: string }>(
    sql,
    'select acct, name_zh as zh, name_en as en from studio.studios order by coalesce(name_zh, name_en), acct',
  );
  return rows.map(({ acct, zh, en }) => ({ acct, names: { zh, en } }));
}

export type ReplyRow = {
  readonly inquiryId: string;
  readonly kind: InquiryReply;
  readonly at: Date;
  readonly document: CaseDocument;
  readonly txId: string;
};
export async function listReplies(sql: Queryable, inquiryIds: readonly string[]): Promise<readonly ReplyRow[]> {
  return query(
    sql,
    `select inquiry_id as "inquiryId", kind, at, document, encode(tx_id, 'hex') as "txId" from cases.inquiry_replies
     where inquiry_id = any($1) order by at, kind`,
    [inquiryIds],
  );
}

export type ReplyWrite = {
  readonly inquiryId: string;
  readonly kind: InquiryReply;
  readonly by: string;
  readonly at: Instant;
  readonly document: CaseDocument;
  readonly txId: Uint8Array;
  readonly files: readonly FileWrite[];
};
export async function insertReply(tx: Tx, { inquiryId, kind, by, at, document, txId, files }: ReplyWrite): Promise<void> {
  await insertRows(tx, 'cases.inquiry_replies', [{ inquiry_id: inquiryId, kind, by_ref: by, at: toIso(at), document, tx_id: bytea(txId) }]);
  const rows = files.map(({ sm3, name, mime, bytes }) => ({
    ...{ inquiry_id: inquiryId, sm3: bytea(sm3), name, mime, at: toIso(at), bytes: bytea(bytes) },
  }));
  await insertRows(tx, 'cases.inquiry_files', rows, 'on conflict do nothing');
}

export type InquiryFileRow = { readonly inquiryId: string; readonly sm3: string; readonly name: string; readonly mime: string };
export async function listInquiryFiles(sql: Queryable, inquiryIds: readonly string[]): Promise<readonly InquiryFileRow[]> {
  return query(
    sql,
    `select inquiry_id as "inquiryId", encode(sm3, 'hex') as sm3, name, mime from cases.inquiry_files where inquiry_id = any($1) order by at, name`,
    [inquiryIds],
  );
}

export async function findInquiryFile(sql: Queryable, inquiryId: string, sm3: Uint8Array) {
  const [row] = await query<{ name: string; mime: string; bytes: Uint8Array }>(
    sql,
    'select name, mime, bytes from cases.inquiry_files where inquiry_id = $1 and sm3 = $2',
    [inquiryId, sm3],
  );
  return row === undefined ? null : { ...row, bytes: new Uint8Array(row.bytes) };
}
