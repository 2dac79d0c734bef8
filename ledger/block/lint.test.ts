/** L1 to L7, and policies over sets of members. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConsortiumConfig, MEMBER_FLAG, type Policy, ROLE } from '#ledger/codec/config.ts';
import { actor, bytes32, hashSm2, member, type Name, seededGenesis } from '#test/vectors/ledger-world.ts';
import { lintConfig } from './lint.ts';
import { minimalQuorums, quorumTable, satisfies, shareMoreThan } from './policy.ts';

const single = seededGenesis(hashSm2).config;
const ORGANISATIONS = ['operator', 'studio', 'supervisor', 'notary'] as const satisfies readonly Name[];
const threshold = (k: number): Policy => ({ kind: 'at_least', k, of: ORGANISATIONS.map((_, i) => ({ kind: 'sig', member: i + 1 })) });
const four: ConsortiumConfig = {
  ...single,
  f: 1,
  members: ORGANISATIONS.map((name, i) => member(hashSm2, i + 1, name, ROLE[name], actor(name).acct)),
  finality: threshold(3),
  governance: threshold(3),
  recovery: threshold(3),
  lastResort: threshold(2),
};

function rules(change: Partial<ConsortiumConfig>, base = four): readonly string[] {
  return [
    ...new Set(lintConfig({ ...base, ...change }, { verify: hashSm2.verify, hasAccount: () => true }).errors.map((error) => error.rule)),
  ];
}
const alter = (at: number, change: Partial<(typeof four.members)[number]>): Partial<ConsortiumConfig> => ({
  members: four.members.map((each, i) => (i === at ? { ...each, ...change } : each)),
});

describe('lint', () => {
  it('passes the defaults for one member and for four', () => {
    expect(rules({}, single)).toEqual([]);
    expect(rules({})).toEqual([]);
  });
  it('L1 ids, keys, proofs of possession, accounts', () => {
    expect(rules({ members: [...four.members].reverse() })).toContain('L1');
    expect(rules(alter(0, { govPub: four.members[0]?.pub ?? new Uint8Array(64) }))).toEqual(['L1']);
    expect(rules(alter(0, { pub: new Uint8Array(64).fill(1) }))).toEqual(['L1']);
    expect(rules(alter(1, { pop: new Uint8Array(64).fill(1) }))).toEqual(['L1']);
    expect(rules(alter(1, { role: ROLE.court }))).toEqual(['L1']);
    expect(lintConfig(four, { verify: hashSm2.verify, hasAccount: () => false }).errors.map((error) => error.rule)).toEqual(['L1']);
    expect(lintConfig(four, { verify: hashSm2.verify }).errors).toEqual([]);
  });
  it('L2 to L5 members, overlaps, what remains', () => {
    expect(rules({ f: 2 })).toContain('L2');
    expect(rules({ finality: threshold(2) })).toContain('L3');
    expect(rules({ governance: threshold(2) })).toContain('L4');
    expect(rules({ recovery: threshold(1) })).toContain('L4');
    expect(rules({ lastResort: threshold(5) })).toEqual(['L4']);
    expect(rules({ finality: threshold(4) })).toEqual(['L5']);
  });
  it('L5 only warns of a role clause', () => {
    const finality: Policy = { kind: 'at_least', k: 2, of: [threshold(3), { kind: 'role', role: ROLE.supervisor, k: 1 }] };
    const lint = lintConfig({ ...four, finality }, { verify: hashSm2.verify });
    expect([lint.errors.length, lint.warnings.map((warning) => warning.rule)]).toEqual([0, ['L5']]);
  });
  it('L6 mirrors and leaders, L7 limits', () => {
    const flags = (value: number): Partial<ConsortiumConfig> => ({ members: four.members.map((each) => ({ ...each, flags: value })) });
    expect(rules(flags(MEMBER_FLAG.mayLead))).toEqual(['L6']);
    expect(rules(flags(MEMBER_FLAG.mirrorsMedia))).toEqual(['L6']);
    expect(rules({ ordering: { ...four.ordering, leaders: [9] } })).toEqual(['L6']);
    expect(rules({ limits: { ...four.limits, blockTx: 0 } })).toEqual(['L7']);
  });
});

describe('policies', () => {
  it('hold over sets of members', () => {
    const members = four.members;
    expect(satisfies(threshold(3), new Set([1, 2, 3]), members)).toBe(true);
    expect(satisfies(threshold(3), new Set([1, 2, 9]), members)).toBe(false);
    expect(satisfies({ kind: 'role', role: ROLE.notary, k: 1 }, new Set([4]), members)).toBe(true);
    expect(satisfies({ kind: 'role', role: ROLE.notary, k: 1 }, new Set([3]), members)).toBe(false);
    expect(minimalQuorums(quorumTable(threshold(3), members))).toEqual([0b0111, 0b1011, 0b1101, 0b1110]);
  });

  it('overlap as a comparison in pairs says, for policies of every shape', () => {
    const bits = (mask: number): number => mask.toString(2).replaceAll('0', '').length;
    const policy = fc.letrec<{ policy: Policy }>((tie) => ({
      policy: fc.oneof(
        { maxDepth: 2, depthSize: 'small' },
        fc.record({ kind: fc.constant('sig' as const), member: fc.integer({ min: 1, max: 5 }) }),
        fc.record({ kind: fc.constant('role' as const), role: fc.integer({ min: 0, max: 3 }), k: fc.integer({ min: 0, max: 2 }) }),
        fc.record({
          kind: fc.constant('at_least' as const),
          k: fc.integer({ min: 0, max: 4 }),
          of: fc.array(tie('policy'), { minLength: 1, maxLength: 4 }),
        }),
      ),
    })).policy;
    fc.assert(
      fc.property(policy, policy, fc.integer({ min: 0, max: 2 }), (a, b, f) => {
        const left = quorumTable(a, four.members);
        const right = quorumTable(b, four.members);
        const ids = (mask: number): Set<number> => new Set(four.members.filter((_, i) => (mask >>> i) & 1).map((each) => each.id));
        for (const [mask, holds] of left.entries()) expect(holds === 1).toBe(satisfies(a, ids(mask), four.members));
        const inPairs = minimalQuorums(left).every((x) => minimalQuorums(right).every((y) => bits(x & y) > f));
        expect(shareMoreThan(f, left, right)).toBe(inPairs);
      }),
      { numRuns: 300 },
    );
  });

  it('of 20 members are compared in a moment: a stranger may hand a verifier such a configuration', () => {
    const members = Array.from({ length: 20 }, (_, i) => ({ ...(four.members[0] ?? member(hashSm2, 1, 'x', 0, bytes32('x'))), id: i + 1 }));
    const policy: Policy = { kind: 'at_least', k: 11, of: members.map(({ id }) => ({ kind: 'sig', member: id })) };
    const started = performance.now();
    const table = quorumTable(policy, members);
    expect([shareMoreThan(1, table, table), shareMoreThan(2, table, table), shareMoreThan(6, table, table)]).toEqual([true, false, false]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
