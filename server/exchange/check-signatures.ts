/** Whose signature an order or a cancel carries, before the workers check the curve arithmetic (`ledger.md` 5, row 7). */
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import type { SignatureCheck } from '#ledger/node/ledger-node.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { BatchTag } from '#ledger/tx/sign.ts';
import { signedBatchOf } from '#ledger/tx/signed-batch.ts';
import type { ExchangeCode } from './codes.ts';

const MAY_SIGN: readonly number[] = [1, 3];

type SignedId = { readonly tag: BatchTag; readonly chain: Uint8Array; readonly id: Uint8Array; readonly acct: Uint8Array };
export type SignatureAnswer =
  | { readonly kind: 'checks'; readonly checks: readonly SignatureCheck[] }
  | { readonly kind: 'rejected'; readonly code: ExchangeCode };

/** The account's own signing keys must reach its threshold; a signature by anybody else is one too many. */
export function signatureChecks(pending: StateView, { tag, chain, id, acct }: SignedId, sigs: readonly TxSig[]): SignatureAnswer {
  const account = pending.accountById(acct);
  const policy = account === null ? null : pending.policyByHash(account.policy);
  if (account === null || policy === null) return { kind: 'rejected', code: 'account_unknown' };
  const checks: SignatureCheck[] = [];
  let weight = 0;
  for (const sig of sigs) {
    if (!equalBytes(sig.acct, acct)) return { kind: 'rejected', code: 'sig_invalid' };
    if (sig.keyEpoch !== account.keyEpoch) return { kind: 'rejected', code: 'key_epoch_stale' };
    const key = policy.keys[sig.keyIdx];
    if (key === undefined || !MAY_SIGN.includes(key.use)) return { kind: 'rejected', code: 'key_unknown' };
    const batch = signedBatchOf(tag, chain, id, sig);
    if (batch.kind === 'rejected') return { kind: 'rejected', code: 'sig_invalid' };
    checks.push({ publicKey: key.pub, message: batch.message, signature: sig.sig });
    weight += key.weight;
  }
  return weight < policy.threshold ? { kind: 'rejected', code: 'sig_invalid' } : { kind: 'checks', checks };
}
