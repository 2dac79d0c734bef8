/** Members and the configuration they form (`ledger.md` 9): who signs, how many suffice, who leads first. */
import { type ConsortiumConfig, MEMBER_FLAG, type Member, type Policy, popPayload, ROLE } from '#ledger/codec/config.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { demonstrationMemberCertificate } from './demonstration-pki.ts';
import type { HeldKeys, NodeKeys } from './keys.ts';

export interface MemberOptions {
  readonly id: number;
  readonly org: string;
  readonly role: number;
  readonly flags: number;
  readonly acct: Bytes;
  readonly endpoint: string;
  readonly keys: NodeKeys;
  readonly sm2: Sm2;
  /** Time of genesis of a demonstration, whose node certificates follow from name, role and key; null: pinned later by ConfigUpdate. */
  readonly certifiedAt: bigint | null;
  /** SM3 of the node's certificate, where its organisation has one already. */
  readonly cert?: Bytes;
}

/** A member as its own node states it: with the proof that it holds its node key. */
export function buildMember({ sm2, ...options }: MemberOptions): Member {
  const member = unprovenMember(options);
  return { ...member, pop: sm2.sign(options.keys.node.privateKey, signedMessage('PLP1/pop', ZERO_32, popPayload(member))) };
}

export type UnprovenMember = Omit<Member, 'pop'>;

/** Without that proof: whoever holds the node key gives it. */
export function unprovenMember({
  keys,
  certifiedAt,
  cert,
  ...named
}: Omit<MemberOptions, 'sm2' | 'keys'> & { readonly keys: HeldKeys }): UnprovenMember {
  return {
    ...named,
    pub: keys.node.publicKey,
    govPub: keys.governance.publicKey,
    encPub: keys.encryption.publicKey,
    cert:
      cert ??
      (certifiedAt === null
        ? ZERO_32
        : sm3(demonstrationMemberCertificate({ ...named, pub: keys.node.publicKey }, instant(Number(certifiedAt))))),
  };
}

/** The organisations of a demonstration's consortium beside the operator, named by their published accounts. Two mirrors remain without it (L6). */
export const DEMONSTRATION_MEMBERS = [
  { id: 2, name: 'studio', org: 'Studio (demonstration)', role: ROLE.studio, flags: MEMBER_FLAG.mayLead },
  {
    id: 3,
    name: 'supervisor',
    org: 'Supervisor (demonstration)',
    role: ROLE.supervisor,
    flags: MEMBER_FLAG.mirrorsMedia | MEMBER_FLAG.mayLead,
  },
  { id: 4, name: 'notary', org: 'Notary (demonstration)', role: ROLE.notary, flags: MEMBER_FLAG.mirrorsMedia | MEMBER_FLAG.mayLead },
] as const;
export type DemonstrationMember = (typeof DEMONSTRATION_MEMBERS)[number];

/** Who tries first when the operator's lease ends: neutral organisations before the studio. */
const LEADING_ROLES: readonly number[] = [ROLE.operator, ROLE.notary, ROLE.supervisor, ROLE.studio];

/** The next configuration: these members beside those of `base`, whose other parts stay. n ≥ 3f + 1 with the largest f. */
export function severalMembers(base: ConsortiumConfig, joining: readonly Member[]): ConsortiumConfig {
  const members = [...base.members, ...joining].sort((a, b) => a.id - b.id);
  return configOf(base, members);
}

/** A configuration of these members. One that has left for good is left out; what remains decides by more than two thirds. */
export function configOf(base: ConsortiumConfig, members: readonly Member[]): ConsortiumConfig {
  const f = Math.floor((members.length - 1) / 3);
  const sig = (member: Member): Policy => ({ kind: 'sig', member: member.id });
  // ⌈(n + f + 1) / 2⌉: any two quorums share more than f members.
  const quorum: Policy = { kind: 'at_least', k: Math.ceil((members.length + f + 1) / 2), of: members.map(sig) };
  const leaders = [...members]
    .filter((member) => (member.flags & MEMBER_FLAG.mayLead) !== 0)
    .sort((a, b) => placeOf(a) - placeOf(b) || a.id - b.id)
    .map((member) => member.id);
  return {
    ...base,
    epoch: base.epoch + 1,
    f,
    members,
    finality: quorum,
    governance: quorum,
    recovery: quorum,
    lastResort: lastResortOf(members, quorum),
    ordering: { ...base.ordering, leaders },
  };
}

function placeOf(member: Member): number {
  const place = LEADING_ROLES.indexOf(member.role);
  return place < 0 ? LEADING_ROLES.length : place;
}

/** Notary, supervisor and half of the others: what may be left when more than f are gone for good (13.2). */
function lastResortOf(members: readonly Member[], quorum: Policy): Policy {
  const pillars = members.filter((member) => member.role === ROLE.notary || member.role === ROLE.supervisor);
  const others = members.filter((member) => !pillars.includes(member));
  if (pillars.length < 2 || others.length === 0) return quorum;
  const sig = (member: Member): Policy => ({ kind: 'sig', member: member.id });
  const half: Policy = { kind: 'at_least', k: Math.ceil(others.length / 2), of: others.map(sig) };
  return { kind: 'at_least', k: pillars.length + 1, of: [...pillars.map(sig), half] };
}

/** Whether the configuration gives this account a role, as a member or as an Agent (4.2). */
export function holdsRole({ agents, members }: Pick<ConsortiumConfig, 'agents' | 'members'>, role: number, acct: Bytes): boolean {
  return [...agents, ...members].some((each) => each.role === role && equalBytes(each.acct, acct));
}

/** @throws when the configuration has no such member */
export function memberOf(config: ConsortiumConfig, id: number): Member {
  const member = config.members.find((each) => each.id === id);
  assert(member !== undefined, `member ${id} belongs to the configuration`);
  return member;
}
