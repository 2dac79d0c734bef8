/** Ops of the consortium: configuration and evidence (18, 19). */

import { lintConfig } from '#ledger/block/lint.ts';
import { satisfies } from '#ledger/block/policy.ts';
import type { ConsortiumConfig, Member } from '#ledger/codec/config.ts';
import { decodeSignedVote, type SignedVote } from '#ledger/codec/evidence.ts';
import { encodeVotePayload } from '#ledger/codec/header.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { ConfigUpdateOp, EvidenceOp } from '#ledger/codec/op-types.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { configHash, recordKey } from '#ledger/tx/ids.ts';
import type { Run } from './rules.ts';
import type { StateView } from './view.ts';

/** Blocks between a ConfigUpdate and its force. */
export const CONFIG_DELAY = 16n;

/** The configuration in force at a height: the last one activated, or `genesis`, the first. */
export function configAt(view: StateView, height: bigint, genesis: ConsortiumConfig): ConsortiumConfig {
  const record = view.record(RECORD.config, recordKey.config());
  if (record === null) return genesis;
  return view.configByHash(height >= record.a ? record.value : record.prior) ?? genesis;
}

/** An update that is neither in force nor void: void once the epoch in force has reached its own. */
function isConfigPending(run: Run): boolean {
  const record = run.view.record(RECORD.config, recordKey.config());
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

const EVIDENCE = { twoVotes: 1, twoEndorsements: 2, voteAgainstEndorsement: 3 } as const;

function isSignedBy(member: Member, tag: 'PLP1/vote' | 'PLP1/endorse', statement: SignedVote, run: Run): boolean {
  const message = signedMessage(tag, run.context.chain, encodeVotePayload(statement.vote));
  return isSignatureInRange(statement.sig) && run.context.verify(member.pub, message, statement.sig);
}

/** The member that kinds 1 to 3 convict from their bytes alone, under the configuration of the epoch in force. */
function convicted(op: EvidenceOp, run: Run): Member | null {
  const a = readStatement(op.a);
  const b = readStatement(op.b);
  if (a === null || b === null) return null;
  const member = run.context.config.members.find((each) => each.id === a.vote.member);
  const samePlace = a.vote.member === b.vote.member && a.vote.epoch === b.vote.epoch && a.vote.height === b.vote.height;
  if (member === undefined || !samePlace || a.vote.epoch !== run.context.config.epoch) return null;
  const sameHeader = equalBytes(a.vote.header, b.vote.header);
  const contradicts =
    (op.evidenceKind === EVIDENCE.twoVotes && !(sameHeader && a.vote.term === b.vote.term)) ||
    (op.evidenceKind === EVIDENCE.twoEndorsements && !sameHeader && a.vote.term === b.vote.term) ||
    (op.evidenceKind === EVIDENCE.voteAgainstEndorsement && !sameHeader && b.vote.term > a.vote.term);
  const tagA = op.evidenceKind === EVIDENCE.twoEndorsements ? 'PLP1/endorse' : 'PLP1/vote';
  const tagB = op.evidenceKind === EVIDENCE.twoVotes ? 'PLP1/vote' : 'PLP1/endorse';
  return contradicts && isSignedBy(member, tagA, a, run) && isSignedBy(member, tagB, b, run) ? member : null;
}

function readStatement(bytes: Uint8Array): SignedVote | null {
  try {
    return decodeSignedVote(bytes);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

export function applyEvidence(op: EvidenceOp, run: Run): LedgerCode | null {
  const member = convicted(op, run);
  if (member === null) return 'evidence_invalid';
  const key = recordKey.evidence(op.evidenceKind, op.a, op.b);
  if (run.view.record(RECORD.evidence, key) !== null) return 'evidence_known';
  if (!run.signers.anyMember()) return 'signer_missing';
  run.draft.putRecord({ kind: RECORD.evidence, key, a: BigInt(member.id) });
  return null;
}
