/**
 * The court as this market meets it: it reads what the supervisor brings, and its own signature under the LedgerTx is what moves the item
 * (`ledger.md` op 13: court and supervisor, neither alone). Simulated on a demonstration chain: the court there confirms a judgement that it
 * has not seen before by entering it in its register, and refuses another file under the same number. Elsewhere a court signs at its own node.
 */
import type { TxEnv } from '#ledger/codec/tx.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import type { JudgementOrder } from '#sandbox/cases/judgement-order.ts';
import { refuseCase } from './case-codes.ts';
import { registerJudgement } from './judgements.repo.ts';
import type { CaseGround } from './sign-acts.ts';

/** @throws {RefusalError} `supervisor_key_elsewhere`, `judgement_refused` */
export async function signAsCourt({ sql, ledger, clock }: CaseGround, order: JudgementOrder, env: TxEnv): Promise<TxEnv> {
  if (ledger.demo === null) throw refuseCase('supervisor_key_elsewhere');
  const { court, docket } = order;
  const isOurs = await registerJudgement(sql, { court, docket, fileSm3: fromHex(order.fileSm3, 32), at: clock.now() });
  if (!isOurs) throw refuseCase('judgement_refused', { docket });
  return ledger.demo.court.coSign(env);
}
