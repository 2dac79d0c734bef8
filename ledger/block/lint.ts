/** Lint of a configuration (`ledger.md` 9, L1 to L7): at genesis, at a ConfigUpdate, and by verifiers. */

import { type ConsortiumConfig, type Limits, MAX_MEMBERS, MEMBER_FLAG, type Member, popPayload } from '#ledger/codec/config.ts';
import { isOnCurve, isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { quorumTable, shareMoreThan, subsets } from './policy.ts';

export type LintRule = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7';

export interface LintFinding {
  readonly rule: LintRule;
  /** A warning is shown to the approvers and refuses nothing. */
  readonly severity: 'error' | 'warning';
  /** For the approvers; not part of any code. */
  readonly sentence: string;
}

export interface LintContext {
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** Absent for a verifier without state. */
  readonly hasAccount?: (acct: Uint8Array) => boolean;
}

/** Inclusive ranges of the limits. */
const RANGES: Readonly<Record<keyof Limits, readonly [bigint, bigint]>> = {
  blockTx: [1n, 10_000n],
  blockBytes: [65_536n, 67_108_864n],
  blockMs: [1n, 60_000n],
  idleMs: [100n, 3_600_000n],
  skewMs: [1n, 60_000n],
  leaseMs: [100n, 600_000n],
  stallMs: [1000n, 86_400_000n],
  objectionMs: [0n, 31_536_000_000n],
  sunsetNoticeMs: [0n, 31_536_000_000n],
  packNoticeMs: [0n, 31_536_000_000n],
  mediaBytes: [0n, 1_099_511_627_776n],
};

export interface Lint {
  readonly errors: readonly LintFinding[];
  /** Shown to the approvers; they refuse nothing. */
  readonly warnings: readonly LintFinding[];
}

export function lintConfig(config: ConsortiumConfig, context: LintContext): Lint {
  const findings = [...lintMembers(config, context), ...lintDuties(config), ...lintLimits(config)];
  // Quorums are enumerated as bit masks, which an absurd number of members would not survive.
  if (config.members.length >= 1 && config.members.length <= MAX_MEMBERS)
    findings.push(...lintQuorums(config), ...lintAvailability(config));
  return {
    errors: findings.filter((finding) => finding.severity === 'error'),
    warnings: findings.filter((finding) => finding.severity === 'warning'),
  };
}

function error(rule: LintRule, sentence: string): LintFinding {
  return { rule, severity: 'error', sentence };
}

function* lintMembers(config: ConsortiumConfig, context: LintContext): Generator<LintFinding> {
  const { members, agents, f } = config;
  if (members.some((member, index) => index > 0 && (members[index - 1]?.id ?? 0) >= member.id)) {
    yield error('L1', 'member ids ascend and are unique');
  }
  const keys = members.flatMap((member) => [member.pub, member.govPub, member.encPub]);
  if (new Set(keys.map(toHex)).size < keys.length) yield error('L1', 'every key of every member is its own');
  for (const member of members) {
    if (![member.pub, member.govPub, member.encPub].every(isOnCurve)) yield error('L1', `keys of member ${member.id} are on the curve`);
    else if (!isPopValid(member, context)) yield error('L1', `member ${member.id} has proven its node key`);
  }
  const { hasAccount } = context;
  if (hasAccount !== undefined && [...members, ...agents].some((each) => !hasAccount(each.acct))) {
    yield error('L1', 'every member and agent has an account');
  }
  if (members.length < 3 * f + 1) yield error('L2', `${members.length} members bear fewer than ${f} faults`);
}

function isPopValid(member: Member, context: LintContext): boolean {
  return isSignatureInRange(member.pop) && context.verify(member.pub, signedMessage('PLP1/pop', ZERO_32, popPayload(member)), member.pop);
}

/** L3 and L4: quorums overlap in more than f members. */
function* lintQuorums(config: ConsortiumConfig): Generator<LintFinding> {
  const { members, f } = config;
  const finality = quorumTable(config.finality, members);
  const governance = quorumTable(config.governance, members);
  const recovery = quorumTable(config.recovery, members);
  if (!shareMoreThan(f, finality, finality)) yield error('L3', `two finality quorums share no more than ${f} members`);
  if (!shareMoreThan(f, governance, finality)) yield error('L4', `a governance and a finality quorum share no more than ${f} members`);
  if (!shareMoreThan(f, recovery, finality)) yield error('L4', `a recovery and a finality quorum share no more than ${f} members`);
  const all = finality.length - 1;
  if (![governance, recovery, quorumTable(config.lastResort, members)].every((table) => table[all] === 1)) {
    yield error('L4', 'every policy can be satisfied');
  }
}

/** L5: with any f members gone a finality quorum remains; a role clause may break this and is a warning. */
function* lintAvailability(config: ConsortiumConfig): Generator<LintFinding> {
  const { members, f } = config;
  const finality = quorumTable(config.finality, members);
  const relaxed = quorumTable(config.finality, members, true);
  const everyone = finality.length - 1;
  for (const gone of subsets(members.length, Math.min(f, members.length))) {
    const left = everyone & ~gone;
    if (finality[left] === 1) continue;
    const names = members.filter((_, index) => ((gone >>> index) & 1) === 1).map((member) => member.id);
    const isRoleClause = gone !== 0 && relaxed[left] === 1;
    yield {
      rule: 'L5',
      severity: isRoleClause ? 'warning' : 'error',
      sentence: `without members ${names.join(', ')} no finality quorum remains`,
    };
  }
}

/** L6: media mirrors and leaders. */
function* lintDuties(config: ConsortiumConfig): Generator<LintFinding> {
  const { members, ordering } = config;
  const mirrors = members.filter((member) => (member.flags & MEMBER_FLAG.mirrorsMedia) !== 0);
  if (members.length >= 2 && mirrors.length < 2) yield error('L6', 'at least two members mirror media');
  const mayLead = (id: number): boolean => members.some((member) => member.id === id && (member.flags & MEMBER_FLAG.mayLead) !== 0);
  if (ordering.leaders.length === 0 || !ordering.leaders.every(mayLead)) yield error('L6', 'every leader is a member that may lead');
}

function* lintLimits(config: ConsortiumConfig): Generator<LintFinding> {
  const { limits } = config;
  const inRange = (value: number | bigint, [min, max]: readonly [bigint, bigint]): boolean => BigInt(value) >= min && BigInt(value) <= max;
  const pairs = [
    ['blockTx', limits.blockTx],
    ['blockBytes', limits.blockBytes],
    ['blockMs', limits.blockMs],
    ['idleMs', limits.idleMs],
    ['skewMs', limits.skewMs],
    ['leaseMs', limits.leaseMs],
    ['stallMs', limits.stallMs],
    ['objectionMs', limits.objectionMs],
    ['sunsetNoticeMs', limits.sunsetNoticeMs],
    ['packNoticeMs', limits.packNoticeMs],
    ['mediaBytes', limits.mediaBytes],
  ] as const;
  for (const [name, value] of pairs) if (!inRange(value, RANGES[name])) yield error('L7', `${name} is within its range`);
  if (config.ordering.kind > 1) yield error('L7', 'ordering is pg or etcd');
}
