/** Ops on accounts: open, rotate and recover keys, consent (1, 2, 24). */

import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { ROLE } from '#ledger/codec/config.ts';
import { type AccountLeaf, RECORD, REGISTER } from '#ledger/codec/leaves.ts';
import type { AccountOpenOp, AccountRotateOp, ConsentOp } from '#ledger/codec/op-types.ts';
import { equalBytes, isZero, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { accountIdFromPolicy, policyHash, recordKey } from '#ledger/tx/ids.ts';
import { DAY_MS, isFrozen, isPolicyValid, type Run } from './rules.ts';

export const ACCOUNT_KIND = { player: 0, studio: 1, organisation: 2 } as const;
const MODE = { now: 0, startRecovery: 1, cancelRecovery: 2, finishRecovery: 3 } as const;
const MAX_CONSENT_MS = 366n * DAY_MS;
const ALL_POWERS = 0b111;

export function newAccountLeaf(serial: bigint, policy: AuthPolicy, kind: number, kyc: AccountLeaf['kyc']): Omit<AccountLeaf, 'lastEntry'> {
  return {
    serial,
    acct: accountIdFromPolicy(policy),
    kind,
    flags: 0,
    policy: policyHash(policy),
    keyEpoch: 0,
    frozenUntil: 0n,
    pendingPolicy: ZERO_32,
    pendingAt: 0n,
    itemCount: 0n,
    kyc,
  };
}

export function applyAccountOpen(op: AccountOpenOp, run: Run): LedgerCode | null {
  const { view, draft, signers } = run;
  if (!isPolicyValid(op.policy)) return 'policy_invalid';
  if (op.accountKind > ACCOUNT_KIND.organisation) return 'kind_invalid';
  const leaf = newAccountLeaf(draft.nextSerial(REGISTER.accounts), op.policy, op.accountKind, op.kyc);
  if (view.accountById(leaf.acct) !== null) return 'account_exists';
  if (!signers.signed(leaf.acct)) return 'signer_missing';
  const operator = signers.role(ROLE.operator);
  const supervisor = signers.role(ROLE.supervisor);
  const vouched = op.accountKind === ACCOUNT_KIND.player ? operator || supervisor : operator && supervisor;
  if (!vouched) return 'role_missing';
  draft.putAccount(leaf);
  draft.policies.push(op.policy);
  return null;
}

export function applyAccountRotate(op: AccountRotateOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const { mode, policy } = op;
  if (mode > MODE.finishRecovery || (mode === MODE.cancelRecovery) !== (policy === null)) return 'mode_invalid';
  const account = view.accountById(op.acct);
  if (account === null) return 'account_unknown';
  if (policy !== null && !isPolicyValid(policy)) return 'policy_invalid';
  const isPending = !isZero(account.pendingPolicy);
  if (mode === MODE.startRecovery && isPending) return 'recovery_pending';
  if ((mode === MODE.cancelRecovery || mode === MODE.finishRecovery) && !isPending) return 'recovery_none';
  const hash = policy === null ? ZERO_32 : policyHash(policy);
  if (mode === MODE.finishRecovery && !equalBytes(hash, account.pendingPolicy)) return 'policy_mismatch';
  const isRecovery = mode === MODE.startRecovery || mode === MODE.finishRecovery;
  if (!(isRecovery ? signers.recoverySigned(op.acct) : signers.signed(op.acct))) return 'signer_missing';
  if (mode === MODE.now && isFrozen(account, context.now)) return 'account_frozen';
  if (mode === MODE.finishRecovery && context.now < account.pendingAt) return 'recovery_early';

  if (policy !== null) draft.policies.push(policy);
  if (mode === MODE.startRecovery) {
    const delay = BigInt(view.policyByHash(account.policy)?.recoveryDelayMs ?? 0);
    draft.putAccount({ ...account, pendingPolicy: hash, pendingAt: context.now + delay });
  } else if (mode === MODE.cancelRecovery) {
    draft.putAccount({ ...account, pendingPolicy: ZERO_32, pendingAt: 0n });
  } else {
    draft.putAccount({ ...account, policy: hash, keyEpoch: account.keyEpoch + 1, pendingPolicy: ZERO_32, pendingAt: 0n });
  }
  return null;
}

export function applyConsent(op: ConsentOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  if (op.powers > ALL_POWERS) return 'powers_invalid';
  if (view.accountById(op.acct) === null) return 'account_unknown';
  if (view.classById(op.cls) === null) return 'class_unknown';
  if (!signers.signed(op.acct)) return 'signer_missing';
  if (op.until <= context.now || op.until > context.now + MAX_CONSENT_MS) return 'until_range';
  const value = new Uint8Array(32);
  value[0] = op.powers;
  draft.putRecord({ kind: RECORD.consent, key: recordKey.consent(op.acct, op.cls), value, a: op.until });
  return null;
}
