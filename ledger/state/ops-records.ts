/** Ops that leave a record or a statement: attest, rule packs, experiments, erasure (14, 16, 17, 20). */
import { ROLE } from '#ledger/codec/config.ts';
import { RECORD, type RecordLeaf } from '#ledger/codec/leaves.ts';
import type { AttestOp, AttestSubject, ExperimentTransitionOp, PayloadErasedOp, RulePackActivateOp } from '#ledger/codec/op-types.ts';
import { type Bytes, isZero, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import type { Run } from './rules.ts';

export const EXPERIMENT_STATE = {
  declared: 1,
  publicNotice: 2,
  registered: 3,
  testing: 4,
  paused: 5,
  exitedWithSuccess: 6,
  exitedWithFailure: 7,
  halted: 8,
} as const;
const FLAG_SEEDED = 1;
const FLAG_SIMULATED = 2;

function isSubjectKnown(subject: AttestSubject, run: Run): boolean {
  switch (subject.kind) {
    case 'none':
      return true;
    case 'entry':
      return subject.index < run.view.logSize;
    case 'item':
      return run.view.itemBySerial(subject.serial) !== null;
    case 'account':
      return run.view.accountById(subject.acct) !== null;
    case 'class':
      return run.view.classById(subject.cls) !== null;
  }
}

/** The entry itself is the statement: no leaf changes. */
export function applyAttest(op: AttestOp, run: Run): LedgerCode | null {
  if (!isSubjectKnown(op.subject, run)) return 'subject_unknown';
  const roles = [ROLE.notary, ROLE.court, ROLE.supervisor, ROLE.operator].map((role) => run.signers.role(role));
  return roles.some(Boolean) ? null : 'role_missing';
}

/** The pack that a RecordLeaf 1 makes active. */
export function activePack(record: RecordLeaf, now: bigint): Bytes {
  return now >= record.a ? record.value : record.prior;
}

export function applyRulePackActivate(op: RulePackActivateOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  if (op.jurisdiction === '' || isZero(op.pack) || op.tighten > 1) return 'pack_invalid';
  const tighten = op.tighten === 1;
  const key = recordKey.rulePack(op.jurisdiction);
  const before = view.record(RECORD.rulePack, key);
  if (!tighten && before !== null && context.now < before.a) return 'pack_pending';
  const operator = signers.role(ROLE.operator);
  const supervisor = signers.role(ROLE.supervisor);
  if (!supervisor || (!tighten && !operator)) return 'role_missing';
  if (!tighten && op.from < context.now + context.config.limits.packNoticeMs) return 'notice_short';
  const prior = before === null ? ZERO_32 : activePack(before, context.now);
  draft.putRecord({ kind: RECORD.rulePack, key, value: op.pack, prior, a: op.from });
  return null;
}

/** Who may take an experiment from one state to another: `O` operator, `S` supervisor, `OS` both, `O|S` either. */
type Right = 'O' | 'S' | 'OS' | 'O|S';

const TRANSITIONS: Readonly<Record<string, Right>> = {
  '0>1': 'O',
  '1>2': 'O',
  '2>3': 'S',
  '3>4': 'O',
  '4>4': 'OS',
  '4>5': 'O|S',
  '5>4': 'S',
  '4>6': 'OS',
  '5>6': 'OS',
  '4>7': 'O|S',
  '5>7': 'O|S',
  '1>8': 'S',
  '2>8': 'S',
  '3>8': 'S',
  '4>8': 'S',
  '5>8': 'S',
};

function mayMove(right: Right, run: Run): boolean {
  const operator = right !== 'S' && run.signers.role(ROLE.operator);
  const supervisor = right !== 'O' && run.signers.role(ROLE.supervisor);
  return right === 'OS' ? operator && supervisor : operator || supervisor;
}

export function applyExperimentTransition(op: ExperimentTransitionOp, run: Run): LedgerCode | null {
  const { view, draft, context } = run;
  if (op.to < EXPERIMENT_STATE.declared || op.to > EXPERIMENT_STATE.halted) return 'state_invalid';
  const from = view.record(RECORD.experiment, op.experiment)?.a ?? 0n;
  const isSeeded = (op.flags & FLAG_SEEDED) !== 0;
  const right = isSeeded ? (from === 0n && op.to === EXPERIMENT_STATE.testing ? 'OS' : undefined) : TRANSITIONS[`${from}>${op.to}`];
  if (right === undefined || op.flags > (FLAG_SEEDED | FLAG_SIMULATED)) return 'transition_invalid';
  if (op.flags !== 0 && !context.demonstration) return 'authorization_simulated';
  if (!mayMove(right, run)) return 'role_missing';
  draft.putRecord({ kind: RECORD.experiment, key: op.experiment, value: op.doc, a: BigInt(op.to) });
  return null;
}

export function applyPayloadErased(op: PayloadErasedOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  if (view.record(RECORD.erased, op.env) !== null) return 'record_exists';
  const operator = signers.role(ROLE.operator);
  const supervisor = signers.role(ROLE.supervisor);
  if (!operator || !supervisor) return 'role_missing';
  draft.putRecord({ kind: RECORD.erased, key: op.env, value: op.basis, a: context.now });
  return null;
}
