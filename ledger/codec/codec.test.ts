/** Every accepted encoding re-encodes to itself; hostile bytes are refused with a code or are an encoding themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, compareBytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type AuthPolicy, decodeAuthPolicy, encodeAuthPolicy } from './auth-policy.ts';
import {
  type ConsortiumConfig,
  DEFAULT_LIMITS,
  decodeConsortiumConfig,
  decodePolicy,
  encodeConsortiumConfig,
  encodeMember,
  encodePolicy,
  type Member,
  type Policy,
  popPayload,
} from './config.ts';
import { decodeGenesis, encodeGenesis, type Genesis } from './genesis.ts';
import {
  decodeFinality,
  decodeHeader,
  encodeEndorsementSet,
  encodeFinality,
  encodeHeader,
  encodeVotePayload,
  type Finality,
  type Header,
} from './header.ts';
import {
  decodeAccountLeaf,
  decodeClassLeaf,
  decodeItemLeaf,
  decodeOrderLeaf,
  decodeRecordLeaf,
  encodeAccountLeaf,
  encodeClassLeaf,
  encodeItemLeaf,
  encodeOrderLeaf,
  encodeRecordLeaf,
} from './leaves.ts';
import { OP_NUMBER, type Op, type OpKind } from './op-types.ts';
import { decodeSignedOrder, encodeOrder, encodeSignedOrder, type Order, type SignedOrder } from './order.ts';
import { Reader } from './reader.ts';
import {
  decodeEntry,
  decodeTxBody,
  decodeTxEnv,
  type Effect,
  type Entry,
  encodeEffect,
  encodeEntry,
  encodeTxBody,
  encodeTxEnv,
  type TxBody,
} from './tx.ts';
import { encodeTxSig, type TxSig } from './tx-sig.ts';
import { Writer } from './writer.ts';

const RUNS = { numRuns: 40 };
const bytes = (length: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => new Uint8Array(value));
const b16 = bytes(16);
const b32 = bytes(32);
const b64 = bytes(64);
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const list = <T>(value: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(value, { minLength, maxLength });
const text = (max: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[a-z 道具]{0,${Math.floor(max / 3)}}$`));

function ascending<T>(value: fc.Arbitrary<T>, minLength: number, maxLength: number, compare: (a: T, b: T) => number): fc.Arbitrary<T[]> {
  return fc
    .uniqueArray(value, { minLength, maxLength, comparator: (a, b) => compare(a, b) === 0 })
    .map((items) => [...items].sort(compare));
}
const compareBig = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const authPolicy: fc.Arbitrary<AuthPolicy> = fc.record({
  threshold: u8,
  keys: ascending(fc.record({ pub: b64, weight: u8, use: u8 }), 1, 8, (a, b) => compareBytes(a.pub, b.pub)),
  recoveryDelayMs: u32,
  encKey: some(b64),
});
const txSig: fc.Arbitrary<TxSig> = fc.record({
  acct: b32,
  keyIdx: u8,
  keyEpoch: u32,
  sig: b64,
  batchSize: u16,
  batchIndex: u16,
  path: list(b32, 0, 16),
});
const sigs = (max: number): fc.Arbitrary<TxSig[]> =>
  ascending(txSig, 1, max, (a, b) => compareBytes(a.acct, b.acct) || a.keyIdx - b.keyIdx);
const order: fc.Arbitrary<Order> = fc.record({
  chain: b32,
  salt: b16,
  acct: b32,
  side: u8,
  cls: u32,
  items: list(fc.record({ serial: u64, ver: u64 }), 0, 32),
  quantity: u16,
  counterparty: some(b32),
  notBefore: u64,
  notAfter: u64,
  terms: b32,
});
const signedOrder: fc.Arbitrary<SignedOrder> = fc.record({ order, sigs: sigs(4) });
const memberSig = fc.record({ member: u16, sig: b64 });
const policy: fc.Arbitrary<Policy> = fc.letrec<{ node: Policy; leaf: Policy; branch: Policy }>((tie) => ({
  leaf: fc.oneof(
    fc.record({ kind: fc.constant('sig' as const), member: u16 }),
    fc.record({ kind: fc.constant('role' as const), role: u8, k: u8 }),
  ),
  branch: fc.record({ kind: fc.constant('at_least' as const), k: u8, of: list(tie('leaf'), 0, 5) }),
  node: fc.oneof(tie('leaf'), tie('branch')),
})).node;
const member: fc.Arbitrary<Member> = fc.record({
  id: u16,
  org: text(64),
  role: u8,
  flags: u8,
  acct: b32,
  pub: b64,
  govPub: b64,
  encPub: b64,
  cert: b32,
  endpoint: text(128),
  pop: b64,
});
const config: fc.Arbitrary<ConsortiumConfig> = fc.record({
  epoch: u32,
  f: u8,
  members: ascending(member, 0, 3, (a, b) => a.id - b.id),
  agents: ascending(fc.record({ acct: b32, role: u8, org: text(64) }), 0, 3, (a, b) => compareBytes(a.acct, b.acct)),
  finality: policy,
  governance: policy,
  recovery: policy,
  lastResort: policy,
  ordering: fc.record({ kind: u8, leaders: list(u16, 0, 3), params: bytes(7) }),
  limits: fc.constant(DEFAULT_LIMITS),
  roots: list(b32, 0, 2),
});
const move = fc.record({ serial: u64, ver: u64, to: b32 });
const target = fc.oneof(
  fc.record({ kind: fc.constant('item' as const), serial: u64 }),
  fc.record({ kind: fc.constant('account' as const), acct: b32 }),
  fc.record({ kind: fc.constant('class' as const), cls: u32 }),
);
const subject = fc.oneof(target, fc.constant({ kind: 'none' as const }), fc.record({ kind: fc.constant('entry' as const), index: u64 }));
const kind = <K extends OpKind>(name: K): fc.Arbitrary<K> => fc.constant(name);
const OPS: { readonly [K in OpKind]: fc.Arbitrary<Extract<Op, { kind: K }>> } = {
  account_open: fc.record({ kind: kind('account_open'), policy: authPolicy, accountKind: u8, kyc: b32, env: b32 }),
  account_rotate: fc.record({ kind: kind('account_rotate'), acct: b32, mode: u8, policy: some(authPolicy) }),
  class_define: fc.record({
    kind: kind('class_define'),
    issuer: b32,
    classes: list(fc.record({ ext: b32, transferRule: u8, supplyCap: u64, meta: b32, media: b32, terms: b32 }), 1, 4),
  }),
  mint: fc.record({ kind: kind('mint'), items: list(fc.record({ cls: u32, to: b32, ext: b32, meta: b32 }), 1, 4) }),
  burn: fc.record({ kind: kind('burn'), serial: u64, ver: u64 }),
  transfer: fc.record({ kind: kind('transfer'), serial: u64, ver: u64, to: b32, pay: b32, env: b32 }),
  trade: fc.record({
    kind: kind('trade'),
    tradeId: b16,
    sell: signedOrder,
    buy: signedOrder,
    items: ascending(u64, 1, 32, compareBig),
    pay: b32,
    env: b32,
    rulePack: b32,
    protectMs: u32,
    experiment: some(b32),
  }),
  order_cancel: fc.record({ kind: kind('order_cancel'), order }),
  lock: fc.record({ kind: kind('lock'), serial: u64, ver: u64, locker: b32, until: u64 }),
  unlock: fc.record({ kind: kind('unlock'), serial: u64, ver: u64 }),
  freeze: fc.record({ kind: kind('freeze'), target, until: u64, doc: b32 }),
  unfreeze: fc.record({ kind: kind('unfreeze'), target, doc: b32 }),
  court_order: fc.record({ kind: kind('court_order'), items: list(move, 1, 4), doc: b32 }),
  attest: fc.record({ kind: kind('attest'), subject, attestKind: u8, doc: b32 }),
  studio_sunset: fc.record({ kind: kind('studio_sunset'), studio: b32, at: u64, archive: b32, successor: some(b32) }),
  rule_pack_activate: fc.record({ kind: kind('rule_pack_activate'), jurisdiction: text(16), pack: b32, from: u64, tighten: u8 }),
  experiment_transition: fc.record({ kind: kind('experiment_transition'), experiment: b32, to: u8, flags: u8, doc: b32 }),
  config_update: fc.record({ kind: kind('config_update'), config, approvals: list(memberSig, 0, 3) }),
  evidence: fc.record({ kind: kind('evidence'), evidenceKind: u8, a: bytes(118), b: bytes(3) }),
  payload_erased: fc.record({ kind: kind('payload_erased'), env: b32, basis: b32 }),
  trade_reverse: fc.record({
    kind: kind('trade_reverse'),
    entry: u64,
    items: list(move, 1, 4),
    doc: b32,
    pay: b32,
    env: b32,
    rulePack: b32,
  }),
  item_update: fc.record({ kind: kind('item_update'), serial: u64, ver: u64, meta: b32 }),
  class_update: fc.record({ kind: kind('class_update'), cls: u32, supplyCap: u64, meta: b32, media: b32, terms: b32, from: u64 }),
  consent: fc.record({ kind: kind('consent'), acct: b32, cls: u32, powers: u8, until: u64 }),
};
const body = (op: fc.Arbitrary<Op>): fc.Arbitrary<TxBody> => fc.record({ chain: b32, salt: b16, notBefore: u64, notAfter: u64, op });
const anyBody = body(fc.oneof(...Object.values(OPS)));
const effect: fc.Arbitrary<Effect> = fc.record({ reg: u8, index: u64, leaf: b32, prev: u64 });
const env = fc.record({ body: anyBody, sigs: sigs(3) });
const entry: fc.Arbitrary<Entry> = fc.record({
  height: u64,
  pos: u32,
  env,
  effects: ascending(effect, 0, 4, (a, b) => a.reg - b.reg || compareBig(a.index, b.index)),
});
const header: fc.Arbitrary<Header> = fc.record({
  chain: b32,
  epoch: u32,
  height: u64,
  prevHash: b32,
  configHash: b32,
  sealedAt: u64,
  txCount: u32,
  logSize: u64,
  logRoot: b32,
  stateRoot: b32,
  ext: b32,
});
const finality: fc.Arbitrary<Finality> = fc.record({
  epoch: u32,
  height: u64,
  term: u64,
  header: b32,
  sigs: ascending(memberSig, 0, 5, (a, b) => a.member - b.member),
});
const genesis: fc.Arbitrary<Genesis> = fc.record({
  name: text(64),
  demonstration: fc.integer({ min: 0, max: 1 }),
  sealedAt: u64,
  config: config.map((value) => ({ ...value, epoch: 0 })),
  accounts: list(fc.record({ policy: authPolicy, kind: u8, kyc: b32 }), 0, 3),
  predecessor: some(fc.record({ header, finality })),
});
const itemLeaf = fc.record({
  serial: u64,
  cls: u32,
  owner: b32,
  ver: u64,
  flags: u16,
  locker: b32,
  lockUntil: u64,
  protectedUntil: u64,
  frozenUntil: u64,
  lastEntry: u64,
  meta: b32,
  ext: b32,
});
const accountLeaf = fc.record({
  serial: u64,
  acct: b32,
  kind: u8,
  flags: u16,
  policy: b32,
  keyEpoch: u32,
  frozenUntil: u64,
  pendingPolicy: b32,
  pendingAt: u64,
  itemCount: u64,
  kyc: b32,
  lastEntry: u64,
});
const classLeaf = fc.record({
  serial: u64,
  issuer: b32,
  ext: b32,
  transferRule: u8,
  flags: u16,
  supplyCap: u64,
  minted: u64,
  burned: u64,
  frozenUntil: u64,
  meta: b32,
  media: b32,
  terms: b32,
  nextTerms: b32,
  nextTermsAt: u64,
  lastEntry: u64,
});
const orderLeaf = fc.record({ serial: u64, order: b32, quantity: u16, filled: u16, closed: u8, notAfter: u64, lastEntry: u64 });
const recordLeaf = fc.record({ serial: u64, kind: u8, key: b32, value: b32, prior: b32, a: u64, lastEntry: u64 });

/** Decodes back to the same value; a mutated encoding is refused with a code or is the encoding of something else. */
function isCanonical<T>(values: fc.Arbitrary<T>, encode: (value: T) => Uint8Array, decode: (bytes: Uint8Array) => T, size?: number): void {
  fc.assert(
    fc.property(values, fc.nat(), u8, fc.constantFrom('flip', 'cut', 'grow'), (value, at, byte, how) => {
      const encoded = encode(value);
      if (size !== undefined) expect(encoded.length).toBe(size);
      expect(decode(encoded)).toEqual(value);
      const mutated = how === 'grow' ? Uint8Array.of(...encoded, byte) : encoded.slice(0, how === 'cut' ? at % encoded.length : undefined);
      if (how === 'flip') mutated[at % mutated.length] = byte;
      try {
        expect(equalBytes(encode(decode(mutated)), mutated)).toBe(true);
        expect(how).toBe('flip');
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
      }
    }),
    RUNS,
  );
}

describe('one encoding per value', () => {
  it.each(Object.entries(OPS))('op %s', (_, op) => isCanonical<TxBody>(body(op), encodeTxBody, decodeTxBody));
  it('AuthPolicy', () => isCanonical(authPolicy, encodeAuthPolicy, decodeAuthPolicy));
  it('SignedOrder', () => isCanonical(signedOrder, encodeSignedOrder, decodeSignedOrder));
  it('TxEnv', () => isCanonical(env, encodeTxEnv, decodeTxEnv));
  it('Entry', () => isCanonical(entry, encodeEntry, decodeEntry));
  it('Policy', () => isCanonical(policy, encodePolicy, decodePolicy));
  it('ConsortiumConfig', () => isCanonical(config, encodeConsortiumConfig, decodeConsortiumConfig));
  it('Header', () => isCanonical(header, encodeHeader, decodeHeader, 226));
  it('Finality', () => isCanonical(finality, encodeFinality, decodeFinality));
  it('Genesis', () => isCanonical(genesis, encodeGenesis, decodeGenesis));
  it('ItemLeaf', () => isCanonical(itemLeaf, encodeItemLeaf, decodeItemLeaf, 183));
  it('AccountLeaf', () => isCanonical(accountLeaf, encodeAccountLeaf, decodeAccountLeaf, 176));
  it('ClassLeaf', () => isCanonical(classLeaf, encodeClassLeaf, decodeClassLeaf, 252));
  it('OrderLeaf', () => isCanonical(orderLeaf, encodeOrderLeaf, decodeOrderLeaf, 62));
  it('RecordLeaf', () => isCanonical(recordLeaf, encodeRecordLeaf, decodeRecordLeaf, 122));
});

const one = <T>(value: fc.Arbitrary<T>): T => fc.sample(value, { numRuns: 1, seed: 7 })[0] ?? expect.fail('a sample');

describe('sizes', () => {
  it('are those of ledger.md', () => {
    const sig = { ...one(txSig), path: [] };
    const plain: Order = { ...one(order), items: [], counterparty: null };
    const sixtyFour = { ...sig, path: Array.from({ length: 6 }, () => sig.acct) };
    const largest = { ...sig, path: Array.from({ length: 16 }, () => sig.acct) };
    expect([sig, sixtyFour, largest].map((each) => encodeTxSig(each).length)).toEqual([106, 298, 618]);
    expect(encodeOrder(plain).length).toBe(139);
    expect(encodeOrder({ ...plain, items: [{ serial: 1n, ver: 1n }] }).length).toBe(155);
    expect(encodeSignedOrder({ order: plain, sigs: [sig] }).length).toBe(246);
    expect(encodeEffect(one(effect)).length).toBe(49);
    const key = { pub: sig.sig, weight: 1, use: 1 };
    expect(encodeAuthPolicy({ threshold: 1, keys: [key], recoveryDelayMs: 0, encKey: null }).length).toBe(73);
    expect(encodeAuthPolicy({ threshold: 1, keys: [key, key, key], recoveryDelayMs: 0, encKey: sig.sig }).length).toBe(269);
    const bare = { ...one(member), org: '', endpoint: '' };
    // 324 B and the two length bytes of its empty strings.
    expect(encodeMember(bare).length).toBe(326);
    expect(popPayload(bare).length).toBe(259);
    const vote = { epoch: 0, height: 1n, term: 1n, header: sig.acct, member: 1 };
    expect(encodeVotePayload(vote).length).toBe(54);
    const set = (q: number): Finality => ({ ...vote, sigs: Array.from({ length: q }, (_, id) => ({ member: id, sig: sig.sig })) });
    expect([1, 3, 5].map((q) => encodeFinality(set(q)).length)).toEqual([120, 252, 384]);
    expect([3, 5].map((q) => encodeEndorsementSet(set(q)).length)).toEqual([251, 383]);
    const minted: Op = {
      kind: 'mint',
      items: Array.from({ length: 200 }, () => ({ cls: 0, to: sig.acct, ext: sig.acct, meta: sig.acct })),
    };
    const frame = { chain: sig.acct, salt: one(b16), notBefore: 0n, notAfter: 1n };
    expect(encodeTxBody({ ...frame, op: minted }).length).toBe(20_069);
    expect(Object.values(OP_NUMBER)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });
});

describe('the reader refuses', () => {
  const code = (input: readonly number[], read: (reader: Reader) => unknown): string => {
    try {
      const reader = new Reader(Uint8Array.from(input));
      read(reader);
      reader.end();
      return 'accepted';
    } catch (error) {
      if (error instanceof ParseError) return error.code;
      throw error;
    }
  };
  it('lengths that are not minimal or too large', () => {
    expect(code([0x80, 0x00], (r) => r.uleb())).toBe('pce_uleb_not_minimal');
    expect(code([0xff, 0xff, 0xff, 0xff, 0x10], (r) => r.uleb())).toBe('pce_uleb_too_large');
    expect(code([0xff, 0xff, 0xff, 0xff, 0x0f], (r) => r.uleb())).toBe('accepted');
    expect(code([0x80, 0x80, 0x80, 0x80, 0x80, 0x01], (r) => r.uleb())).toBe('pce_uleb_too_large');
  });
  it('a count beyond the bytes left before it allocates', () => {
    expect(code([0xff, 0xff, 0xff, 0xff, 0x0f, 1], (r) => r.vec((x) => x.u8(), { smallest: 1 }))).toBe('pce_truncated');
    expect(code([3, 1, 1, 1], (r) => r.vec((x) => x.u8(), { smallest: 1, max: 2 }))).toBe('pce_over_limit');
    expect(code([0], (r) => r.vec((x) => x.u8(), { smallest: 1, min: 1 }))).toBe('pce_over_limit');
  });
  it('option tags, text and trailing bytes', () => {
    expect(code([2, 0], (r) => r.option((x) => x.u8()))).toBe('pce_bad_option');
    expect(code([1, 0xff], (r) => r.string())).toBe('utf8_malformed');
    expect(code([3, 0x65, 0xcc, 0x81], (r) => r.string())).toBe('pce_not_nfc');
    expect(code([1, 0x0a], (r) => r.string())).toBe('pce_control_character');
    expect(code([1, 2], (r) => r.u8())).toBe('pce_trailing_bytes');
    expect(code([1], (r) => r.u16())).toBe('pce_truncated');
  });
  it('policies deeper than 4 or of more than 64 nodes', () => {
    const nest = (depth: number): Policy => (depth === 1 ? { kind: 'sig', member: 1 } : { kind: 'at_least', k: 1, of: [nest(depth - 1)] });
    expect(decodePolicy(encodePolicy(nest(4)))).toEqual(nest(4));
    expect(() => decodePolicy(encodePolicy(nest(5)))).toThrow(ParseError);
    const wide = (count: number): Policy => ({ kind: 'at_least', k: 1, of: Array.from({ length: count }, () => nest(1)) });
    expect(decodePolicy(encodePolicy(wide(63)))).toEqual(wide(63));
    expect(() => decodePolicy(encodePolicy(wide(64)))).toThrow(ParseError);
  });
});

describe('the writer', () => {
  it('grows at every kind of field', () => {
    const writer = new Writer();
    for (let i = 0; i < 600; i++)
      writer
        .u8(1)
        .u16(2)
        .u32(3)
        .u64(4n)
        .fixed(Uint8Array.of(5, 6, 7));
    const reader = new Reader(writer.finish());
    for (let i = 0; i < 600; i++)
      expect([reader.u8(), reader.u16(), reader.u32(), reader.u64(), [...reader.fixed(3)]]).toEqual([1, 2, 3, 4n, [5, 6, 7]]);
    reader.end();
  });
  it('takes a value out of range for a bug', () => {
    expect(() => new Writer().u8(256)).toThrow('assertion failed');
    expect(() => new Writer().u64(-1n)).toThrow('assertion failed');
    expect(() => new Writer().b32(new Uint8Array(31))).toThrow('assertion failed');
  });
});
