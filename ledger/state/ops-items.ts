/** Ops on Items: mint, burn, transfer, lock, unlock, update (4, 5, 6, 9, 10, 22). */
import { ROLE } from '#ledger/codec/config.ts';
import { type ClassLeaf, type ItemLeaf, REGISTER } from '#ledger/codec/leaves.ts';
import type { BurnOp, ItemUpdateOp, LockOp, MintOp, TransferOp, UnlockOp } from '#ledger/codec/op-types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import {
  accountOf,
  CONSENT,
  classAuthority,
  classOf,
  DAY_MS,
  FLAG_BURNED,
  firstOf,
  hasConsent,
  isFrozen,
  isLocked,
  isProtected,
  liveItem,
  moved,
  putMove,
  type Run,
  TRANSFER_RULE,
} from './rules.ts';

const MAX_LOCK_MS = 90n * DAY_MS;

export function applyMint(op: MintOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const wanted = new Map<number, bigint>();
  for (const item of op.items) wanted.set(item.cls, (wanted.get(item.cls) ?? 0n) + 1n);
  const classes: ClassLeaf[] = [];
  for (const cls of wanted.keys()) {
    const leaf = view.classById(cls);
    if (leaf === null) return 'class_unknown';
    classes.push(leaf);
  }
  if (op.items.some((item) => view.accountById(item.to) === null)) return 'account_unknown';
  const exts = new Set(op.items.map((item) => `${item.cls}:${toHex(item.ext)}`));
  if (exts.size < op.items.length || op.items.some((item) => view.itemByExt(item.cls, item.ext) !== null)) return 'item_exists';
  const authorities = new Map<string, ReturnType<typeof accountOf>>();
  for (const leaf of classes) {
    const authority = classAuthority(view, leaf, context.now);
    if (authority.acct === null || !authority.mayGrow) return 'studio_sunset';
    authorities.set(toHex(authority.acct), accountOf(view, authority.acct));
  }
  const signed = [...authorities.values()].map((account) => signers.signed(account.acct));
  if (!signed.every(Boolean)) return 'signer_missing';
  if (classes.some((leaf) => isFrozen(leaf, context.now))) return 'class_frozen';
  if ([...authorities.values()].some((account) => isFrozen(account, context.now))) return 'account_frozen';
  const count = (leaf: ClassLeaf): bigint => wanted.get(Number(leaf.serial)) ?? 0n;
  if (classes.some((leaf) => leaf.supplyCap !== 0n && leaf.minted + count(leaf) > leaf.supplyCap)) return 'supply_exceeded';

  for (const item of op.items) {
    draft.putItem({
      serial: draft.nextSerial(REGISTER.items),
      cls: item.cls,
      owner: item.to,
      ver: 1n,
      flags: 0,
      locker: ZERO_32,
      lockUntil: 0n,
      protectedUntil: 0n,
      frozenUntil: 0n,
      meta: item.meta,
      ext: item.ext,
    });
    draft.addItemCount(item.to, 1n);
  }
  for (const leaf of classes) draft.putClass({ ...leaf, minted: leaf.minted + count(leaf) });
  return null;
}

/** The owner's accounts that an act under consent touches: the owner's, and the authority's when it acts. */
function isActFrozen(run: Run, owner: Uint8Array, authority: Uint8Array | null): boolean {
  const { view, context } = run;
  return isFrozen(accountOf(view, owner), context.now) || (authority !== null && isFrozen(accountOf(view, authority), context.now));
}

/** The owner signed, or the class authority under the owner's consent. The account that acted for the owner, if one did. */
function ownerOrConsent(run: Run, item: ItemLeaf, power: number): { readonly holds: boolean; readonly authority: Uint8Array | null } {
  const { view, signers, context } = run;
  const ownerSigned = signers.signed(item.owner);
  if (!hasConsent(view, item.owner, item.cls, power, context.now)) return { holds: ownerSigned, authority: null };
  const authority = classAuthority(view, classOf(view, item), context.now).acct;
  const authoritySigned = authority !== null && signers.signed(authority);
  return { holds: ownerSigned || authoritySigned, authority: ownerSigned || !authoritySigned ? null : authority };
}

export function applyBurn(op: BurnOp, run: Run): LedgerCode | null {
  const { view, draft, context } = run;
  const item = liveItem(view, op.serial);
  if (typeof item === 'string') return item;
  if (item.ver !== op.ver) return 'version_conflict';
  const { holds, authority } = ownerOrConsent(run, item, CONSENT.burn);
  const cls = classOf(view, item);
  const refusal = firstOf(
    () => (holds ? null : 'signer_missing'),
    () => (isActFrozen(run, item.owner, authority) ? 'account_frozen' : null),
    () => (isFrozen(item, context.now) ? 'item_frozen' : null),
    () => (isFrozen(cls, context.now) ? 'class_frozen' : null),
    () => (isLocked(item, run) ? 'item_locked' : null),
    () => (isProtected(item, context.now) ? 'item_protected' : null),
  );
  if (refusal !== null) return refusal;
  draft.putItem({ ...item, flags: item.flags | FLAG_BURNED, owner: ZERO_32, ver: item.ver + 1n });
  draft.addItemCount(item.owner, -1n);
  draft.putClass({ ...cls, burned: cls.burned + 1n });
  return null;
}

export function applyTransfer(op: TransferOp, run: Run): LedgerCode | null {
  const { view, signers, context } = run;
  const item = liveItem(view, op.serial);
  if (typeof item === 'string') return item;
  const to = view.accountById(op.to);
  if (to === null) return 'account_unknown';
  if (equalBytes(item.owner, op.to)) return 'to_self';
  if (item.ver !== op.ver) return 'version_conflict';
  const cls = classOf(view, item);
  const ownerSigned = signers.signed(item.owner);
  signers.permit(op.to);
  const operatorSigned = cls.transferRule !== TRANSFER_RULE.operatorCoSigns || signers.role(ROLE.operator);
  const refusal = firstOf(
    () => (ownerSigned ? null : 'signer_missing'),
    () => (operatorSigned ? null : 'role_missing'),
    () => (isFrozen(accountOf(view, item.owner), context.now) || isFrozen(to, context.now) ? 'account_frozen' : null),
    () => (isFrozen(item, context.now) ? 'item_frozen' : null),
    () => (isFrozen(cls, context.now) ? 'class_frozen' : null),
    () => (isLocked(item, run) ? 'item_locked' : null),
    () => (isProtected(item, context.now) ? 'item_protected' : null),
    () => (cls.transferRule === TRANSFER_RULE.bound ? 'not_transferable' : null),
  );
  if (refusal !== null) return refusal;
  putMove(run, item, moved(item, op.to));
  return null;
}

export function applyLock(op: LockOp, run: Run): LedgerCode | null {
  const { view, draft, context } = run;
  const item = liveItem(view, op.serial);
  if (typeof item === 'string') return item;
  if (view.accountById(op.locker) === null) return 'account_unknown';
  if (item.ver !== op.ver) return 'version_conflict';
  const { holds, authority } = ownerOrConsent(run, item, CONSENT.lock);
  const refusal = firstOf(
    () => (holds ? null : 'signer_missing'),
    () => (isActFrozen(run, item.owner, authority) ? 'account_frozen' : null),
    () => (isFrozen(item, context.now) ? 'item_frozen' : null),
    () => (isLocked(item, run) ? 'item_locked' : null),
    () => (op.until <= context.now || op.until > context.now + MAX_LOCK_MS ? 'until_range' : null),
  );
  if (refusal !== null) return refusal;
  draft.putItem({ ...item, locker: op.locker, lockUntil: op.until, ver: item.ver + 1n });
  return null;
}

export function applyUnlock(op: UnlockOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const item = liveItem(view, op.serial);
  if (typeof item === 'string') return item;
  if (item.ver !== op.ver) return 'version_conflict';
  if (context.now >= item.lockUntil) return 'not_locked';
  if (!signers.signed(item.locker)) return 'signer_missing';
  draft.putItem({ ...item, locker: ZERO_32, lockUntil: 0n, ver: item.ver + 1n });
  return null;
}

export function applyItemUpdate(op: ItemUpdateOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const item = liveItem(view, op.serial);
  if (typeof item === 'string') return item;
  if (item.ver !== op.ver) return 'version_conflict';
  const cls = classOf(view, item);
  const authority = classAuthority(view, cls, context.now).acct;
  if (authority === null) return 'studio_sunset';
  const authoritySigned = signers.signed(authority);
  const ownerSigned = signers.signed(item.owner);
  const agreed = ownerSigned || hasConsent(view, item.owner, item.cls, CONSENT.update, context.now);
  assert(view.accountById(authority) !== null, 'a class authority has an account');
  const refusal = firstOf(
    () => (authoritySigned && agreed ? null : 'signer_missing'),
    () => (isActFrozen(run, item.owner, authority) ? 'account_frozen' : null),
    () => (isFrozen(item, context.now) ? 'item_frozen' : null),
    () => (isFrozen(cls, context.now) ? 'class_frozen' : null),
  );
  if (refusal !== null) return refusal;
  draft.putItem({ ...item, meta: op.meta, ver: item.ver + 1n });
  return null;
}
