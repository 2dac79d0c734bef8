/**
 * Where an office's key is elsewhere an official's act waits for its signature (`co-sign/`), with the personal signature that it has already;
 * on a demonstration chain the browser signs for the office at once. Until the signature has come nothing but the request is written.
 */
import type { Op } from '#ledger/codec/op-types.ts';
import { encodeTxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { ActPaper } from '#sandbox/cases/read-act.ts';
import { askCoSign, coSignViews, windowToSign } from '#server/co-sign/ask.ts';
import { findCoSign } from '#server/co-sign/co-sign.repo.ts';
import { refuseCoSign } from '#server/co-sign/co-sign-codes.ts';
import type { Services } from '#server/context.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { CoSignView } from '#server/trpc/views.ts';
import type { ActIntent } from './act-intent.ts';
import { refuseCase } from './case-codes.ts';
import { requireCase } from './case-desk.ts';
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireLedgerTx, type Signed } from './sign-acts.ts';

export type AskedAct = ActPaper & {
  readonly op: Op;
  readonly caseId: string;
  /** Names what may wait once at a time in the case. */
  readonly step: string;
  readonly intent: ActIntent;
  /** The operator is bound by the office's decision, and signs beside it. */
  readonly operatorSigns?: boolean;
};

/** The LedgerTx with every signature. Null: it waits, or was only held against its guards. @throws {RefusalError} */
export async function ledgerTxOf(ground: CaseGround, staff: Official, signed: Signed, act: AskedAct): Promise<TxEnv | null> {
  const { ledger, clock, random } = ground;
  const { op, operatorSigns = false } = act;
  const { elsewhere, signedTx } = signed;
  if (elsewhere !== undefined) {
    const body = elsewhere.kind === 'finish' ? elsewhere.env.body : elsewhere.body;
    if (!equalBytes(encodeTxBody(body), encodeTxBody({ ...body, chain: ledger.chain, op })))
      throw refuseCase('ledger_tx_mismatch', { reason: 'contents' });
    return elsewhere.kind === 'finish' ? elsewhere.env : null;
  }
  if (ledger.demo !== null || signedTx !== null) {
    const env = requireLedgerTx(ground, signedTx, op);
    if (env.sigs.some(({ acct }) => equalBytes(acct, ledger.operator.acct))) throw refuseCase('ledger_tx_mismatch', { reason: 'signer' });
    return operatorSigns ? ledger.operator.coSign(env) : env;
  }
  const body = { chain: ledger.chain, salt: random.bytes(16), ...windowToSign(clock.now()), op };
  const { caseId: subjectId, step, document, about, intent } = act;
  await askCoSign(ground, {
    ...{ kind: 'case_act', subjectId, step, body, env: operatorSigns ? first(ledger.operator.batchSign([body])) : null },
    ...{ paper: { kind: 'case_act', document, about }, intent, askedBy: `${staff.name} (${staff.organisation})` },
  });
  return null;
}

function first([env]: readonly TxEnv[]): TxEnv {
  assert(env !== undefined, 'one body, one env');
  return env;
}

/** How long pages show a request that ended without its act. */
const SHOWN_MS = 30 * 86_400_000;

/** In a case: what waits first. */
export function awaitedActs({ tx, now }: Pick<Snapshot, 'tx' | 'now'>, caseId: string): Promise<readonly CoSignView[]> {
  return coSignViews(tx, 'case_act', caseId, instant(now - SHOWN_MS));
}

/** By whoever works on the case. @throws {RefusalError} */
export async function withdrawAct(ground: CaseGround & Pick<Services, 'coSigns'>, staff: Official, coSignId: string): Promise<void> {
  const request = await findCoSign(ground.sql, coSignId);
  if (request?.kind !== 'case_act') throw refuseCoSign('co_sign_unknown');
  await ground.sql.begin((tx) => requireCase(tx, staff, request.subjectId));
  await ground.coSigns.withdraw(coSignId, `${staff.name} (${staff.organisation})`);
}

/** Without the session, which is over by then. */
export function keptOf({ staffId, name, role, organisation, certificateSerial }: Official, signature: string) {
  return { staff: { staffId, name, role, organisation, certificateSerial }, signature };
}
