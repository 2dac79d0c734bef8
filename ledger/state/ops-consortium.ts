/** Ops of the consortium: configuration and evidence (18, 19). */

import { lintConfig } from '#ledger/block/lint.ts';
import { satisfies } from '#ledger/block/policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { RECORD, type RecordLeaf } from '#ledger/codec/leaves.ts';
import type { ConfigUpdateOp, EvidenceOp } from '#ledger/codec/op-types.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { configHash, recordKey } from '#ledger/tx/ids.ts';
import { convictedMember } from './evidence.ts';
import type { Run } from './rules.ts';
import type { StateView } from './view.ts';

/** Blocks between a ConfigUpdate and its force. */
export const CONFIG_DELAY = 16n;

/** The configuration in force at a height: the last one activated, or `genesis`, the first. `firstEntry`: where this chain's log begins. */
export function configAt(view: StateView, height: bigint, genesis: ConsortiumConfig, firstEntry = 0n): ConsortiumConfig {
  const record = configRecord(view, firstEntry);
  if (record === null) return genesis;
  return view.configByHash(height >= record.a ? record.value : record.prior) ?? genesis;
}

/** The newest of this chain: one that was carried over from a predecessor counts its heights and its epochs, not this chain's. */
function configRecord(view: StateView, firstEntry: bigint): RecordLeaf | null {
  const record = view.record(RECORD.config, recordKey.config());
  return record === null || record.lastEntry < firstEntry ? null : record;
}

/** An update that is neither in force nor void: void once the epoch in force has reached its own. */
function isConfigPending(run: Run): boolean {
  const record = configRecord(run.view, run.context.firstEntry);
  if (record === null || run.context.height >= record.a) return false;
  const pending = run.view.configByHash(record.value);
  return pending !== null && pending.epoch > run.context.config.epoch;
}

export function applyConfigUpdate(op: ConfigUpdateOp, run: Run): LedgerCode | null {
  const { view, draft, signers, context } = run;
  const current = context.config;
  if (op.config.epoch !== current.epoch + 1) return 'config_epoch';
  if (isConfigPending(run)) return 'config_pending';
  const lint = lintConfig(op.config, { verify: context.verify, hasAccount: (acct) => view.accountById(acct) !== null });
  if (lint.errors.length > 0) return 'config_lint';
  const hash = configHash(op.config);
  const message = signedMessage('PLP1/cfgsig', context.chain, hash);
  const approving = new Set<number>();
  for (const { member, sig } of op.approvals) {
    const known = current.members.find((each) => each.id === member);
    if (known === undefined || approving.has(member)) return 'approval_invalid';
    if (!isSignatureInRange(sig) || !context.verify(known.govPub, message, sig)) return 'approval_invalid';
    approving.add(member);
  }
  if (!satisfies(current.governance, approving, current.members)) return 'governance_unmet';
  if (!signers.anyMember()) return 'signer_missing';
  draft.putRecord({
    kind: RECORD.config,
    key: recordKey.config(),
    value: hash,
    prior: configHash(current),
    a: context.height + CONFIG_DELAY,
  });
  draft.configs.push(op.config, current);
  return null;
}

export function applyEvidence(op: EvidenceOp, run: Run): LedgerCode | null {
  const member = convictedMember(op, run);
  if (member === null) return 'evidence_invalid';
  const key = recordKey.evidence(op.evidenceKind, op.a, op.b);
  if (run.view.record(RECORD.evidence, key) !== null) return 'evidence_known';
  if (!run.signers.anyMember()) return 'signer_missing';
  run.draft.putRecord({ kind: RECORD.evidence, key, a: BigInt(member) });
  return null;
}
