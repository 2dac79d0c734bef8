/**
 * A party puts a package before the notary; the notary's person reads it, verifies it in the own browser, and signs or declines (rulebook
 * CN-EV-06, CN-EV-09). A countersign is two signatures: the personal one over the document with the package's SM3, and an Attest by the
 * notary's own account, so that it can be proved when this market is gone. Nothing is signed here.
 */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import {
  type CountersignOrder,
  countersignDocument,
  countersignOp,
  type DeclineOrder,
  declineDocument,
} from '#sandbox/cases/countersign.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { type CaseGround, requireLedgerTx, requireStaffSignature, sequenceAct } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { type NoticeCode, noticeTo } from '#server/outbox/notices.ts';
import type { NotaryRequest } from '#server/trpc/views.ts';
import { type CountersignRow, decideCountersign, findCountersign, insertCountersign, listForNotary } from './countersigns.repo.ts';
import type { Evidence } from './evidence.ts';

const LISTED = 100;
export type CountersignGround = CaseGround & { readonly evidence: Pick<Evidence, 'find' | 'file'> };

/** Only of a package that is built and one's own. @throws {RefusalError} `countersign_unknown` */
export async function askNotary({ sql, clock, evidence }: CountersignGround, acct: AccountId, exportId: string): Promise<void> {
  const own = await evidence.find(acct, exportId);
  if (own === null || own.state !== 'built') throw refuseCase('countersign_unknown');
  await insertCountersign(sql, exportId, clock.now());
}

export async function listNotaryRequests({ sql }: CountersignGround): Promise<readonly NotaryRequest[]> {
  const rows = await listForNotary(sql, LISTED);
  return rows.map(({ view, acct, ...rest }) => ({ ...view, ...rest, askedBy: acct }));
}

/** The notary sees a package because its party asked for that. @throws {RefusalError} `countersign_unknown` */
export async function readForNotary({ sql, evidence }: CountersignGround, exportId: string): Promise<Uint8Array> {
  const row = await findCountersign(sql, exportId);
  const bytes = row === null ? null : await evidence.file(row.acct, exportId);
  if (bytes === null) throw refuseCase('countersign_unknown');
  return bytes;
}

type Signed = { readonly signature: string; readonly signedTx: string };

export async function countersign(
  ground: CountersignGround,
  staff: StaffSession,
  order: CountersignOrder,
  signed: Signed,
): Promise<string> {
  const { sql } = ground;
  const document = countersignDocument(order);
  await requireAsked(sql, order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = requireLedgerTx(ground, signed.signedTx, countersignOp(documentHash(document)));
  let entry = '';
  await sequenceAct(ground, env, async (tx, { txId }) => {
    const row = await requireAsked(tx, order, true);
    const at = ground.clock.now();
    await decideCountersign(tx, order.exportId, { state: 'signed', at, staff, document, signature, txId });
    await tell(ground, tx, row, 'evidence_countersigned');
    entry = toHex(txId);
  });
  return entry;
}

export async function declineCountersign(
  ground: CountersignGround,
  staff: StaffSession,
  order: DeclineOrder,
  personal: string,
): Promise<void> {
  const document = declineDocument(order);
  await requireAsked(ground.sql, order);
  const signature = await requireStaffSignature(ground, staff, document, personal);
  await ground.sql.begin(async (tx) => {
    const row = await requireAsked(tx, order, true);
    const at = ground.clock.now();
    await decideCountersign(tx, order.exportId, { state: 'declined', at, staff, document, signature, txId: null });
    await tell(ground, tx, row, 'evidence_declined');
  });
}

/** @throws {RefusalError} when nobody asked, somebody has answered, or another package is meant */
async function requireAsked(
  sql: Queryable,
  order: Pick<DeclineOrder, 'exportId' | 'packageSm3'> & { readonly subject?: string },
  lock = false,
): Promise<CountersignRow> {
  const row = await findCountersign(sql, order.exportId, lock);
  if (row === null) throw refuseCase('countersign_unknown');
  if (row.view.state !== 'asked') throw refuseCase('countersign_decided');
  const subject = `${row.subject.kind} ${row.subject.id}`;
  if (order.packageSm3 !== row.packageSm3 || (order.subject ?? subject) !== subject) throw refuseCase('countersign_mismatch');
  return row;
}

async function tell({ clock, outbox }: CaseGround, tx: Tx, { acct, subject }: CountersignRow, code: NoticeCode): Promise<void> {
  const link = subject.kind === 'trade' ? `/trades/${subject.id}` : `/i/${subject.id}`;
  await outbox.append(tx, [noticeTo(acct, code, clock.now(), { link })]);
}
