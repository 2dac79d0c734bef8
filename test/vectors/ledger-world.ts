/** A small chain in memory for tests and vectors: seeded keys, one member, the organisations as Agents, a class and some Items. */
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { type ConsortiumConfig, DEFAULT_LIMITS, MEMBER_FLAG, type Member, popPayload, ROLE } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { ClassDefineOp, Op } from '#ledger/codec/op-types.ts';
import type { Order, SignedOrder } from '#ledger/codec/order.ts';
import { encodeEntry, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, compareBytes, concat, equalBytes, utf8, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { Applied, ApplyContext } from '#ledger/state/applied.ts';
import { apply } from '#ledger/state/apply.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { LedgerCode, Rejected } from '#ledger/tx/codes.ts';
import { accountIdFromPolicy, chainIdOf, logLeafHash } from '#ledger/tx/ids.ts';
import { addSignature, type SigningKey, signIds, signOrders, signTx } from '#ledger/tx/sign.ts';

export const DAY = 86_400_000n;
export const START = 1_790_000_000_000n;

export const bytes32 = (text: string): Bytes => sm3(utf8(text));
export const bytes16 = (text: string): Bytes => sm3(utf8(text)).slice(0, 16);

/** A private key that everybody knows. */
export const seededKey = (name: string): Bytes => sm3(utf8(`seeded key of ${name}: for tests only`));

const publicKeys = new Map<string, Bytes>();
export function seededPublicKey(name: string): Bytes {
  const known = publicKeys.get(name) ?? publicKeyOf(seededKey(name));
  publicKeys.set(name, known);
  return known;
}

/** Stands in for the curve where a test is about rules: a keyed hash in range, checked by recomputing it. Real keys, no curve. */
export const hashSm2: Sm2 = {
  sign: (privateKey, message) => {
    const half = (byte: number): Bytes => {
      const hash = sm3(Uint8Array.of(byte), privateKey, message);
      hash[0] = (hash[0] ?? 0) & 0x7f;
      return hash;
    };
    return concat(half(1), half(2));
  },
  verify: (publicKey, message, signature) => {
    const name = [...publicKeys].find(([, pub]) => equalBytes(pub, publicKey))?.[0];
    return name !== undefined && equalBytes(hashSm2.sign(seededKey(name), message), signature);
  },
};

export interface Actor extends SigningKey {
  readonly name: string;
  readonly acct: Bytes;
  readonly policy: AuthPolicy;
}

export function singleKeyPolicy(name: string): AuthPolicy {
  return { threshold: 1, keys: [{ pub: seededPublicKey(name), weight: 1, use: 1 }], recoveryDelayMs: 0, encKey: null };
}

export function actor(name: string, policy: AuthPolicy = singleKeyPolicy(name), keyIdx = 0, keyEpoch = 0): Actor {
  return { name, policy, acct: accountIdFromPolicy(policy), keyIdx, keyEpoch, privateKey: seededKey(name) };
}

/** A policy of one signing key and one key that may only recover. */
export function recoverablePolicy(device: string, recovery: string, recoveryDelayMs = 259_200_000): AuthPolicy {
  const keys = [
    { pub: seededPublicKey(device), weight: 1, use: 1 },
    { pub: seededPublicKey(recovery), weight: 1, use: 2 },
  ].sort((a, b) => compareBytes(a.pub, b.pub));
  return { threshold: 1, keys, recoveryDelayMs, encKey: null };
}

export function keyIndex(policy: AuthPolicy, name: string): number {
  return policy.keys.findIndex((key) => equalBytes(key.pub, seededPublicKey(name)));
}

const PLAYERS = ['alice', 'bob', 'carol', 'dave'] as const;
const ORGANISATIONS = ['operator', 'supervisor', 'notary', 'court', 'settlement'] as const;
const STUDIOS = ['studio', 'studio-two'] as const;
export type Name = (typeof PLAYERS)[number] | (typeof ORGANISATIONS)[number] | (typeof STUDIOS)[number];

export function member(sm2: Sm2, id: number, name: string, role: number, acct: Bytes): Member {
  const unproven = {
    id,
    org: name,
    role,
    flags: MEMBER_FLAG.mayLead | MEMBER_FLAG.mirrorsMedia,
    acct,
    pub: seededPublicKey(`${name} node`),
    govPub: seededPublicKey(`${name} governance`),
    encPub: seededPublicKey(`${name} envelopes`),
    cert: ZERO_32,
    endpoint: '',
  };
  return { ...unproven, pop: sm2.sign(seededKey(`${name} node`), signedMessage('PLP1/pop', ZERO_32, popPayload(unproven))) };
}

export function seededGenesis(sm2: Sm2, demonstration = 1): Genesis {
  const acct = (name: Name): Bytes => actor(name).acct;
  const agents = ORGANISATIONS.filter((name) => name !== 'operator')
    .map((name) => ({ acct: acct(name), role: ROLE[name], org: name }))
    .sort((a, b) => compareBytes(a.acct, b.acct));
  const one = { kind: 'sig', member: 1 } as const;
  const config: ConsortiumConfig = {
    epoch: 0,
    f: 0,
    members: [member(sm2, 1, 'operator', ROLE.operator, acct('operator'))],
    agents,
    finality: one,
    governance: one,
    recovery: one,
    lastResort: one,
    ordering: { kind: 0, leaders: [1], params: new Uint8Array(0) },
    limits: DEFAULT_LIMITS,
    roots: [],
  };
  const account = (kind: number) => (name: Name) => ({ policy: singleKeyPolicy(name), kind, kyc: ZERO_32 });
  const accounts = [...ORGANISATIONS.map(account(2)), ...STUDIOS.map(account(1)), ...PLAYERS.map(account(0))];
  return { name: 'seeded', demonstration, sealedAt: START, config, accounts, predecessor: null };
}

/** One LedgerTx that a world was asked about, in order. */
export interface Attempt {
  readonly now: bigint;
  readonly height: bigint;
  readonly env: TxEnv;
  /** `null`: it passes. */
  readonly code: LedgerCode | null;
  /** It also moved the state. */
  readonly isKept: boolean;
}

/** One chain to act on. Each accepted LedgerTx is absorbed at once, without blocks. */
/** A chain of its own that is still in its first epoch. */
export const FIRST_EPOCH: Pick<ApplyContext, 'formerConfig' | 'firstEntry'> = { formerConfig: () => null, firstEntry: 0n };

export class World {
  readonly sm2: Sm2;
  readonly genesis: Genesis;
  readonly chain: Bytes;
  readonly state: LedgerState;
  readonly header: Header;
  now = START + 1000n;
  height = 1n;
  readonly attempts: Attempt[] = [];
  #salt = 0;

  constructor(sm2: Sm2 = hashSm2, demonstration = 1) {
    this.sm2 = sm2;
    this.genesis = seededGenesis(sm2, demonstration);
    this.chain = chainIdOf(this.genesis);
    this.state = genesisState(this.genesis);
    this.header = genesisHeader(this.genesis, this.state);
  }

  context(): ApplyContext {
    const { now, height, chain, genesis } = this;
    const demonstration = genesis.demonstration === 1;
    return { now, height, chain, config: genesis.config, ...FIRST_EPOCH, demonstration, verify: this.sm2.verify };
  }

  body(op: Op, change: Partial<TxBody> = {}): TxBody {
    const salt = bytes16(`salt ${this.#salt++}`);
    return { chain: this.chain, salt, notBefore: this.now - 1000n, notAfter: this.now + 600_000n, op, ...change };
  }

  sign(body: TxBody, by: readonly SigningKey[]): TxEnv {
    const [first, ...others] = by;
    assert(first !== undefined, 'a LedgerTx has a signer');
    const [env] = signTx(this.sm2, first, [body]);
    assert(env !== undefined, 'one body, one LedgerTx');
    return others.reduce((signed, key) => {
      const more = signTx(this.sm2, key, [body])[0]?.sigs[0];
      assert(more !== undefined, 'one body, one TxSig');
      return addSignature(signed, more);
    }, env);
  }

  env(op: Op, by: readonly (Name | SigningKey)[]): TxEnv {
    return this.sign(
      this.body(op),
      by.map((each) => (typeof each === 'string' ? actor(each) : each)),
    );
  }

  try(op: Op, by: readonly (Name | SigningKey)[], view: StateView = this.state): Applied | Rejected {
    const env = this.env(op, by);
    const result = apply(view, this.context(), env);
    this.#note(env, result, false);
    return result;
  }

  #note(env: TxEnv, result: Applied | Rejected, isKept: boolean): void {
    const { now, height } = this;
    this.attempts.push({ now, height, env, code: result.kind === 'rejected' ? result.code : null, isKept });
  }

  /** The code that refuses, or `null`. */
  code(op: Op, by: readonly (Name | SigningKey)[]): LedgerCode | null {
    const result = this.try(op, by);
    return result.kind === 'rejected' ? result.code : null;
  }

  absorb(env: TxEnv): Applied {
    const result = apply(this.state, this.context(), env);
    assert(result.kind === 'applied', `${env.body.op.kind} passes, got ${result.kind === 'rejected' ? result.code : ''}`);
    this.#note(env, result, true);
    const entry = encodeEntry({ height: this.height, pos: 0, env, effects: result.effects });
    this.state.absorb(result, logLeafHash(entry));
    return result;
  }

  do(op: Op, by: readonly (Name | SigningKey)[]): Applied {
    return this.absorb(this.env(op, by));
  }

  /** One free class of `studio` and Items 0 to `count − 1` of alice; the rule pack `PACK` active. */
  withItems(count = 3, transferRule = 0, supplyCap = 0n): this {
    this.do(defineClass('sword', transferRule, supplyCap), ['studio']);
    this.do(
      mint(
        0,
        Array.from({ length: count }, (_, i) => `sword ${i}`),
      ),
      ['studio'],
    );
    this.do(activatePack(), ['supervisor']);
    return this;
  }

  order(name: Name, change: Partial<Order>): Order {
    return {
      chain: this.chain,
      salt: bytes16(`order ${this.#salt++}`),
      acct: actor(name).acct,
      side: 0,
      cls: 0,
      items: [],
      quantity: 1,
      counterparty: null,
      notBefore: this.now - 1000n,
      notAfter: this.now + DAY,
      terms: bytes32('terms'),
      ...change,
    };
  }

  signOrder(order: Order, by: SigningKey): SignedOrder {
    const [signed] = signOrders(this.sm2, by, [order]);
    assert(signed !== undefined, 'one order');
    return signed;
  }

  sell(name: Name, serials: readonly bigint[], change: Partial<Order> = {}): SignedOrder {
    const items = serials.map((serial) => ({ serial, ver: this.state.itemBySerial(serial)?.ver ?? 1n }));
    return this.signOrder(this.order(name, { side: 0, items, quantity: items.length, ...change }), actor(name));
  }

  buy(name: Name, change: Partial<Order> = {}): SignedOrder {
    return this.signOrder(this.order(name, { side: 1, ...change }), actor(name));
  }

  signIds(name: Name, tag: 'PLP1/txsig' | 'PLP1/order', ids: readonly Bytes[]): ReturnType<typeof signIds> {
    return signIds(this.sm2, actor(name), tag, this.chain, ids);
  }
}

export const PACK = bytes32('rule pack');
export const EXPERIMENT = bytes32('experiment');

export function defineClass(name: string, transferRule = 0, supplyCap = 0n, issuer: Name = 'studio'): ClassDefineOp {
  const part = (what: string): Bytes => bytes32(`${name} ${what}`);
  const definition = { ext: part('ext'), transferRule, supplyCap, meta: part('meta'), media: part('media'), terms: part('terms') };
  return { kind: 'class_define', issuer: actor(issuer).acct, classes: [definition] };
}

export function mint(cls: number, names: readonly string[], to: Name = 'alice'): Op {
  const owner = actor(to).acct;
  return { kind: 'mint', items: names.map((name) => ({ cls, to: owner, ext: bytes32(name), meta: bytes32(`${name} meta`) })) };
}

export function activatePack(): Op {
  return { kind: 'rule_pack_activate', jurisdiction: 'CN', pack: PACK, from: START, tighten: 1 };
}

export function trade(
  sell: SignedOrder,
  buy: SignedOrder,
  items: readonly bigint[],
  change: Partial<Extract<Op, { kind: 'trade' }>> = {},
): Op {
  return {
    kind: 'trade',
    tradeId: bytes16('trade'),
    sell,
    buy,
    items,
    pay: bytes32('pay'),
    env: bytes32('env'),
    rulePack: PACK,
    protectMs: 0,
    experiment: null,
    ...change,
  };
}

export function transfer(serial: bigint, ver: bigint, to: Name): Op {
  return { kind: 'transfer', serial, ver, to: actor(to).acct, pay: ZERO_32, env: ZERO_32 };
}
