/** The consortium that every simulation begins with: four members, 3 of 4, one studio, some players and their Items. */
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { type ConsortiumConfig, DEFAULT_LIMITS, type Member, type Policy, popPayload, ROLE } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import { publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { actor, member, START, seededKey, singleKeyPolicy } from '#test/vectors/ledger-world.ts';

export const ORGANISATIONS = [
  { id: 1, name: 'operator', role: ROLE.operator },
  { id: 2, name: 'studio-org', role: ROLE.studio },
  { id: 3, name: 'supervisor', role: ROLE.supervisor },
  { id: 4, name: 'notary', role: ROLE.notary },
  /** Not a member at first: joins in some runs. */
  { id: 5, name: 'second-studio', role: ROLE.studio },
] as const;
export const FIRST_MEMBERS = [1, 2, 3, 4] as const;
export const PLAYERS = ['alice', 'bob', 'carol', 'dave'] as const;

const privateKeys = new Map<string, Bytes>();

/** A key that everybody knows, and its public half. */
export function simKey(name: string): { readonly privateKey: Bytes; readonly publicKey: Bytes } {
  const privateKey = seededKey(name);
  const publicKey = publicKeys.get(name) ?? publicKeyOf(privateKey);
  publicKeys.set(name, publicKey);
  privateKeys.set(toHex(publicKey), privateKey);
  return { privateKey, publicKey };
}
const publicKeys = new Map<string, Bytes>();

/**
 * Stands in for the curve, whose arithmetic would be nine tenths of a run: a keyed checksum in range, checked by recomputing it.
 * Nobody in a simulation forges: who has no key to sign with does not call `sign`.
 */
export const simSm2: Sm2 = {
  sign: (privateKey, message) => checksum(privateKey, message),
  verify: (publicKey, message, signature) => {
    const privateKey = privateKeys.get(toHex(publicKey));
    return privateKey !== undefined && equalBytes(checksum(privateKey, message), signature);
  },
};

function checksum(privateKey: Uint8Array, message: Uint8Array): Bytes {
  const lanes = new Int32Array(16);
  let mixed = 0x9e3779b9;
  let at = 0;
  for (const part of [privateKey, message])
    for (const byte of part) {
      mixed = Math.imul(mixed ^ byte, 0x01000193);
      mixed ^= mixed >>> 15;
      lanes[at & 15] = (lanes[at & 15] ?? 0) ^ mixed;
      at++;
    }
  for (let lane = 0; lane < 32; lane++) {
    mixed = Math.imul(mixed ^ (lanes[lane & 15] ?? 0), 0x85ebca6b);
    mixed ^= mixed >>> 13;
    lanes[lane & 15] = mixed;
  }
  const out = new Uint8Array(lanes.buffer.slice(0));
  out[0] = ((out[0] ?? 0) & 0x7f) | 1;
  out[32] = ((out[32] ?? 0) & 0x3f) | 1;
  return out;
}

/** Node key of an organisation in its `rotation`-th generation. */
export const nodeKey = (id: number, rotation = 0) => simKey(`${nameOf(id)} node${rotation === 0 ? '' : ` ${rotation}`}`);
export const governanceKey = (id: number) => simKey(`${nameOf(id)} governance`);

export function nameOf(id: number): string {
  return ORGANISATIONS.find((each) => each.id === id)?.name ?? `organisation ${id}`;
}

for (const { id, name } of ORGANISATIONS) {
  nodeKey(id);
  governanceKey(id);
  simKey(name);
}
for (const name of [...PLAYERS, 'studio']) simKey(name);

export function simMember(id: number, rotation = 0): Member {
  const role = ORGANISATIONS.find((each) => each.id === id)?.role ?? ROLE.observer;
  const made = member(simSm2, id, nameOf(id), role, actor(nameOf(id)).acct);
  if (rotation === 0) return made;
  const pub = nodeKey(id, rotation).publicKey;
  return { ...made, pub, pop: proveKey({ ...made, pub }, rotation) };
}

function proveKey(unproven: Member, rotation: number): Bytes {
  return simSm2.sign(nodeKey(unproven.id, rotation).privateKey, signedMessage('PLP1/pop', ZERO_32, popPayload(unproven)));
}

export const atLeast = (k: number, ids: readonly number[]): Policy => ({
  kind: 'at_least',
  k,
  of: ids.map((id) => ({ kind: 'sig', member: id })),
});

/** Three quarters and a member more decide, whoever they are. */
export function configOf(epoch: number, members: readonly Member[]): ConsortiumConfig {
  const ids = members.map((each) => each.id);
  const quorum = atLeast(Math.floor((2 * ids.length) / 3) + 1, ids);
  return {
    epoch,
    f: Math.floor((ids.length - 1) / 3),
    members,
    agents: [],
    finality: quorum,
    governance: quorum,
    recovery: quorum,
    lastResort: atLeast(Math.max(1, Math.floor(ids.length / 2)), ids),
    ordering: { kind: 1, leaders: ids, params: new Uint8Array(0) },
    limits: { ...DEFAULT_LIMITS, blockTx: 20, blockMs: 100, idleMs: 4000, leaseMs: 2000, objectionMs: 1000n },
    roots: [],
  };
}

export function simGenesis(): Genesis {
  const account = (kind: number) => (name: string) => ({ policy: singleKeyPolicy(name), kind, kyc: ZERO_32 });
  return {
    name: 'simulation',
    demonstration: 1,
    sealedAt: START,
    config: configOf(
      0,
      FIRST_MEMBERS.map((id) => simMember(id)),
    ),
    accounts: [...ORGANISATIONS.map(({ name }) => account(2)(name)), account(1)('studio'), ...PLAYERS.map(account(0))],
    predecessor: null,
  };
}

const genesis = simGenesis();
export const FOUNDING = {
  genesis,
  chain: chainIdOf(genesis),
  header: genesisHeader(genesis, genesisState(genesis)),
} as const;
