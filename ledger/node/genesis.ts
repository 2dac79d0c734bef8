/** Genesis of a chain (`ledger.md` 9): of the operator alone, other organisations being Agents, or of several members from the start. */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type Agent, type ConsortiumConfig, DEFAULT_LIMITS, MEMBER_FLAG, type Member, ROLE } from '#ledger/codec/config.ts';
import type { Genesis, GenesisAccount } from '#ledger/codec/genesis.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, compareBytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { demonstrationKeys, singleKeyPolicy } from './demonstration-keys.ts';
import { demonstrationHierarchy } from './demonstration-pki.ts';
import type { NodeKeys } from './keys.ts';
import { buildMember, severalMembers } from './membership.ts';

export const OPERATOR_MEMBER = 1;
const ORGANISATION = 2;

/**
 * With one member Finality follows within a second or the process is down, so a Trade needs a minute of validity left at
 * sequencing instead of the ten that a consortium may need to elect a leader.
 */
const STALL_MS = 60_000;

interface Organisation {
  readonly name: string;
  readonly org: string;
  readonly role: number;
}

const DEMONSTRATION_AGENTS: readonly Organisation[] = [
  { name: 'supervisor', org: 'Supervisor (demonstration)', role: ROLE.supervisor },
  { name: 'notary', org: 'Notary (demonstration)', role: ROLE.notary },
  { name: 'court', org: 'Court (demonstration)', role: ROLE.court },
];

export function operatorPolicy(keys: Pick<NodeKeys, 'account' | 'encryption'>): AuthPolicy {
  return singleKeyPolicy(keys.account.publicKey, keys.encryption.publicKey);
}

export function demonstrationPolicy(name: string): AuthPolicy {
  const keys = demonstrationKeys(name);
  return singleKeyPolicy(keys.publicKey, keys.encPublicKey);
}

export function buildGenesis(options: {
  readonly keys: NodeKeys;
  readonly sm2: Sm2;
  readonly sealedAt: bigint;
  readonly demonstration: boolean;
  readonly accounts: readonly GenesisAccount[];
  /** The other members, by id; without any the operator seals alone. */
  readonly members?: readonly Member[];
  /** In place of the default time between blocks. */
  readonly blockMs?: number;
}): Genesis {
  const { keys, demonstration, sealedAt } = options;
  const agents = demonstration ? DEMONSTRATION_AGENTS : [];
  const organisations = [operatorPolicy(keys), ...agents.map((agent) => demonstrationPolicy(agent.name))];
  const { members = [] } = options;
  const first = oneMember(operatorMember(options), agents, demonstration ? [sm3(demonstrationHierarchy().root)] : []);
  const alone = options.blockMs === undefined ? first : { ...first, limits: { ...first.limits, blockMs: options.blockMs } };
  return {
    name: demonstration ? 'daoju demonstration' : 'daoju',
    demonstration: demonstration ? 1 : 0,
    sealedAt,
    config: members.length === 0 ? alone : { ...severalMembers(alone, members), epoch: 0 },
    accounts: [...organisations.map((policy) => ({ policy, kind: ORGANISATION, kyc: ZERO_32 })), ...options.accounts],
    predecessor: null,
  };
}

type MemberOptions = { readonly keys: NodeKeys; readonly sm2: Sm2; readonly sealedAt: bigint; readonly demonstration: boolean };

function operatorMember({ keys, sm2, sealedAt, demonstration }: MemberOptions): Member {
  return buildMember({
    id: OPERATOR_MEMBER,
    org: 'Operator',
    role: ROLE.operator,
    flags: MEMBER_FLAG.mirrorsMedia | MEMBER_FLAG.mayLead,
    acct: accountIdFromPolicy(operatorPolicy(keys)),
    endpoint: '',
    keys,
    sm2,
    certifiedAt: demonstration ? sealedAt : null,
  });
}

function oneMember(member: Member, organisations: readonly Organisation[], roots: readonly Bytes[]): ConsortiumConfig {
  const alone = { kind: 'sig', member: member.id } as const;
  const agents = organisations.map(
    (agent): Agent => ({ acct: accountIdFromPolicy(demonstrationPolicy(agent.name)), role: agent.role, org: agent.org }),
  );
  return {
    epoch: 0,
    f: 0,
    members: [member],
    agents: agents.sort((a, b) => compareBytes(a.acct, b.acct)),
    finality: alone,
    governance: alone,
    recovery: alone,
    lastResort: alone,
    ordering: { kind: 0, leaders: [member.id], params: new Uint8Array(0) },
    limits: { ...DEFAULT_LIMITS, stallMs: STALL_MS },
    roots,
  };
}
