/** The default policy of a player's account (`ledger.md` 4.1): the device signs, operator and notary can only start a recovery. */
import { type AuthPolicy, encodeAuthPolicy, KEY_USE } from '#ledger/codec/auth-policy.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, compareBytes, equalBytes } from '#ledger/primitives/bytes.ts';

export const RECOVERY_DELAY_MS = 72 * 3_600_000;

/** Recovery must outlive the operator, so the notary's key is among them wherever the chain has a notary. One that has become operator is
 *  named once. */
export function recoveryKeysOf(ledger: Pick<LedgerNode, 'operator' | 'demo'>): readonly Bytes[] {
  return keysOf(ledger.operator.publicKey, ledger);
}

/** The little that is asked of a node, so that a command without one can ask too. */
export type FoundingLedger = Pick<LedgerNode, 'genesis'> & { readonly demo: { readonly notary: { readonly publicKey: Bytes } } | null };

/** Of the accounts that the chain began with: they name the operator that began it, whoever is operator now. */
export function foundingRecoveryKeysOf(ledger: FoundingLedger): readonly Bytes[] {
  const [founder] = ledger.genesis.accounts;
  const key = founder?.policy.keys[0];
  assert(key !== undefined, 'genesis begins with the operator’s account');
  return keysOf(key.pub, ledger);
}

function keysOf(operator: Bytes, { demo }: Pick<FoundingLedger, 'demo'>): readonly Bytes[] {
  const keys = [operator, ...(demo === null || equalBytes(demo.notary.publicKey, operator) ? [] : [demo.notary.publicKey])];
  return keys.sort(compareBytes);
}

export function playerPolicy(deviceKey: Bytes, encKey: Bytes, recoveryKeys: readonly Bytes[]): AuthPolicy {
  const keys = [
    { pub: deviceKey, weight: 1, use: KEY_USE.sign },
    ...recoveryKeys.map((pub) => ({ pub, weight: 1, use: KEY_USE.recover })),
  ].sort((a, b) => compareBytes(a.pub, b.pub));
  return { threshold: 1, keys, recoveryDelayMs: RECOVERY_DELAY_MS, encKey };
}

/** True for exactly the default policy around whatever device key the policy names. */
export function isPlayerPolicy(policy: AuthPolicy, recoveryKeys: readonly Bytes[]): boolean {
  const device = policy.keys.find((key) => key.use === KEY_USE.sign);
  if (device === undefined || policy.encKey === null) return false;
  return equalBytes(encodeAuthPolicy(policy), encodeAuthPolicy(playerPolicy(device.pub, policy.encKey, recoveryKeys)));
}

/** The first key that may sign: what a quote and a signed order name by index. */
export function signingKeyOf(policy: AuthPolicy): { readonly keyIdx: number; readonly publicKey: Bytes } | null {
  const keyIdx = policy.keys.findIndex((key) => key.use !== KEY_USE.recover);
  const key = policy.keys[keyIdx];
  return key === undefined ? null : { keyIdx, publicKey: key.pub };
}
