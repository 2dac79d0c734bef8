/**
 * Who signed a LedgerTx (`ledger.md` 4.2, 5 row 7) and which of the signatures its op asked for. A signature that no rule
 * asks for or permits is refused at the end (`signer_extra`).
 */
import type { AuthKey, AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { KEY_USE } from '#ledger/codec/auth-policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import type { BatchTag } from '#ledger/tx/sign.ts';
import { signedBatchOf } from '#ledger/tx/signed-batch.ts';
import type { ApplyContext } from './applied.ts';
import type { StateView } from './view.ts';

/** The keys that may sign for an account now. */
export interface KeyRing {
  readonly keyEpoch: number;
  readonly policy: AuthPolicy;
}

/** A key that signed, or the code of the first check of row 7 that fails. */
export type SigCheck = { readonly kind: 'signed'; readonly key: AuthKey } | { readonly kind: 'rejected'; readonly code: LedgerCode };

function refused(code: LedgerCode): SigCheck {
  return { kind: 'rejected', code };
}

/** `key_epoch_stale` → `key_unknown` → `sig_range` → `batch_range` → `sig_invalid`. */
export function checkTxSig(
  sig: TxSig,
  ring: KeyRing,
  tag: BatchTag,
  id: Uint8Array,
  context: Pick<ApplyContext, 'chain' | 'verify'>,
): SigCheck {
  if (sig.keyEpoch !== ring.keyEpoch) return refused('key_epoch_stale');
  const key = ring.policy.keys[sig.keyIdx];
  if (key === undefined) return refused('key_unknown');
  if (!isSignatureInRange(sig.sig)) return refused('sig_range');
  const batch = signedBatchOf(tag, context.chain, id, sig);
  if (batch.kind === 'rejected') return refused(batch.code);
  if (!context.verify(key.pub, batch.message, sig.sig)) return refused('sig_invalid');
  return { kind: 'signed', key };
}

/** The current keys of an account of the state. */
export function keyRingOf(view: StateView, acct: Uint8Array): KeyRing | null {
  const account = view.accountById(acct);
  if (account === null) return null;
  const policy = view.policyByHash(account.policy);
  return policy === null ? null : { keyEpoch: account.keyEpoch, policy };
}

/** Whether keys that may sign, together, reach the threshold. */
export function reachesThreshold(policy: AuthPolicy, keys: readonly AuthKey[]): boolean {
  const weight = keys.reduce((sum, key) => sum + (key.use === KEY_USE.sign || key.use === KEY_USE.both ? key.weight : 0), 0);
  return weight >= policy.threshold;
}

interface SignedKey {
  readonly acct: string;
  readonly key: AuthKey;
  readonly ring: KeyRing;
  asked: boolean;
}

export class Signers {
  readonly #signed: readonly SignedKey[];
  readonly #config: ConsortiumConfig;

  private constructor(signed: readonly SignedKey[], config: ConsortiumConfig) {
    this.#signed = signed;
    this.#config = config;
  }

  /** Verifies every TxSig in turn against the account as the previous LedgerTx left it. */
  static verify(view: StateView, context: ApplyContext, env: TxEnv, txId: Bytes): Signers | LedgerCode {
    const { op } = env.body;
    const opened = op.kind === 'account_open' ? { acct: accountIdFromPolicy(op.policy), ring: { keyEpoch: 0, policy: op.policy } } : null;
    const signed: SignedKey[] = [];
    for (const sig of env.sigs) {
      const ring = opened !== null && equalBytes(sig.acct, opened.acct) ? opened.ring : keyRingOf(view, sig.acct);
      if (ring === null) return 'signer_unknown';
      const check = checkTxSig(sig, ring, 'PLP1/txsig', txId, context);
      if (check.kind === 'rejected') return check.code;
      signed.push({ acct: toHex(sig.acct), key: check.key, ring, asked: false });
    }
    return new Signers(signed, context.config);
  }

  /** `signed(A)`. Permits A's signing keys, whether or not they reach the threshold. */
  signed(acct: Uint8Array): boolean {
    return this.#signedHex(toHex(acct));
  }

  #signedHex(acct: string): boolean {
    const own = this.#signed.filter((each) => each.acct === acct);
    const counting = own.filter((each) => each.key.use === KEY_USE.sign || each.key.use === KEY_USE.both);
    for (const each of counting) each.asked = true;
    const ring = own[0]?.ring;
    return (
      ring !== undefined &&
      reachesThreshold(
        ring.policy,
        counting.map((each) => each.key),
      )
    );
  }

  /** Lets A sign along where a rule permits it and none asks. */
  permit(acct: Uint8Array): void {
    this.signed(acct);
  }

  /** At least one of A's keys that may start recovery. */
  recoverySigned(acct: Uint8Array): boolean {
    const own = this.#signed.filter(
      (each) => each.acct === toHex(acct) && (each.key.use === KEY_USE.recover || each.key.use === KEY_USE.both),
    );
    for (const each of own) each.asked = true;
    return own.length > 0;
  }

  /** `role(R)`: the account of some Member or Agent with that role signed. */
  role(role: number): boolean {
    const { members, agents } = this.#config;
    const accounts = [...members, ...agents].filter((each) => each.role === role).map((each) => toHex(each.acct));
    return anyOf(accounts, (acct) => this.#signedHex(acct));
  }

  /** The account of any Member signed. */
  anyMember(): boolean {
    return anyOf(
      this.#config.members.map((member) => toHex(member.acct)),
      (acct) => this.#signedHex(acct),
    );
  }

  /** Whether a signature is left that no rule asked for or permitted. */
  hasExtra(): boolean {
    return this.#signed.some((each) => !each.asked);
  }
}

/** Like `some`, without stopping at the first: every one of them is thereby permitted. */
function anyOf<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return items.map(holds).some(Boolean);
}
