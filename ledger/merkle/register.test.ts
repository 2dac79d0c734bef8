import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { EMPTY_NODES, REGISTER_COUNT, REGISTER_DEPTH, Register, regRoot, rootFromProof, stateLeaf, stateRoot } from './register.ts';

const leaf = (value: number | string): Bytes => stateLeaf(utf8(String(value)));
const filled = (count: number): Register => {
  const register = new Register();
  for (let i = 0; i < count; i++) register.set(i, leaf(i));
  return register;
};

// ledger.md appendix B.
test('E1, E8, E32, an empty register and the empty state', () => {
  const at = (level: number) => toHex(EMPTY_NODES[level] ?? new Uint8Array());
  expect(at(1)).toBe('1212dfce594a314c1931ae300d9efe589e1679a53da79af89c4144fbfdfebb00');
  expect(at(8)).toBe('7c8cad28c79253df048bd372619b336b4b3fdaae087a6fa5e118330b973b2b1f');
  expect(at(32)).toBe('b8aa1e57b76bfbdfa8320dc8f88934cdffb13aa1944ddb32006272973556ca04');
  expect(toHex(new Register().regRoot(1))).toBe('34b483ce309db52f64730c1ef7ffddcf4e13bbf0b3d95484098d7909e9b939f5');
  const roots = Array.from({ length: REGISTER_COUNT }, (_, at) => new Register().regRoot(at + 1));
  expect(toHex(stateRoot(roots))).toBe('fd7822b2a68e2b101f173cce43bfb8a092b60a4ff53fe1e4fe684824ded18930');
});

test('items tree with only index 1 set, and the state root with count 2', () => {
  const register = new Register();
  register.set(0, EMPTY_NODES[0] ?? new Uint8Array());
  register.set(1, fromHex('2d0a16b7b806ae5817a9ff4f279bceb8ea68040d2b88f6aae0f282471d82970c'));
  expect(toHex(register.root())).toBe('f54da2dc62bf809191a7170a3e0e8d82507125ec739d38d4ae3d33ec992e9eee');
  const roots = Array.from({ length: REGISTER_COUNT }, (_, at) => (at === 0 ? register.regRoot(1) : new Register().regRoot(at + 1)));
  expect(toHex(stateRoot(roots))).toBe('55eeb7cc951175325d8aee3af0030742542c3594e01f79213a678e7b031be58c');
});

describe('proofs', () => {
  test.each([1, 2, 3, 5, 64, 1_000])('every leaf of %i leads to the root', (count) => {
    const register = filled(count);
    const root = toHex(register.root());
    for (let index = 0; index < count; index += count > 100 ? 37 : 1) {
      const proof = register.proof(index);
      expect(toHex(rootFromProof(index, leaf(index), proof) ?? new Uint8Array())).toBe(root);
      expect(toHex(rootFromProof(index, leaf('other'), proof) ?? new Uint8Array())).not.toBe(root);
      expect(toHex(rootFromProof(BigInt(index) ^ 1n, leaf(index), proof) ?? new Uint8Array())).not.toBe(root);
    }
  });

  test('1 000 leaves: ten siblings at most, empty levels only in the zero map', () => {
    const proof = filled(1_000).proof(999);
    expect(proof.path.length + bits(proof.zeroMap)).toBe(REGISTER_DEPTH);
    expect(proof.zeroMap >>> 10).toBe(0x3fffff);
  });

  test('an explicit empty sibling, a missing and a surplus one, and an index outside are refused', () => {
    const register = filled(3);
    const proof = register.proof(2);
    expect(proof.zeroMap & 1).toBe(1);
    const explicit = { zeroMap: (proof.zeroMap & ~1) >>> 0, path: [EMPTY_NODES[0] ?? new Uint8Array(), ...proof.path] };
    expect(rootFromProof(2, leaf(2), explicit)).toBe(null);
    expect(rootFromProof(2, leaf(2), { ...proof, path: proof.path.slice(1) })).toBe(null);
    expect(rootFromProof(2, leaf(2), { ...proof, path: [...proof.path, leaf(0)] })).toBe(null);
    expect(rootFromProof(2n ** 32n, leaf(2), proof)).toBe(null);
    expect(rootFromProof(-1, leaf(2), proof)).toBe(null);
  });
});

test('the root holds id and count: another register or an absent tail cannot stand in', () => {
  const register = filled(3);
  expect(toHex(regRoot(1, 3, register.root()))).toBe(toHex(register.regRoot(1)));
  expect(toHex(regRoot(1, 4, register.root()))).not.toBe(toHex(register.regRoot(1)));
  expect(toHex(register.regRoot(2))).not.toBe(toHex(register.regRoot(1)));
});

describe('undo', () => {
  test('levels nest, and a rollback to nothing leaves the empty root', () => {
    const register = new Register();
    register.begin();
    register.set(0, leaf('a'));
    register.root();
    register.begin();
    register.set(0, leaf('b'));
    register.set(1, leaf('c'));
    const inner = toHex(register.root());
    register.rollback();
    expect(register.count).toBe(1);
    expect(toHex(register.root())).not.toBe(inner);
    register.begin();
    register.set(1, leaf('d'));
    register.commit();
    register.rollback();
    expect(register.count).toBe(0);
    expect(toHex(register.root())).toBe(toHex(new Register().root()));
    register.set(0, leaf(0));
    expect(toHex(register.root())).toBe(toHex(filled(1).root()));
  });

  test('appended leaves that a root has already seen are gone from it', () => {
    const register = filled(3);
    const root = toHex(register.root());
    register.begin();
    for (let i = 3; i < 9; i++) register.set(i, leaf(i));
    expect(toHex(register.root())).toBe(toHex(filled(9).root()));
    register.rollback();
    expect([register.count, toHex(register.root())]).toEqual([3, root]);
    expect(toHex(rootFromProof(2, leaf(2), register.proof(2)) ?? new Uint8Array())).toBe(root);
  });

  test('an empty level undoes nothing', () => {
    const register = filled(5);
    const root = toHex(register.root());
    register.begin();
    register.set(5, leaf(5));
    register.begin();
    register.rollback();
    expect(register.count).toBe(6);
    register.rollback();
    expect([register.count, toHex(register.root())]).toEqual([5, root]);
  });

  test('any run of sets, roots, commits and rollbacks leaves the register that plain sets would have built', () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(40), value: fc.nat(1_000) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constantFrom('root' as const, 'begin' as const, 'commit' as const, 'rollback' as const) }),
      },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const register = new Register();
        let model: readonly string[] = [];
        const marks: (readonly string[])[] = [];
        for (const step of acts) {
          if (step.kind === 'set') {
            const index = Math.min(step.at, model.length);
            register.set(index, leaf(step.value));
            model = [...model.slice(0, index), String(step.value), ...model.slice(index + 1)];
          } else if (step.kind === 'root') register.root();
          else if (step.kind === 'begin') {
            register.begin();
            marks.push(model);
          } else if (marks.length > 0 && step.kind === 'commit') {
            register.commit();
            marks.pop();
          } else if (marks.length > 0 && step.kind === 'rollback') {
            register.rollback();
            model = marks.pop() ?? model;
          }
        }
        const plain = new Register();
        for (const [index, value] of model.entries()) plain.set(index, leaf(value));
        expect([register.count, toHex(register.root())]).toEqual([plain.count, toHex(plain.root())]);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});

test('a clone is its own register', () => {
  const register = filled(9);
  const copy = register.clone();
  register.set(3, leaf('changed'));
  expect(toHex(copy.root())).toBe(toHex(filled(9).root()));
  expect(toHex(register.root())).not.toBe(toHex(copy.root()));
});

function bits(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}
