/** Vectors of policies, their quorums, and the lint of configurations (ledger.md 9, appendix B 8). */
import { lintConfig } from '#ledger/block/lint.ts';
import { minimalQuorums, quorumTable } from '#ledger/block/policy.ts';
import { type ConsortiumConfig, encodeConsortiumConfig, encodePolicy, MEMBER_FLAG, type Policy, ROLE } from '#ledger/codec/config.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { actor, member, type Name, seededGenesis } from './ledger-world.ts';

const ORGANISATIONS = ['operator', 'studio', 'supervisor', 'notary'] as const satisfies readonly Name[];

const sig = (id: number): Policy => ({ kind: 'sig', member: id });
const atLeast = (k: number, ...of: readonly Policy[]): Policy => ({ kind: 'at_least', k, of });
const role = (which: number, k: number): Policy => ({ kind: 'role', role: which, k });
const ofFour = (k: number): Policy => atLeast(k, sig(1), sig(2), sig(3), sig(4));

const POLICIES: readonly (readonly [name: string, policy: Policy])[] = [
  ['one member', sig(3)],
  ['a member that is not there', sig(9)],
  ['3 of 4', ofFour(3)],
  ['0 of 4', ofFour(0)],
  ['5 of 4', ofFour(5)],
  ['one member counted twice', atLeast(2, sig(1), sig(1), sig(2))],
  ['a supervisor', role(ROLE.supervisor, 1)],
  ['two supervisors', role(ROLE.supervisor, 2)],
  ['3 of 4 and a supervisor', atLeast(2, ofFour(3), role(ROLE.supervisor, 1))],
  ['2 of 4, one of them supervisor or notary', atLeast(2, ofFour(2), atLeast(1, role(ROLE.supervisor, 1), role(ROLE.notary, 1)))],
  ['nested four deep', atLeast(1, atLeast(1, atLeast(1, sig(2))))],
];

export function lintVectors(sm2: Sm2, source: string): unknown {
  const single = seededGenesis(sm2).config;
  const four: ConsortiumConfig = {
    ...single,
    f: 1,
    members: ORGANISATIONS.map((name, i) => member(sm2, i + 1, name, ROLE[name], actor(name).acct)),
    finality: ofFour(3),
    governance: ofFour(3),
    recovery: ofFour(3),
    lastResort: ofFour(2),
  };
  const alter = (at: number, change: Partial<ConsortiumConfig['members'][number]>): Partial<ConsortiumConfig> => ({
    members: four.members.map((each, i) => (i === at ? { ...each, ...change } : each)),
  });
  const flags = (value: number): Partial<ConsortiumConfig> => ({ members: four.members.map((each) => ({ ...each, flags: value })) });
  const [first] = four.members;
  const cases: readonly (readonly [name: string, config: ConsortiumConfig])[] = [
    ['one member', single],
    ['four members, 3 of 4', four],
    ['a key twice', { ...four, ...alter(0, { govPub: first?.pub ?? new Uint8Array(64) }) }],
    ['a key off the curve', { ...four, ...alter(0, { encPub: new Uint8Array(64).fill(1) }) }],
    ['a key that was not proven', { ...four, ...alter(1, { pop: new Uint8Array(64).fill(1) }) }],
    ['a role that was not signed for', { ...four, ...alter(1, { role: ROLE.court }) }],
    ['three faults among four', { ...four, f: 3 }],
    ['finality of two halves', { ...four, finality: ofFour(2) }],
    ['governance apart from finality', { ...four, governance: ofFour(2) }],
    ['recovery apart from finality', { ...four, recovery: ofFour(1) }],
    ['a last resort that cannot be met', { ...four, lastResort: ofFour(5) }],
    ['finality that needs all', { ...four, finality: ofFour(4) }],
    ['finality that needs the supervisor: a warning', { ...four, finality: atLeast(2, ofFour(3), role(ROLE.supervisor, 1)) }],
    ['nobody mirrors media', { ...four, ...flags(MEMBER_FLAG.mayLead) }],
    ['leaders that may not lead', { ...four, ...flags(MEMBER_FLAG.mirrorsMedia) }],
    ['a leader that is no member', { ...four, ordering: { ...four.ordering, leaders: [1, 9] } }],
    ['blocks of nothing', { ...four, limits: { ...four.limits, blockTx: 0 } }],
  ];
  return {
    source,
    format: 'Bit i of a quorum is the i-th member. errors and warnings name the rules of ledger.md 9, each once, sorted; accounts are taken to exist.',
    roles: four.members.map((each) => each.role),
    policies: POLICIES.map(([name, policy]) => ({
      name,
      policy: toHex(encodePolicy(policy)),
      minimalQuorums: minimalQuorums(quorumTable(policy, four.members)),
    })),
    configs: cases.map(([name, config]) => {
      const { errors, warnings } = lintConfig(config, { verify: sm2.verify, hasAccount: () => true });
      const rules = (findings: typeof errors): readonly string[] => [...new Set(findings.map((finding) => finding.rule))].sort();
      return { name, errors: rules(errors), warnings: rules(warnings), config: toHex(encodeConsortiumConfig(config)) };
    }),
  };
}
