/** What somebody would try: old orders, forged shapes, borrowed packs, hostile bytes. */
import { describe, expect, it } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import { ANY_CLASS } from '#ledger/codec/order.ts';
import { decodeTxEnv, encodeTxEnv } from '#ledger/codec/tx.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { apply } from '#ledger/state/apply.ts';
import { actor, bytes32, DAY, PACK, singleKeyPolicy, trade, transfer, World } from '#test/vectors/ledger-world.ts';

describe('rule packs', () => {
  it('the absence of a pack before the first one is no pack', () => {
    const w = new World().withItems(1);
    const later: Op = { kind: 'rule_pack_activate', jurisdiction: 'HK', pack: bytes32('HK'), from: w.now + DAY, tighten: 1 };
    w.do(later, ['supervisor']);
    const op = trade(w.sell('alice', [0n]), w.buy('bob'), [0n], { rulePack: ZERO_32 });
    expect(w.code(op, ['operator'])).toBe('pack_inactive');
  });

  it('a tightened pack takes the place of a pending one, and the one in force stays until then', () => {
    const w = new World().withItems(2);
    const pack = (name: string, from: bigint, tighten: number): Op => ({
      kind: 'rule_pack_activate',
      jurisdiction: 'CN',
      pack: bytes32(name),
      from,
      tighten,
    });
    w.do(pack('pending', w.now + 7n * DAY, 0), ['operator', 'supervisor']);
    w.do(pack('tight', w.now + DAY, 1), ['supervisor']);
    expect(w.state.recordsOfKind(1)[0]).toMatchObject({ value: bytes32('tight'), prior: PACK, a: w.now + DAY });
    const op = (rulePack: Uint8Array<ArrayBuffer>): Op => trade(w.sell('alice', [0n]), w.buy('bob'), [0n], { rulePack });
    expect(w.code(op(bytes32('pending')), ['operator'])).toBe('pack_inactive');
    expect(w.code(op(PACK), ['operator'])).toBeNull();
    w.now += DAY;
    expect(w.code(op(PACK), ['operator'])).toBe('pack_inactive');
    expect(w.code(op(bytes32('tight')), ['operator'])).toBeNull();
  });
});

describe('Trades that are not what they seem', () => {
  it('an Item named twice, or not in order, is malformed even where no decoder stood before', () => {
    const w = new World().withItems(3);
    const sell = w.sell('alice', [0n, 1n]);
    const buy = w.buy('bob', { quantity: 9 });
    expect(w.code(trade(sell, buy, [0n, 0n]), ['operator'])).toBe('trade_malformed');
    expect(w.code(trade(sell, buy, [1n, 0n]), ['operator'])).toBe('trade_malformed');
    expect(w.code(trade(sell, buy, []), ['operator'])).toBe('trade_malformed');
    expect(w.code(trade(sell, buy, [0n, 1n]), ['operator'])).toBeNull();
  });

  it('a sell order is spent by the version, also when the Item comes back', () => {
    const w = new World().withItems(2);
    const sell = w.sell('alice', [0n, 1n]);
    w.do(trade(sell, w.buy('bob'), [0n]), ['operator']);
    expect(w.code(trade(sell, w.buy('carol'), [0n]), ['operator'])).toBe('version_conflict');
    expect(w.code(trade(sell, w.buy('carol', { quantity: 2 }), [0n, 1n]), ['operator'])).toBe('version_conflict');
    expect(w.code(trade(sell, w.buy('carol'), [1n]), ['operator'])).toBeNull();
    w.do(transfer(0n, 2n, 'alice'), ['bob']);
    expect(w.code(trade(sell, w.buy('carol'), [0n]), ['operator'])).toBe('version_conflict');
  });

  it('a rotation between order and Trade kills the order of either side, and a new order lives', () => {
    const w = new World().withItems(1);
    const sell = w.sell('alice', [0n]);
    const buy = w.buy('bob');
    w.do({ kind: 'account_rotate', acct: actor('bob').acct, mode: 0, policy: singleKeyPolicy('bob') }, ['bob']);
    expect(w.code(trade(sell, buy, [0n]), ['operator'])).toBe('key_epoch_stale');
    const renewed = w.signOrder(buy.order, { ...actor('bob'), keyEpoch: 1 });
    expect(w.code(trade(sell, renewed, [0n]), ['operator'])).toBeNull();
    w.do({ kind: 'account_rotate', acct: actor('alice').acct, mode: 0, policy: singleKeyPolicy('alice') }, ['alice']);
    expect(w.code(trade(sell, renewed, [0n]), ['operator'])).toBe('key_epoch_stale');
  });

  it('protection ends at its millisecond, and one of zero protects nothing', () => {
    const w = new World().withItems(1);
    w.do(trade(w.sell('alice', [0n]), w.buy('bob'), [0n], { protectMs: 1000 }), ['operator']);
    w.now += 999n;
    expect(w.code(transfer(0n, 2n, 'carol'), ['bob'])).toBe('item_protected');
    w.now += 1n;
    expect(w.code(transfer(0n, 2n, 'carol'), ['bob'])).toBeNull();
    w.do(trade(w.sell('bob', [0n]), w.buy('carol'), [0n]), ['operator']);
    expect(w.state.itemBySerial(0n)?.protectedUntil).toBe(w.now);
    expect(w.code(transfer(0n, 3n, 'dave'), ['carol'])).toBeNull();
  });

  it('any class: the order takes Items of different classes and counts them together', () => {
    const w = new World().withItems(2);
    w.do(
      {
        kind: 'class_define',
        issuer: actor('studio').acct,
        classes: [{ ext: bytes32('b'), transferRule: 0, supplyCap: 0n, meta: ZERO_32, media: ZERO_32, terms: ZERO_32 }],
      },
      ['studio'],
    );
    w.do({ kind: 'mint', items: [{ cls: 1, to: actor('alice').acct, ext: bytes32('b 0'), meta: ZERO_32 }] }, ['studio']);
    const buy = w.buy('bob', { cls: 0xffff_ffff, quantity: 2 });
    expect(w.code(trade(w.sell('alice', [0n, 2n], { cls: 0 }), buy, [0n, 2n]), ['operator'])).toBe('order_item_mismatch');
    w.do(trade(w.sell('alice', [0n]), buy, [0n]), ['operator']);
    w.do(trade(w.sell('alice', [2n], { cls: 1 }), buy, [2n]), ['operator']);
    expect(w.code(trade(w.sell('alice', [1n]), buy, [1n]), ['operator'])).toBe('order_overfilled');
    expect(w.code(trade(w.sell('alice', [1n], { cls: 0xffff_ffff }), w.buy('bob', { cls: 0xffff_ffff }), [1n]), ['operator'])).toBe(
      'trade_malformed',
    );
  });

  it('a signature of an order is none of a LedgerTx, and the other way round', () => {
    const w = new World().withItems(1);
    const sell = w.sell('alice', [0n]);
    const body = w.body(transfer(0n, 1n, 'bob'));
    const env = w.sign(body, [actor('alice')]);
    const borrowed = { ...env, sigs: env.sigs.map((sig) => ({ ...sig, sig: sell.sigs[0]?.sig ?? sig.sig })) };
    const result = apply(w.state, w.context(), borrowed);
    expect(result).toEqual({ kind: 'rejected', code: 'sig_invalid' });
  });
});

describe('who may sign along', () => {
  it('the holder of a lock that has just ended is no stranger', () => {
    const w = new World().withItems(1);
    w.do({ kind: 'lock', serial: 0n, ver: 1n, locker: actor('carol').acct, until: w.now + 1000n }, ['alice']);
    expect(w.code(transfer(0n, 2n, 'bob'), ['alice'])).toBe('item_locked');
    expect(w.code(transfer(0n, 2n, 'bob'), ['alice', 'carol'])).toBeNull();
    w.now += 1000n;
    expect(w.code(transfer(0n, 2n, 'bob'), ['alice'])).toBeNull();
    expect(w.code(transfer(0n, 2n, 'bob'), ['alice', 'carol'])).toBeNull();
    expect(w.code(transfer(0n, 2n, 'bob'), ['alice', 'dave'])).toBe('signer_extra');
  });
});

describe('terms of a class', () => {
  it('an update that keeps the terms records the time it names; terms already in force are folded first', () => {
    const w = new World().withItems(1);
    const first = w.state.classById(0)?.terms ?? ZERO_32;
    const update = (terms: Uint8Array<ArrayBuffer>, from: bigint): Op => ({
      kind: 'class_update',
      cls: 0,
      supplyCap: 0n,
      meta: ZERO_32,
      media: ZERO_32,
      terms,
      from,
    });
    w.do(update(first, 5n), ['studio']);
    expect(w.state.classById(0)).toMatchObject({ terms: first, nextTerms: first, nextTermsAt: 5n });
    const at = w.now + 7n * DAY;
    w.do(update(bytes32('second'), at), ['studio']);
    expect(w.state.classById(0)).toMatchObject({ terms: first, nextTerms: bytes32('second'), nextTermsAt: at });
    w.now = at;
    w.do(update(bytes32('third'), at + 7n * DAY), ['studio']);
    expect(w.state.classById(0)).toMatchObject({ terms: bytes32('second'), nextTerms: bytes32('third') });
  });
});

describe('hostile bytes', () => {
  it('no flipped bit of a Trade passes', () => {
    const w = new World().withItems(2);
    const good = encodeTxEnv(w.env(trade(w.sell('alice', [0n, 1n]), w.buy('bob', { quantity: 2 }), [0n, 1n]), ['operator']));
    expect(apply(w.state, w.context(), decodeTxEnv(good)).kind).toBe('applied');
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      try {
        const env = decodeTxEnv(bytes);
        expect(encodeTxEnv(env)).toEqual(bytes);
        expect(apply(w.state, w.context(), env).kind, `byte ${at}`).toBe('rejected');
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
      }
    }
  });
});

describe('a buy order for any class', () => {
  const secondClass: Op = {
    kind: 'class_define',
    issuer: actor('studio').acct,
    classes: [{ ext: bytes32('bow'), transferRule: 0, supplyCap: 0n, meta: ZERO_32, media: ZERO_32, terms: bytes32('terms') }],
  };
  const withTwoClasses = () => {
    const w = new World().withItems(2);
    w.do(secondClass, ['studio']);
    w.do({ kind: 'mint', items: [{ cls: 1, to: actor('alice').acct, ext: bytes32('bow 0'), meta: ZERO_32 }] }, ['studio']);
    return w;
  };

  it('takes items of one class and of another under one signature, and no more than it asks for', () => {
    const w = withTwoClasses();
    const buy = w.buy('bob', { cls: ANY_CLASS, quantity: 2 });
    w.do(trade(w.sell('alice', [0n]), buy, [0n]), ['operator']);
    w.do(trade(w.sell('alice', [2n], { cls: 1 }), buy, [2n]), ['operator']);
    expect(w.code(trade(w.sell('alice', [1n]), buy, [1n]), ['operator'])).toBe('order_overfilled');
  });

  it('does not loosen what the seller signed: the item is of the class that the sell order names', () => {
    const w = withTwoClasses();
    const buy = w.buy('bob', { cls: ANY_CLASS, quantity: 2 });
    expect(w.code(trade(w.sell('alice', [2n]), buy, [2n]), ['operator'])).toBe('order_item_mismatch');
    expect(w.code(trade(w.sell('alice', [0n], { cls: ANY_CLASS }), buy, [0n]), ['operator'])).toBe('trade_malformed');
    expect(w.code(trade(w.sell('alice', [2n], { cls: 1 }), w.buy('bob'), [2n]), ['operator'])).toBe('trade_malformed');
  });
});

describe('announced terms', () => {
  const update = (terms: string, from: bigint, supplyCap = 100n): Op => ({
    kind: 'class_update',
    cls: 0,
    supplyCap,
    meta: ZERO_32,
    media: ZERO_32,
    terms: bytes32(terms),
    from,
  });

  it('are restated in the middle of their notice, and neither hastened nor replaced at once', () => {
    const w = new World().withItems(1);
    const from = w.now + 7n * DAY;
    w.do(update('next', from), ['studio']);
    w.now += 5n * DAY;
    expect(w.code(update('next', from - 1n), ['studio'])).toBe('notice_short');
    expect(w.code(update('other', from), ['studio'])).toBe('notice_short');
    w.do(update('next', from, 50n), ['studio']);
    expect(w.state.classById(0)).toMatchObject({ supplyCap: 50n, nextTerms: bytes32('next'), nextTermsAt: from });
  });
});
