/** Signers and disclosed fields (`ledger.md` 17, steps 10 and 11). */
import { type AuthPolicy, KEY_USE } from '#ledger/codec/auth-policy.ts';
import { type AccountLeaf, decodeAccountLeaf, REGISTER } from '#ledger/codec/leaves.ts';
import { SIDE, type SignedOrder } from '#ledger/codec/order.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import type { TxSig } from '#ledger/codec/tx-sig.ts';
import { isOnCurve, isSignatureInRange, type Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { batchRootOf } from '#ledger/merkle/batch-tree.ts';
import { FIELD_SETS, FIELDS, rootFromField } from '#ledger/merkle/field-tree.ts';
import { stateLeaf } from '#ledger/merkle/register.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { ClaimIndex, FieldClaim, Signer, SignersClaim } from '#ledger/proof/claim.ts';
import type { Receipt } from '#ledger/proof/receipt.ts';
import { orderIdOf, policyHash, txIdOf } from '#ledger/tx/ids.ts';
import { demand, type Finding, VerifyFailure } from './verdict.ts';
import type { Proven } from './verify-claims.ts';

/** A signature with what it covers. */
interface Covered {
  readonly sig: TxSig;
  readonly tag: 'PLP1/txsig' | 'PLP1/order';
  readonly id: Bytes;
  readonly chain: Bytes;
  /** A recovery key stands alone and needs no threshold (op 2, modes 1 and 3). */
  readonly isRecovery: boolean;
}

function coveredBy(entry: Entry): readonly Covered[] {
  const { body, sigs } = entry.env;
  const { op, chain } = body;
  const txId = txIdOf(body);
  const recovering = op.kind === 'account_rotate' && (op.mode === 1 || op.mode === 3) ? op.acct : null;
  const own = sigs.map((sig): Covered => {
    const isRecovery = recovering !== null && equalBytes(recovering, sig.acct);
    return { sig, tag: 'PLP1/txsig', id: txId, chain, isRecovery };
  });
  const ofOrder = (signed: SignedOrder): readonly Covered[] => {
    const id = orderIdOf(signed.order);
    return signed.sigs.map((sig) => ({ sig, tag: 'PLP1/order', id, chain: signed.order.chain, isRecovery: false }));
  };
  return op.kind === 'trade' ? [...own, ...ofOrder(op.sell), ...ofOrder(op.buy)] : own;
}

/** Step 10. @throws {VerifyFailure} E46 */
export function verifySigners(receipt: Receipt, proven: Proven, sm2: Sm2): readonly Finding[] {
  const findings: Finding[] = [];
  const claims = new Map<ClaimIndex, SignersClaim>();
  for (const [at, claim] of receipt.claims.entries()) {
    if (claim.kind !== 'signers') continue;
    demand(proven.entries.has(claim.entryClaim), 'E46', 'no_such_entry_claim', { claim: at });
    claims.set(claim.entryClaim, claim);
  }
  for (const [at, { index, entry }] of proven.entries) {
    const covered = coveredBy(entry);
    const checked = new Set<string>();
    const accounts = (claims.get(at)?.accounts ?? []).map((signer) => {
      const leaf = verifySigner(signer, entry, covered, proven, sm2);
      demand(!checked.has(toHex(leaf.acct)), 'E46', 'signer_twice', { entry: index.toString() });
      checked.add(toHex(leaf.acct));
      return leaf.acct;
    });
    const unchecked = new Map(covered.filter(({ sig }) => !checked.has(toHex(sig.acct))).map(({ sig }) => [toHex(sig.acct), sig.acct]));
    findings.push({ kind: 'signers', entry: index, accounts, unchecked: [...unchecked.values()] });
  }
  return findings;
}

function verifySigner(signer: Signer, entry: Entry, covered: readonly Covered[], proven: Proven, sm2: Sm2): AccountLeaf {
  const leaf = parseAccountLeaf(signer.leaf);
  const facts = { acct: toHex(leaf.acct) };
  demand(isNamed(signer.leaf, leaf, entry, proven), 'E46', 'account_leaf_not_proven', facts);
  demand(equalBytes(policyHash(signer.policy), leaf.policy), 'E46', 'policy_hash', facts);
  const mine = covered.filter(({ sig }) => equalBytes(sig.acct, leaf.acct));
  demand(mine.length > 0, 'E46', 'account_did_not_sign', facts);
  for (const one of mine) verifySignature(one, leaf, signer.policy, sm2);
  // Orders and the LedgerTx are separate consents: each reaches the threshold alone.
  for (const id of new Set(mine.map((one) => toHex(one.id)))) {
    const keys = mine.filter((one) => toHex(one.id) === id).map((one) => ({ key: signer.policy.keys[one.sig.keyIdx], one }));
    const weight = keys.reduce((sum, { key }) => sum + (key !== undefined && key.use !== KEY_USE.recover ? key.weight : 0), 0);
    const isRecovery = keys.some(({ key, one }) => one.isRecovery && key !== undefined && key.use !== KEY_USE.sign);
    demand(isRecovery || weight >= signer.policy.threshold, 'E46', 'threshold', { ...facts, weight });
  }
  return leaf;
}

function verifySignature({ sig, tag, id, chain }: Covered, leaf: AccountLeaf, policy: AuthPolicy, sm2: Sm2): void {
  const facts = { acct: toHex(leaf.acct) };
  demand(sig.keyEpoch === leaf.keyEpoch, 'E46', 'key_epoch', facts);
  const key = policy.keys[sig.keyIdx];
  demand(key !== undefined && isOnCurve(key.pub), 'E46', 'key_unknown', facts);
  demand(isSignatureInRange(sig.sig), 'E46', 'sig_range', facts);
  const batch = batchRootOf({ id, batchIndex: sig.batchIndex, batchSize: sig.batchSize, path: sig.path });
  demand(batch.kind === 'root', 'E46', 'batch_range', facts);
  demand(sm2.verify(key.pub, signedMessage(tag, chain, batch.root), sig.sig), 'E46', 'sig_invalid', facts);
}

/** The leaf is the entry's own, or stands in the certified state. */
function isNamed(bytes: Bytes, leaf: AccountLeaf, entry: Entry, proven: Proven): boolean {
  const hash = stateLeaf(bytes);
  const effect = entry.effects.find((candidate) => candidate.reg === REGISTER.accounts && candidate.index === leaf.serial);
  if (effect !== undefined && equalBytes(effect.leaf, hash)) return true;
  return proven.hasLeaf(REGISTER.accounts, leaf.serial, hash);
}

function parseAccountLeaf(bytes: Bytes): AccountLeaf {
  try {
    return decodeAccountLeaf(bytes);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new VerifyFailure('E46', 'leaf_malformed', { because: error.code });
  }
}

/** Step 11. @throws {VerifyFailure} E50 */
export function verifyFields(receipt: Receipt, proven: Proven): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [at, claim] of receipt.claims.entries()) {
    if (claim.kind !== 'field') continue;
    const source = proven.entries.get(claim.entryClaim);
    demand(source !== undefined, 'E50', 'no_such_entry_claim', { claim: at });
    const commitment = commitmentOf(source.entry, claim);
    demand(commitment !== null && claim.id < FIELDS, 'E50', 'no_such_commitment', { claim: at, slot: claim.slot, id: claim.id });
    const root = rootFromField(commitment.set, claim.id, claim, claim.path);
    demand(equalBytes(root, commitment.root), 'E50', 'commitment_mismatch', { claim: at });
    findings.push({ kind: 'field', entry: source.index, slot: claim.slot, id: claim.id, value: claim.value });
  }
  return findings;
}

const SLOT = { pay: 0, sellTerms: 1, buyTerms: 2, identity: 3 } as const;

/** Where the entry commits to a slot (15.1, 15.2). */
function commitmentOf(entry: Entry, { slot }: FieldClaim): { readonly set: number; readonly root: Bytes } | null {
  const { op } = entry.env.body;
  if (slot === SLOT.identity) return op.kind === 'account_open' ? { set: FIELD_SETS.identity, root: op.kyc } : null;
  if (slot === SLOT.pay) {
    const hasPay = op.kind === 'trade' || op.kind === 'transfer' || op.kind === 'trade_reverse';
    return hasPay ? { set: FIELD_SETS.pay, root: op.pay } : null;
  }
  if (slot !== SLOT.sellTerms && slot !== SLOT.buyTerms) return null;
  const side = slot === SLOT.sellTerms ? SIDE.sell : SIDE.buy;
  const order =
    op.kind === 'trade' ? (slot === SLOT.sellTerms ? op.sell.order : op.buy.order) : op.kind === 'order_cancel' ? op.order : null;
  return order !== null && order.side === side ? { set: FIELD_SETS.terms, root: order.terms } : null;
}
