/** Ops of authorities: freeze, unfreeze, court order, reversal (11, 12, 13, 21). */
import { ROLE } from '#ledger/codec/config.ts';
import type { AccountLeaf, ClassLeaf, ItemLeaf } from '#ledger/codec/leaves.ts';
import type { CourtOrderOp, FreezeOp, FreezeTarget, ItemMove, TradeReverseOp, UnfreezeOp } from '#ledger/codec/op-types.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { DAY_MS, freezeRank, isFrozen, isProtected, liveItem, moved, putMove, type Run, withFreezeRank } from './rules.ts';

const RANK = { operator: 1, supervisor: 2, court: 3 } as const;
const OPERATOR_FREEZE_MS = 7n * DAY_MS;
const SUPERVISOR_FREEZE_MS = 90n * DAY_MS;
const OPERATOR_PAUSE_MS = 30n * DAY_MS;

type Target =
  | { readonly kind: 'item'; readonly leaf: ItemLeaf }
  | { readonly kind: 'account'; readonly leaf: AccountLeaf }
  | { readonly kind: 'class'; readonly leaf: ClassLeaf };

function findTarget(run: Run, target: FreezeTarget): Target | null {
  switch (target.kind) {
    case 'item': {
      const leaf = run.view.itemBySerial(target.serial);
      return leaf === null ? null : { kind: 'item', leaf };
    }
    case 'account': {
      const leaf = run.view.accountById(target.acct);
      return leaf === null ? null : { kind: 'account', leaf };
    }
    case 'class': {
      const leaf = run.view.classById(target.cls);
      return leaf === null ? null : { kind: 'class', leaf };
    }
  }
}

function putFreeze(run: Run, target: Target, frozenUntil: bigint, rank: number): void {
  const flags = withFreezeRank(target.leaf.flags, rank);
  switch (target.kind) {
    case 'item':
      run.draft.putItem({ ...target.leaf, flags, frozenUntil });
      return;
    case 'account':
      run.draft.putAccount({ ...target.leaf, flags, frozenUntil });
      return;
    case 'class':
      run.draft.putClass({ ...target.leaf, flags, frozenUntil });
      return;
  }
}

/** The highest rank that signed; 0 if none. The operator's rank counts where `operatorMay`. */
function signedRank(run: Run, operatorMay: boolean): number {
  const operator = operatorMay && run.signers.role(ROLE.operator);
  const supervisor = run.signers.role(ROLE.supervisor);
  const court = run.signers.role(ROLE.court);
  if (court) return RANK.court;
  if (supervisor) return RANK.supervisor;
  return operator ? RANK.operator : 0;
}

export function applyFreeze(op: FreezeOp, run: Run): LedgerCode | null {
  const { now } = run.context;
  const target = findTarget(run, op.target);
  if (target === null) return 'target_unknown';
  const rank = signedRank(run, target.kind === 'item');
  if (rank === 0) return 'role_missing';
  const { leaf } = target;
  if (isFrozen(leaf, now) && freezeRank(leaf) > rank) return 'freeze_rank';
  if (rank === RANK.operator && leaf.frozenUntil !== 0n && now < leaf.frozenUntil + OPERATOR_PAUSE_MS) return 'freeze_repeat';
  const limit = rank === RANK.operator ? OPERATOR_FREEZE_MS : rank === RANK.supervisor ? SUPERVISOR_FREEZE_MS : null;
  if (op.until <= now || (limit !== null && op.until > now + limit)) return 'until_range';
  putFreeze(run, target, op.until, rank);
  return null;
}

export function applyUnfreeze(op: UnfreezeOp, run: Run): LedgerCode | null {
  const { now } = run.context;
  const target = findTarget(run, op.target);
  if (target === null) return 'target_unknown';
  if (!isFrozen(target.leaf, now)) return 'not_frozen';
  const rank = signedRank(run, true);
  if (rank === 0) return 'role_missing';
  if (rank < freezeRank(target.leaf)) return 'freeze_rank';
  putFreeze(run, target, now, 0);
  return null;
}

/** `item_unknown item_burned account_unknown version_conflict` over a list; an Item named twice conflicts with itself. */
function refuseMoves(moves: readonly ItemMove[], run: Run): LedgerCode | null {
  const { view } = run;
  const items = moves.map((move) => liveItem(view, move.serial));
  for (const code of ['item_unknown', 'item_burned'] as const) if (items.includes(code)) return code;
  if (moves.some((move) => view.accountById(move.to) === null)) return 'account_unknown';
  const isConflict = moves.some((move) => view.itemBySerial(move.serial)?.ver !== move.ver);
  return isConflict || new Set(moves.map((move) => move.serial)).size < moves.length ? 'version_conflict' : null;
}

/** Moves by force: lock, protection and freeze end. */
function putForcedMoves(moves: readonly ItemMove[], run: Run): void {
  for (const move of moves) {
    const item = run.view.itemBySerial(move.serial);
    assert(item !== null, 'checked before');
    putMove(run, item, { ...moved(item, move.to), protectedUntil: 0n, frozenUntil: 0n, flags: withFreezeRank(item.flags, 0) });
  }
}

export function applyCourtOrder(op: CourtOrderOp, run: Run): LedgerCode | null {
  const refusal = refuseMoves(op.items, run);
  if (refusal !== null) return refusal;
  const court = run.signers.role(ROLE.court);
  const supervisor = run.signers.role(ROLE.supervisor);
  if (!court || !supervisor) return 'role_missing';
  putForcedMoves(op.items, run);
  return null;
}

export function applyTradeReverse(op: TradeReverseOp, run: Run): LedgerCode | null {
  const { view, signers, context } = run;
  const refusal = refuseMoves(op.items, run);
  if (refusal !== null) return refusal;
  const operator = signers.role(ROLE.operator);
  const supervisor = signers.role(ROLE.supervisor);
  const notary = signers.role(ROLE.notary);
  if (!operator || !(supervisor || notary)) return 'role_missing';
  const isOpen = (item: ItemLeaf | null): boolean => item !== null && (isProtected(item, context.now) || isFrozen(item, context.now));
  if (!op.items.every((move) => isOpen(view.itemBySerial(move.serial)))) return 'not_reversible';
  putForcedMoves(op.items, run);
  return null;
}
