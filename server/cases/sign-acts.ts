/** Two signatures stand behind an act of an official: the personal one over the document, and that of the organisation's account on the
 *  ledger. Both are made in the browser; here they are checked and nothing is signed. */
import type { Op } from '#ledger/codec/op-types.ts';
import { decodeTxEnv, encodeTxBody, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import type { GroupResult, Sequenced } from '#ledger/node/ledger-node.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type CaseDocument, signedDocument } from '#sandbox/cases/case-order.ts';
import type { Services } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Tx } from '#server/db.ts';
import type { StaffSession } from '#server/identity/identity.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { AwaitedSigner, CaseSigner } from '#server/trpc/views.ts';
import { refuseCase } from './case-codes.ts';

export type CaseGround = Pick<Services, 'sql' | 'clock' | 'random' | 'ledger'> & { readonly outbox: Pick<Outbox, 'append'> };

export type Signed = {
  /** SM2 of the person. */
  readonly signature: string;
  /** LedgerTx of the organisation's account; null where the act waits for a second person, or for a signature from elsewhere. */
  readonly signedTx: string | null;
  /** Of an act that was asked for before. */
  readonly elsewhere?: Elsewhere;
};
/** What the organisation signs where its key is: `check` holds the act against its guards and changes nothing, `finish` takes it. */
export type Elsewhere =
  | { readonly kind: 'check'; readonly body: TxBody }
  /** `also` belongs into the commit of the act. */
  | { readonly kind: 'finish'; readonly env: TxEnv; readonly also: (tx: Tx) => Promise<void> };

/** With which account the supervisor signs here; where its key is elsewhere, for which chain it will. */
export function supervisorSigner(ground: CaseGround): CaseSigner | AwaitedSigner {
  return ground.ledger.demo === null ? { chain: toHex(ground.ledger.chain), publishedKey: null } : caseSigner(ground);
}

/** With which account the supervisor, or the notary, signs here. @throws {RefusalError} `supervisor_key_elsewhere` */
export function caseSigner({ ledger }: CaseGround, organisation: 'supervisor' | 'notary' = 'supervisor'): CaseSigner {
  const supervisor = ledger.demo?.[organisation];
  const leaf = supervisor === undefined ? null : ledger.pending.accountById(supervisor.acct);
  if (supervisor === undefined || leaf === null) throw refuseCase('supervisor_key_elsewhere');
  const keyIdx = ledger.pending.policyByHash(leaf.policy)?.keys.findIndex((key) => equalBytes(key.pub, supervisor.publicKey)) ?? 0;
  return {
    chain: toHex(ledger.chain),
    acct: toHex(supervisor.acct),
    keyIdx,
    keyEpoch: leaf.keyEpoch,
    publishedKey: toHex(supervisor.privateKey),
  };
}

/** @throws {RefusalError} `sig_invalid` */
export async function requireStaffSignature(
  { sql, ledger }: CaseGround,
  staff: Pick<StaffSession, 'certificateSerial'>,
  document: CaseDocument,
  signature: string,
): Promise<Uint8Array> {
  const rows = await query<{ public_key: Uint8Array }>(
    sql,
    "select public_key from pki.certificates where serial = $1 and kind = 'signing' and retired_at is null",
    [staff.certificateSerial],
  );
  const message = signedDocument(document, toHex(ledger.chain), staff.certificateSerial);
  const bytes = fromHex(signature, 64);
  if (!rows.some(({ public_key: key }) => ledger.sm2.verify(new Uint8Array(key), message, bytes))) throw refuseCase('sig_invalid');
  return bytes;
}

/** The organisation's LedgerTx, when it says exactly what was asked for. @throws {RefusalError} `ledger_tx_mismatch`, `supervisor_key_elsewhere` */
export function requireLedgerTx({ ledger }: CaseGround, signedTx: string | null, op: Op): TxEnv {
  if (signedTx === null && ledger.demo === null) throw refuseCase('supervisor_key_elsewhere');
  if (signedTx === null) throw refuseCase('ledger_tx_mismatch', { reason: 'missing' });
  try {
    const env = decodeTxEnv(fromHex(signedTx));
    const { chain } = ledger;
    if (equalBytes(encodeTxBody(env.body), encodeTxBody({ ...env.body, chain, op }))) return env;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  throw refuseCase('ledger_tx_mismatch', { reason: 'contents' });
}

/** One LedgerTx and what it makes true, or nothing. */
export async function sequenceAct(
  ground: CaseGround,
  env: TxEnv,
  also: (tx: Tx, result: Sequenced) => Promise<void>,
  { elsewhere }: Pick<Signed, 'elsewhere'> = {},
  committed?: () => void,
): Promise<void> {
  const follow = async (tx: Tx, [result]: readonly GroupResult[]) => {
    await also(tx, requireSequenced(result));
    if (elsewhere?.kind === 'finish') await elsewhere.also(tx);
  };
  await sequenceOutside(ground, [env], follow, committed);
}

function requireSequenced(result: GroupResult | undefined): Sequenced {
  if (result?.kind === 'sequenced') return result;
  if (result?.code === 'freeze_rank') throw refuseCase('freeze_rank');
  throw refuseCase('ledger_refused', { ledgerCode: result?.code ?? 'nothing' });
}
