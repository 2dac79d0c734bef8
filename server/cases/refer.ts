/** Referring a case (product V-14): the official's signature over authority and reason, the office's statement on the ledger, the case's state. */
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { type ReferOrder, referDocument, referOp } from '#sandbox/cases/refer-order.ts';
import type { Tx } from '#server/db.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
import { refuseCase } from './case-codes.ts';
import { recordStep, requireOpenCase } from './case-desk.ts';
import { findSignedDocument, insertSignature, setState } from './cases.repo.ts';
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

/** @returns whether it waits for the office's signature */
export async function referCase(
  ground: CaseGround,
  staff: Official,
  order: ReferOrder,
  signed: Signed,
): Promise<{ readonly waits: boolean }> {
  const { sql, clock } = ground;
  const subjectId = `ref_${order.actId}`;
  const document = referDocument(order);
  const doc = documentHash(document);
  const known = await findSignedDocument(sql, subjectId, 'refer');
  if (known !== null) {
    if (equalBytes(documentHash(known), doc)) return { waits: false };
    throw refuseCase('act_reused', { caseId: order.caseId });
  }
  await sql.begin((tx) => requireOpenCase(tx, staff, order.caseId));
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: referOp(doc), document, about: null, caseId: order.caseId, step: 'refer' },
    intent: { act: 'refer', order, ...keptOf(staff, signed.signature) },
  });
  if (env === null) return { waits: true };
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    const row = await requireOpenCase(tx, staff, order.caseId);
    const at = clock.now();
    await insertSignature(tx, { subjectId, act: 'refer', staff, document, signature, at });
    await setState(tx, order.caseId, 'referred', null, at);
    const body = { authority: order.authority, reason: order.reason, txId: toHex(txId) };
    await recordStep(ground, tx, row, { by: staff, act: 'referred', to: 'referred', body });
  };
  await sequenceAct(ground, env, follow, signed);
  return { waits: false };
}
