/** Whether a Recovery may begin an epoch (`ledger.md` 13.2), and how one is put together from Seals. */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { EndorsementSet, Finality, MemberSig } from '#ledger/codec/header.ts';
import { encodeVotePayload } from '#ledger/codec/header.ts';
import {
  type Certified,
  encodeRecovery,
  encodeSeal,
  RECOVERY_KIND,
  type Recovery,
  type RecoveryBase,
  type SignedSeal,
} from '#ledger/codec/recovery.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage, taggedHash } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes, isZero, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { lintConfig } from './lint.ts';
import { satisfies } from './policy.ts';
import { refuseFinality } from './vote.ts';

export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** What `Header.ext` of the first header built in the new epoch carries. */
export const recoveryHash = (recovery: Recovery): Bytes => taggedHash('PLP1/recov', encodeRecovery(recovery));

/** What a governance key signs to approve a Recovery: everything in it but the approvals. */
export function recoveryApproval(chain: Uint8Array, recovery: Recovery): Bytes {
  return signedMessage('PLP1/recovsig', chain, sm3(encodeRecovery({ ...recovery, approvals: [] })));
}

export const sealMessage = (chain: Uint8Array, signed: Pick<SignedSeal, 'seal'>): Bytes =>
  signedMessage('PLP1/seal', chain, encodeSeal(signed.seal));

/** The first height that a Recovery's configuration governs: a base is certified again, under the header it has. */
export function firstHeightOf(recovery: Recovery): bigint {
  return recovery.tip.header.height + (recovery.base === null ? 1n : 2n);
}

export type RecoveryFault =
  | 'recovery_epoch'
  | 'recovery_lint'
  | 'recovery_seal'
  | 'recovery_seals'
  | 'recovery_tip'
  | 'recovery_base'
  | 'recovery_window'
  | 'recovery_approvals';

export interface RecoveryGround {
  readonly chain: Bytes;
  /** In force at tip + 1, and whoever was in force at the tip: its Finality is checked under that. */
  readonly config: ConsortiumConfig;
  readonly tipConfig: ConsortiumConfig;
  /** Of an epoch before this one: sets may come from there. */
  readonly configOfEpoch: (epoch: number) => ConsortiumConfig | null;
  readonly verify: Verify;
  readonly hasAccount?: (acct: Uint8Array) => boolean;
}

/** `null`: it is valid. */
export function refuseRecovery(recovery: Recovery, ground: RecoveryGround): RecoveryFault | null {
  const { config, verify } = ground;
  if (recovery.config.epoch !== recovery.newEpoch || recovery.newEpoch <= config.epoch) return 'recovery_epoch';
  const context = { verify, ...(ground.hasAccount === undefined ? {} : { hasAccount: ground.hasAccount }) };
  if (lintConfig(recovery.config, context).errors.length > 0) return 'recovery_lint';
  if (!recovery.seals.every((signed) => isSealValid(signed, ground) && signed.seal.newEpoch === recovery.newEpoch)) return 'recovery_seal';
  if (!isTipCertified(recovery.tip, ground)) return 'recovery_tip';
  const fault = recovery.kind === RECOVERY_KIND.lastResort ? refuseLastResort(recovery, config) : refuseQuorum(recovery, config);
  if (fault !== null) return fault;
  if (recovery.base !== null && !isBaseValid(recovery.base, recovery.tip, ground)) return 'recovery_base';
  const policy = recovery.kind === RECOVERY_KIND.lastResort ? config.lastResort : config.recovery;
  const message = recoveryApproval(ground.chain, recovery);
  const approving = new Set<number>();
  for (const { member: id, sig } of recovery.approvals) {
    const member = config.members.find((each) => each.id === id);
    if (member === undefined || !isSignatureInRange(sig) || !verify(member.govPub, message, sig)) return 'recovery_approvals';
    approving.add(id);
  }
  return satisfies(policy, approving, config.members) ? null : 'recovery_approvals';
}

/** Signed by a member, and the set it reports is attached and holds. */
export function isSealValid(signed: SignedSeal, ground: Omit<RecoveryGround, 'tipConfig'>): boolean {
  const { seal, sig, set } = signed;
  const member = ground.config.members.find((each) => each.id === seal.member);
  if (member === undefined || !isSignatureInRange(sig)) return false;
  if (!ground.verify(member.pub, sealMessage(ground.chain, signed), sig)) return false;
  if (set === null) return seal.epoch === 0 && seal.term === 0n && isZero(seal.base);
  return (
    set.epoch === seal.epoch &&
    set.term === seal.term &&
    equalBytes(set.header, seal.base) &&
    set.height === seal.tipHeight + 1n &&
    seal.epoch < seal.newEpoch &&
    isEndorsed(set, ground)
  );
}

function isEndorsed(set: EndorsementSet, ground: Omit<RecoveryGround, 'tipConfig'>): boolean {
  const config = set.epoch === ground.config.epoch ? ground.config : ground.configOfEpoch(set.epoch);
  if (config === null) return false;
  const { epoch, height, term, header } = set;
  const signed = new Set(set.sigs.map((sig) => sig.member));
  return (
    signed.size === set.sigs.length &&
    satisfies(config.finality, signed, config.members) &&
    set.sigs.every(({ member: id, sig }) => {
      const member = config.members.find((each) => each.id === id);
      const message = signedMessage('PLP1/endorse', ground.chain, encodeVotePayload({ epoch, height, term, header, member: id }));
      return member !== undefined && isSignatureInRange(sig) && ground.verify(member.pub, message, sig);
    })
  );
}

/** Height 0 is computed from genesis: the caller knows it, nobody voted for it. */
function isTipCertified({ header, finality }: Certified, ground: RecoveryGround): boolean {
  if (header.height === 0n) return finality.sigs.length === 0 && equalBytes(finality.header, headerHash(header));
  const config = finality.epoch === ground.tipConfig.epoch ? ground.tipConfig : ground.configOfEpoch(finality.epoch);
  // A base certified again carries the epoch of its Recovery, above its header's own.
  return (
    config !== null && finality.epoch >= header.epoch && refuseFinality(finality, header, config, ground.verify, finality.epoch) === null
  );
}

/** A finality quorum sealed; the tip is the highest of its tips and the base the highest set above that tip. */
function refuseQuorum(recovery: Recovery, config: ConsortiumConfig): RecoveryFault | null {
  if (!satisfies(config.finality, new Set(recovery.seals.map((each) => each.seal.member)), config.members)) return 'recovery_seals';
  const highest = highestTip(recovery.seals);
  const { header } = recovery.tip;
  if (highest === null || highest.seal.tipHeight !== header.height || !equalBytes(highest.seal.tipHeader, headerHash(header)))
    return 'recovery_tip';
  const reported = highestReported(recovery.seals, header.height);
  if (reported === null) return recovery.base === null ? null : 'recovery_base';
  const { base } = recovery;
  const isReported = base !== null && base.set.epoch === reported.epoch && base.set.term === reported.term;
  return isReported && equalBytes(base.set.header, reported.header) ? null : 'recovery_base';
}

/** Fewer than a quorum: a receipt shown in time may stand above what the seals report, never below it. */
function refuseLastResort(recovery: Recovery, config: ConsortiumConfig): RecoveryFault | null {
  if (recovery.closedAt - recovery.openedAt < config.limits.objectionMs || recovery.closedAt < recovery.openedAt) return 'recovery_window';
  if (recovery.seals.length === 0) return 'recovery_seals';
  const { height } = recovery.tip.header;
  if (recovery.seals.some((each) => each.seal.tipHeight > height)) return 'recovery_tip';
  const reported = highestReported(recovery.seals, height);
  const { base } = recovery;
  if (reported === null) return null;
  if (base === null) return 'recovery_base';
  const isBelow = base.set.epoch < reported.epoch || (base.set.epoch === reported.epoch && base.set.term < reported.term);
  const isOther = base.set.epoch === reported.epoch && base.set.term === reported.term && !equalBytes(base.set.header, reported.header);
  return isBelow || isOther ? 'recovery_base' : null;
}

function isBaseValid(base: RecoveryBase, tip: Certified, ground: RecoveryGround): boolean {
  return (
    equalBytes(headerHash(base.header), base.set.header) &&
    base.header.height === tip.header.height + 1n &&
    base.set.height === base.header.height &&
    equalBytes(base.header.prevHash, headerHash(tip.header)) &&
    isEndorsed(base.set, ground)
  );
}

export function highestTip(seals: readonly SignedSeal[]): SignedSeal | null {
  return seals.reduce<SignedSeal | null>((best, each) => (best === null || each.seal.tipHeight > best.seal.tipHeight ? each : best), null);
}

/** The highest EndorsementSet, by epoch and then term, among the seals with that tip. */
export function highestReported(seals: readonly SignedSeal[], tipHeight: bigint): EndorsementSet | null {
  const sets = seals.filter((each) => each.seal.tipHeight === tipHeight).map((each) => each.set);
  return sets.reduce<EndorsementSet | null>((best, set) => {
    if (set === null || best === null) return set ?? best;
    return set.epoch > best.epoch || (set.epoch === best.epoch && set.term > best.term) ? set : best;
  }, null);
}

/** Finality of height 0: nobody votes for what everybody can compute. */
export function genesisFinality(hash: Bytes): Finality {
  return { epoch: 0, height: 0n, term: 0n, header: hash, sigs: [] };
}

export interface DraftRecovery {
  readonly newEpoch: number;
  /** Its epoch is set here. */
  readonly config: ConsortiumConfig;
  readonly tip: Certified;
  /** The base's header, when one of the seals reports a set above the tip. */
  readonly baseHeader: RecoveryBase['header'] | null;
  readonly seals: readonly SignedSeal[];
  readonly openedAt: bigint;
  readonly closedAt: bigint;
  readonly kind?: number;
}

/** A Recovery that still wants its approvals. */
export function draftRecovery(draft: DraftRecovery): Recovery {
  const { newEpoch, config, tip, baseHeader, openedAt, closedAt } = draft;
  const set = highestReported(draft.seals, tip.header.height);
  return {
    kind: draft.kind ?? RECOVERY_KIND.quorum,
    newEpoch,
    config: { ...config, epoch: newEpoch },
    tip,
    base: set === null || baseHeader === null ? null : { header: baseHeader, set },
    seals: [...draft.seals].sort((a, b) => a.seal.member - b.seal.member),
    openedAt,
    closedAt,
    approvals: [],
  };
}

/** Adds an approval, in its place. */
export function withApproval(recovery: Recovery, approval: MemberSig): Recovery {
  const others = recovery.approvals.filter((each) => each.member !== approval.member);
  return { ...recovery, approvals: [...others, approval].sort((a, b) => a.member - b.member) };
}

/** What a Seal says when no set is known. */
export const NO_BASE = { epoch: 0, term: 0n, base: ZERO_32 } as const;
