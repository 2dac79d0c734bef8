/** The organisation of this installation as a member: with keys of its own, or with published ones of a demonstration. */
import { accountKindOf, type MemberRecord } from '#ledger/block/member-record.ts';
import { MEMBER_FLAG, popPayload, ROLE } from '#ledger/codec/config.ts';
import { decodeGenesis, type Genesis, type GenesisAccount } from '#ledger/codec/genesis.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { operatorPolicy } from '#ledger/node/genesis.ts';
import type { HeldKeys, NodeKeys } from '#ledger/node/keys.ts';
import { DEMONSTRATION_MEMBERS, type DemonstrationMember, type UnprovenMember, unprovenMember } from '#ledger/node/membership.ts';
import type { OrgKeys } from '#ledger/node/types.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { accountIdFromPolicy, chainIdOf } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import type { Random } from '#server/random.ts';

/** A LedgerTx may hold a day; a clock may be behind by some minutes. */
const BEFORE_MS = 10 * 60_000;
const HOLDS_MS = 23 * 3_600_000;

export const RECORD_ROLES = ['studio', 'supervisor', 'notary', 'court', 'observer', 'settlement'] as const;
export type RecordRole = (typeof RECORD_ROLES)[number];

export type RecordWish = {
  readonly id: number;
  readonly org: string;
  readonly role: RecordRole;
  /** Where its node will answer. */
  readonly endpoint: string;
  readonly mayLead: boolean;
  readonly mirrorsMedia: boolean;
  /** DER of its node's certificate; null: pinned later, or the one that a demonstration derives. */
  readonly certificate: Bytes | null;
};

/** Signs LedgerTx in the name of an organisation that brings its own keys. */
export function ownAccount(name: string, keys: Pick<NodeKeys, 'account' | 'encryption'>): OrgKeys {
  return { name, acct: accountIdFromPolicy(operatorPolicy(keys)), ...keys.account };
}

/** Whose keys are published: the organisations that a demonstration starts. Every other brings its own. */
export const publishedOrganisation = (name: string, isDemonstration: boolean): DemonstrationMember | null =>
  (isDemonstration ? DEMONSTRATION_MEMBERS.find((each) => each.name === name) : undefined) ?? null;

type RecordGround = {
  readonly keys: HeldKeys;
  readonly sm2: Sm2;
  readonly random: Random;
  readonly now: number;
  /** Of the chain to join; null: a founder, whose account stands in the genesis. */
  readonly genesis: Bytes | null;
};

export function stateRecord(wish: RecordWish, ground: RecordGround & { readonly keys: NodeKeys }): MemberRecord {
  const { member, ...rest } = draftRecord(wish, ground);
  const { sm2, keys } = ground;
  return { ...rest, member: { ...member, pop: sm2.sign(keys.node.privateKey, signedMessage('PLP1/pop', ZERO_32, popPayload(member))) } };
}

/** With the node key elsewhere: `prove` asks for the proof that it is there. */
export async function stateRecordElsewhere(
  wish: RecordWish,
  ground: RecordGround & { readonly prove: (payload: Bytes) => Promise<Bytes> },
): Promise<MemberRecord> {
  const { member, ...rest } = draftRecord(wish, ground);
  return { ...rest, member: { ...member, pop: await ground.prove(popPayload(member)) } };
}

function draftRecord(wish: RecordWish, ground: RecordGround): Omit<MemberRecord, 'member'> & { readonly member: UnprovenMember } {
  const { keys, genesis: bytes } = ground;
  const { role, certificate, mayLead, mirrorsMedia, ...named } = wish;
  const genesis = bytes === null ? null : decodeGenesis(bytes);
  const { acct } = ownAccount(named.org, keys);
  const member = unprovenMember({
    ...named,
    role: ROLE[role],
    flags: (mayLead ? MEMBER_FLAG.mayLead : 0) | (mirrorsMedia ? MEMBER_FLAG.mirrorsMedia : 0),
    ...{ acct, keys },
    certifiedAt: genesis?.demonstration === 1 ? genesis.sealedAt : null,
    ...(certificate === null ? {} : { cert: sm3(certificate) }),
  });
  const policy = operatorPolicy(keys);
  return { member, policy, accountOpen: genesis === null ? null : openingOf({ member, policy }, genesis, ground) };
}

function openingOf(
  { member, policy }: { readonly member: UnprovenMember } & { readonly policy: NonNullable<MemberRecord['policy']> },
  genesis: Genesis,
  { keys, sm2, random, now }: RecordGround,
) {
  const key = { acct: member.acct, keyIdx: 0, keyEpoch: 0, privateKey: keys.account.privateKey };
  const [env] = signTx(sm2, key, [
    {
      chain: chainIdOf(genesis),
      salt: new Uint8Array(random.bytes(16)),
      notBefore: BigInt(now - BEFORE_MS),
      notAfter: BigInt(now + HOLDS_MS),
      op: { kind: 'account_open', policy, accountKind: accountKindOf(member), kyc: ZERO_32, env: ZERO_32 },
    },
  ]);
  return env ?? null;
}

/** Accounts that stand in the genesis of a chain which these found. */
export const founderAccounts = (founders: readonly MemberRecord[]): readonly GenesisAccount[] =>
  founders.flatMap(({ member, policy }) => (policy === null ? [] : [{ policy, kind: accountKindOf(member), kyc: ZERO_32 }]));
