/** Rules that several ops share: freezes, locks, protection, consent, authority over a class, validity of keys. */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { KEY_USE } from '#ledger/codec/auth-policy.ts';
import { type AccountLeaf, type ClassLeaf, type ItemLeaf, RECORD } from '#ledger/codec/leaves.ts';
import { isOnCurve } from '#ledger/crypto/sm2.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, isZero, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import type { ApplyContext } from './applied.ts';
import type { Draft } from './draft.ts';
import type { Signers } from './signers.ts';
import type { StateView } from './view.ts';

/** What the rules of one op work with. A rule answers the first code that refuses, or `null`. */
export interface Run {
  readonly view: StateView;
  readonly draft: Draft;
  readonly signers: Signers;
  readonly context: ApplyContext;
}

export const HOUR_MS = 3_600_000n;
export const DAY_MS = 24n * HOUR_MS;
export const FLAG_BURNED = 1;
const FREEZE_RANK_SHIFT = 1;
const FREEZE_RANK_MASK = 0b110;
export const CONSENT = { burn: 1, lock: 2, update: 4 } as const;
export const TRANSFER_RULE = { free: 0, operatorCoSigns: 1, bound: 2 } as const;

/** The first code of a list of checks, in order; later checks do not run. */
export function firstOf(...checks: readonly (() => LedgerCode | null)[]): LedgerCode | null {
  for (const check of checks) {
    const code = check();
    if (code !== null) return code;
  }
  return null;
}

export function isBurned(item: ItemLeaf): boolean {
  return (item.flags & FLAG_BURNED) !== 0;
}

export function isFrozen(leaf: { readonly frozenUntil: bigint }, now: bigint): boolean {
  return now < leaf.frozenUntil;
}

export function freezeRank(leaf: { readonly flags: number }): number {
  return (leaf.flags & FREEZE_RANK_MASK) >> FREEZE_RANK_SHIFT;
}

export function withFreezeRank(flags: number, rank: number): number {
  return (flags & ~FREEZE_RANK_MASK) | (rank << FREEZE_RANK_SHIFT);
}

/** Locked unless the lock has ended or its holder signed. The holder is asked first: a lock may end on the way to a block. */
export function isLocked(item: ItemLeaf, run: Run): boolean {
  const holderSigned = run.signers.signed(item.locker);
  return run.context.now < item.lockUntil && !holderSigned;
}

export function isProtected(item: ItemLeaf, now: bigint): boolean {
  return now < item.protectedUntil;
}

/** The class of an Item in the register. */
export function classOf(view: StateView, item: ItemLeaf): ClassLeaf {
  const found = view.classById(item.cls);
  assert(found !== null, 'a minted Item has a class');
  return found;
}

/** An account that a leaf names. */
export function accountOf(view: StateView, acct: Uint8Array): AccountLeaf {
  const found = view.accountById(acct);
  assert(found !== null, 'an account that a leaf names is in the register');
  return found;
}

/** Class terms in force. */
export function termsInForce(leaf: ClassLeaf, now: bigint): Bytes {
  return now >= leaf.nextTermsAt ? leaf.nextTerms : leaf.terms;
}

/** A live consent of the owner to one power of the class authority. */
export function hasConsent(view: StateView, acct: Uint8Array, cls: number, power: number, now: bigint): boolean {
  const record = view.record(RECORD.consent, recordKey.consent(acct, cls));
  return record !== null && now < record.a && ((record.value[0] ?? 0) & power) !== 0;
}

/**
 * Who has authority over a class: its issuer, from the sunset's `at` on the successor, or nobody. `mayGrow`: mint and change
 * terms, which a studio loses with the entry of its sunset already.
 */
export function classAuthority(view: StateView, leaf: ClassLeaf, now: bigint): { readonly acct: Bytes | null; readonly mayGrow: boolean } {
  const sunset = view.record(RECORD.sunset, leaf.issuer);
  if (sunset === null) return { acct: leaf.issuer, mayGrow: true };
  if (now < sunset.a) return { acct: leaf.issuer, mayGrow: false };
  if (isZero(sunset.value)) return { acct: null, mayGrow: false };
  return { acct: sunset.value, mayGrow: view.record(RECORD.sunset, sunset.value) === null };
}

/** `item_unknown` → `item_burned`, or the Item. */
export function liveItem(view: StateView, serial: bigint): ItemLeaf | LedgerCode {
  const item = view.itemBySerial(serial);
  if (item === null) return 'item_unknown';
  return isBurned(item) ? 'item_burned' : item;
}

/** `policy_invalid` unless weights, threshold, points and delay are as 4.1 says. The order of keys is the decoder's. */
export function isPolicyValid(policy: AuthPolicy): boolean {
  const canSign = policy.keys.filter((key) => key.use === KEY_USE.sign || key.use === KEY_USE.both);
  const signingWeight = canSign.reduce((sum, key) => sum + key.weight, 0);
  const canRecover = policy.keys.some((key) => key.use === KEY_USE.recover || key.use === KEY_USE.both);
  const { encKey } = policy;
  return (
    policy.keys.every((key) => key.weight >= 1 && key.weight <= 100 && key.use >= 1 && key.use <= 3) &&
    policy.threshold >= 1 &&
    policy.threshold <= signingWeight &&
    (!canRecover || BigInt(policy.recoveryDelayMs) >= DAY_MS) &&
    (encKey === null || policy.keys.every((key) => !equalBytes(key.pub, encKey))) &&
    policy.keys.every((key) => isOnCurve(key.pub)) &&
    (encKey === null || isOnCurve(encKey))
  );
}

/** The Item with its lock cleared and its version raised: every change of owner. */
export function moved(item: ItemLeaf, owner: Bytes): ItemLeaf {
  return { ...item, owner, ver: item.ver + 1n, locker: ZERO_32, lockUntil: 0n };
}

/** Writes a change of owner and both counts. */
export function putMove(run: Run, before: ItemLeaf, after: ItemLeaf): void {
  run.draft.putItem(after);
  run.draft.addItemCount(before.owner, -1n);
  run.draft.addItemCount(after.owner, 1n);
}
