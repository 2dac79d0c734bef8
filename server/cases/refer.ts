/** Referring a case (product V-14): the official's signature over authority and reason, the office's statement on the ledger, the case's state. */
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ReferOrder, referDocument, referOp } from '#sandbox/cases/refer-order.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireOpenCase } from './case-desk.ts';
import { findSignedDocument, insertSignature, setState } from './cases.repo.ts';
import type { Signed } from './freeze.ts';
import { type CaseGround, requireLedgerTx, requireStaffSignature, sequenceAct } from './sign-acts.ts';

export async function referCase(ground: CaseGround, staff: StaffSession, order: ReferOrder, signed: Signed): Promise<void> {
  const { sql, clock } = ground;
  const subjectId = `ref_${order.actId}`;
  const document = referDocument(order);
  const doc = documentHash(document);
  const known = await findSignedDocument(sql, subjectId, 'refer');
  if (known !== null) {
    if (equalBytes(documentHash(known), doc)) return;
    throw refuseCase('act_reused', { caseId: order.caseId });
  }
  await sql.begin((tx) => requireOpenCase(tx, staff, order.caseId));
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = requireLedgerTx(ground, signed.signedTx, referOp(doc));
  await sequenceAct(ground, env, async (tx, { txId }) => {
    const row = await requireOpenCase(tx, staff, order.caseId);
    const at = clock.now();
    await insertSignature(tx, { subjectId, act: 'refer', staff, document, signature, at });
    await setState(tx, order.caseId, 'referred', null, at);
    const body = { authority: order.authority, reason: order.reason, txId: toHex(txId) };
    await recordStep(ground, tx, row, { by: staff, act: 'referred', to: 'referred', body });
  });
}
