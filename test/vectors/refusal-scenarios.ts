/**
 * Every refusal of ledger.md 6 and 6.1, op by op: the test of `apply` runs them, the vectors record them. Each code is reached
 * once; where a later check of a pair can fail too, it does, which proves the order.
 */
import { voteMessage } from '#ledger/block/vote.ts';
import { encodeSignedVote } from '#ledger/codec/evidence.ts';
import type { VotePayload } from '#ledger/codec/header.ts';
import type { FreezeTarget, Op } from '#ledger/codec/op-types.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { configHash } from '#ledger/tx/ids.ts';
import {
  activatePack,
  actor,
  bytes32,
  DAY,
  defineClass,
  EXPERIMENT,
  keyIndex,
  member,
  mint,
  type Name,
  PACK,
  recoverablePolicy,
  seededKey,
  singleKeyPolicy,
  trade,
  transfer,
  type World,
} from './ledger-world.ts';

export type By = Parameters<World['code']>[1];

/** What a scenario asserts of the state; the vectors need no assertions, the test hands in its own. */
export type Expect = (actual: unknown) => {
  readonly toBe: (expected: unknown) => void;
  readonly toEqual: (expected: unknown) => void;
  readonly toMatchObject: (expected: object) => void;
  readonly toHaveLength: (expected: number) => void;
};

export interface Stage {
  readonly start: (demonstration?: number) => World;
  /** The op is refused with the code. */
  readonly refuses: (world: World, code: LedgerCode, op: Op, by: By) => void;
  readonly passes: (world: World, op: Op, by: By) => void;
  readonly expect: Expect;
}

export type Scenario = readonly [name: string, play: (stage: Stage) => void];

const NOBODY: Bytes = bytes32('nobody');
const acct = (name: Name): Bytes => actor(name).acct;
const item = (serial: bigint): FreezeTarget => ({ kind: 'item', serial });
const freeze = (target: FreezeTarget, until: bigint): Op => ({ kind: 'freeze', target, until, doc: bytes32('doc') });
const unfreeze = (target: FreezeTarget): Op => ({ kind: 'unfreeze', target, doc: bytes32('doc') });
const lock = (world: World, serial: bigint, locker: Name, until?: bigint): Op => {
  const ver = world.state.itemBySerial(serial)?.ver ?? 1n;
  return { kind: 'lock', serial, ver, locker: acct(locker), until: until ?? world.now + DAY };
};
const consent = (world: World, powers: number, until = world.now + DAY): Op => ({
  kind: 'consent',
  acct: acct('alice'),
  cls: 0,
  powers,
  until,
});

export const REFUSAL_SCENARIOS: readonly Scenario[] = [
  [
    '1 AccountOpen',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    const eve = actor('eve');
    const open = (change: Partial<Extract<Op, { kind: 'account_open' }>> = {}): Op => ({
      kind: 'account_open',
      policy: singleKeyPolicy('eve'),
      accountKind: 0,
      kyc: bytes32('kyc'),
      env: ZERO_32,
      ...change,
    });
    const heavy = { ...singleKeyPolicy('eve'), threshold: 2 };
    refuses(w, 'policy_invalid', open({ policy: heavy, accountKind: 9 }), [actor('eve', heavy)]);
    refuses(w, 'kind_invalid', open({ accountKind: 3 }), [eve]);
    refuses(w, 'account_exists', open({ policy: singleKeyPolicy('bob') }), ['operator']);
    refuses(w, 'signer_missing', open(), ['notary']);
    refuses(w, 'role_missing', open(), [eve]);
    refuses(w, 'role_missing', open({ accountKind: 1 }), [eve, 'operator']);
    passes(w, open({ accountKind: 1 }), [eve, 'operator', 'supervisor']);
    const opened = w.do(open(), [eve, 'supervisor']);
    expect(opened.leaves.map((leaf) => leaf.reg)).toEqual([2]);
    expect(w.state.accountById(eve.acct)?.serial).toBe(11n);
    const policy = recoverablePolicy('eve', 'notary', 3_600_000);
    refuses(w, 'policy_invalid', open({ policy }), [actor('eve', policy, keyIndex(policy, 'eve')), 'operator']);
    const offCurve = { ...singleKeyPolicy('eve'), encKey: new Uint8Array(64).fill(1) };
    refuses(w, 'policy_invalid', open({ policy: offCurve }), [actor('eve', offCurve), 'operator']);
    },
  ],

  [
    '2 AccountRotate',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    const policy = recoverablePolicy('eve', 'eve recovery');
    const device = actor('eve', policy, keyIndex(policy, 'eve'));
    const recovery = { ...device, keyIdx: keyIndex(policy, 'eve recovery'), privateKey: seededKey('eve recovery') };
    w.do({ kind: 'account_open', policy, accountKind: 0, kyc: ZERO_32, env: ZERO_32 }, [device, 'operator']);
    const next = recoverablePolicy('eve new', 'eve recovery');
    const rotate = (mode: number, to: typeof policy | null): Op => ({ kind: 'account_rotate', acct: device.acct, mode, policy: to });
    refuses(w, 'mode_invalid', rotate(4, next), [device]);
    refuses(w, 'mode_invalid', rotate(2, next), [device]);
    refuses(w, 'mode_invalid', rotate(0, null), [device]);
    refuses(w, 'account_unknown', { kind: 'account_rotate', acct: NOBODY, mode: 0, policy: { ...next, threshold: 9 } }, [device]);
    refuses(w, 'policy_invalid', rotate(3, { ...next, threshold: 9 }), [device]);
    refuses(w, 'recovery_none', rotate(3, next), [device]);
    refuses(w, 'signer_missing', rotate(1, next), [device]);
    refuses(w, 'signer_extra', rotate(1, next), [recovery, device]);
    w.do(rotate(1, next), [recovery]);
    refuses(w, 'recovery_pending', rotate(1, next), [device]);
    refuses(w, 'policy_mismatch', rotate(3, policy), [device]);
    refuses(w, 'signer_missing', rotate(2, null), [recovery]);
    refuses(w, 'recovery_early', rotate(3, next), [recovery]);
    w.now += 259_200_000n;
    w.do(rotate(3, next), [recovery]);
    expect(w.state.accountById(device.acct)?.keyEpoch).toBe(1);
    refuses(w, 'key_epoch_stale', rotate(0, next), [device]);
    const fresh = { ...device, keyEpoch: 1, keyIdx: keyIndex(next, 'eve new'), privateKey: seededKey('eve new') };
    w.do(freeze({ kind: 'account', acct: device.acct }, w.now + DAY), ['supervisor']);
    refuses(w, 'account_frozen', rotate(0, next), [fresh]);
    },
  ],

  [
    '24 Consent',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems();
    refuses(w, 'powers_invalid', { kind: 'consent', acct: NOBODY, cls: 0, powers: 8, until: 0n }, ['alice']);
    refuses(w, 'account_unknown', { kind: 'consent', acct: NOBODY, cls: 9, powers: 1, until: 0n }, ['alice']);
    refuses(w, 'class_unknown', { kind: 'consent', acct: acct('alice'), cls: 9, powers: 1, until: 0n }, ['bob']);
    refuses(w, 'signer_missing', consent(w, 1, 0n), ['bob']);
    refuses(w, 'until_range', consent(w, 1, w.now), ['alice']);
    refuses(w, 'until_range', consent(w, 1, w.now + 366n * DAY + 1n), ['alice']);
    w.do(consent(w, 7), ['alice']);
    w.do(consent(w, 0), ['alice']);
    expect(w.state.recordsOfKind(7)).toHaveLength(1);
    },
  ],
  [
    '3 ClassDefine, 23 ClassUpdate',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    refuses(w, 'terms_invalid', { ...defineClass('x', 3), issuer: NOBODY }, ['alice']);
    refuses(w, 'account_unknown', { ...defineClass('x'), issuer: NOBODY }, ['alice']);
    refuses(w, 'not_a_studio', defineClass('x', 0, 0n, 'alice'), ['bob']);
    w.do(defineClass('x', 0, 5n), ['studio']);
    refuses(w, 'class_exists', defineClass('x'), ['alice']);
    refuses(w, 'signer_missing', defineClass('y'), ['alice']);
    const part = bytes32('new');
    const update = (change: Partial<Extract<Op, { kind: 'class_update' }>> = {}): Op => ({
      kind: 'class_update',
      cls: 0,
      supplyCap: 5n,
      meta: part,
      media: part,
      terms: part,
      from: w.now + 7n * DAY,
      ...change,
    });
    refuses(w, 'class_unknown', update({ cls: 7 }), ['alice']);
    refuses(w, 'cap_raise', update({ supplyCap: 6n }), ['alice']);
    refuses(w, 'cap_raise', update({ supplyCap: 0n }), ['studio']);
    refuses(w, 'signer_missing', update(), ['alice']);
    refuses(w, 'notice_short', update({ from: w.now + 7n * DAY - 1n }), ['studio']);
    const old = w.state.classById(0)?.terms;
    w.do(update({ supplyCap: 4n }), ['studio']);
    expect(w.state.classById(0)).toMatchObject({ terms: old, nextTerms: part, supplyCap: 4n });
    w.do(freeze({ kind: 'class', cls: 0 }, w.now + DAY), ['court']);
    refuses(w, 'class_frozen', update({ supplyCap: 4n, from: 0n }), ['studio']);
    w.do(freeze({ kind: 'account', acct: acct('studio') }, w.now + DAY), ['court']);
    refuses(w, 'account_frozen', update({ supplyCap: 4n }), ['studio']);
    refuses(w, 'account_frozen', defineClass('y'), ['studio']);
    },
  ],

  [
    '15 StudioSunset, and authority after it',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(1);
    const at = w.now + 60n * DAY;
    const sunset = (change: Partial<Extract<Op, { kind: 'studio_sunset' }>> = {}): Op => ({
      kind: 'studio_sunset',
      studio: acct('studio'),
      at,
      archive: bytes32('archive'),
      successor: acct('studio-two'),
      ...change,
    });
    refuses(w, 'account_unknown', sunset({ studio: NOBODY }), ['studio']);
    refuses(w, 'account_unknown', sunset({ successor: NOBODY }), ['studio']);
    refuses(w, 'not_a_studio', sunset({ studio: acct('alice') }), ['studio']);
    refuses(w, 'signer_missing', sunset({ at: 0n }), ['operator']);
    refuses(w, 'role_missing', sunset({ at: 0n }), ['studio']);
    refuses(w, 'role_missing', sunset({ at: 0n }), ['supervisor']);
    refuses(w, 'notice_short', sunset({ at: at - 1n }), ['studio', 'operator']);
    passes(w, sunset({ at: 0n }), ['supervisor', 'notary']);
    w.do(sunset(), ['studio', 'operator']);
    refuses(w, 'studio_sunset', sunset(), ['studio', 'operator']);
    refuses(w, 'studio_sunset', mint(0, ['late']), ['studio']);
    refuses(w, 'studio_sunset', defineClass('late'), ['studio']);
    passes(w, { kind: 'item_update', serial: 0n, ver: 1n, meta: bytes32('m') }, ['studio', 'alice']);
    w.now = at;
    passes(w, mint(0, ['late']), ['studio-two']);
    refuses(w, 'signer_missing', mint(0, ['late']), ['studio']);
    passes(w, transfer(0n, 1n, 'bob'), ['alice']);
    },
  ],
  [
    '4 Mint',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(2, 0, 3n);
    refuses(w, 'class_unknown', mint(9, ['a']), ['alice']);
    refuses(w, 'account_unknown', { kind: 'mint', items: [{ cls: 0, to: NOBODY, ext: bytes32('sword 0'), meta: ZERO_32 }] }, ['alice']);
    refuses(w, 'item_exists', mint(0, ['sword 0']), ['alice']);
    refuses(w, 'item_exists', mint(0, ['a', 'a']), ['alice']);
    refuses(w, 'signer_missing', mint(0, ['a', 'b', 'c']), ['alice']);
    refuses(w, 'supply_exceeded', mint(0, ['a', 'b']), ['studio']);
    const applied = w.do(mint(0, ['a'], 'bob'), ['studio']);
    expect(applied.effects.map(({ reg, index }) => [reg, index])).toEqual([
      [1, 2n],
      [2, w.state.accountById(acct('bob'))?.serial],
      [3, 0n],
    ]);
    expect(w.state.classById(0)?.minted).toBe(3n);
    w.do(freeze({ kind: 'account', acct: acct('studio') }, w.now + DAY), ['court']);
    refuses(w, 'account_frozen', mint(0, ['b']), ['studio']);
    w.do(freeze({ kind: 'class', cls: 0 }, w.now + DAY), ['court']);
    refuses(w, 'class_frozen', mint(0, ['b']), ['studio']);
    },
  ],

  [
    '5 Burn, with consent and without',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(3);
    const burn = (serial = 0n, ver = 1n): Op => ({ kind: 'burn', serial, ver });
    refuses(w, 'item_unknown', burn(9n), ['bob']);
    refuses(w, 'version_conflict', burn(0n, 2n), ['bob']);
    refuses(w, 'signer_missing', burn(), ['studio']);
    refuses(w, 'signer_extra', burn(), ['alice', 'studio']);
    w.do(consent(w, 1), ['alice']);
    w.do(burn(), ['studio']);
    refuses(w, 'item_burned', burn(0n, 9n), ['alice']);
    expect(w.state.accountById(acct('alice'))?.itemCount).toBe(2n);
    expect(w.state.classById(0)?.burned).toBe(1n);
    w.do(lock(w, 1n, 'carol'), ['alice']);
    refuses(w, 'item_locked', burn(1n, 2n), ['alice']);
    passes(w, burn(1n, 2n), ['alice', 'carol']);
    },
  ],

  [
    '6 Transfer',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(4);
    refuses(w, 'item_unknown', { ...transfer(9n, 1n, 'bob') }, ['carol']);
    refuses(w, 'account_unknown', { kind: 'transfer', serial: 0n, ver: 9n, to: NOBODY, pay: ZERO_32, env: ZERO_32 }, ['carol']);
    refuses(w, 'to_self', transfer(0n, 9n, 'alice'), ['carol']);
    refuses(w, 'version_conflict', transfer(0n, 9n, 'bob'), ['carol']);
    refuses(w, 'signer_missing', transfer(0n, 1n, 'bob'), ['carol']);
    refuses(w, 'signer_extra', transfer(0n, 1n, 'bob'), ['alice', 'carol']);
    passes(w, transfer(0n, 1n, 'bob'), ['alice', 'bob']);
    w.do(lock(w, 0n, 'carol'), ['alice']);
    refuses(w, 'item_locked', transfer(0n, 2n, 'bob'), ['alice']);
    passes(w, transfer(0n, 2n, 'bob'), ['alice', 'carol']);
    w.do(freeze({ kind: 'class', cls: 0 }, w.now + DAY), ['court']);
    refuses(w, 'class_frozen', transfer(0n, 2n, 'bob'), ['alice']);
    w.do(freeze(item(0n), w.now + DAY), ['operator']);
    refuses(w, 'item_frozen', transfer(0n, 2n, 'bob'), ['alice']);
    w.do(freeze({ kind: 'account', acct: acct('bob') }, w.now + DAY), ['supervisor']);
    refuses(w, 'account_frozen', transfer(0n, 2n, 'bob'), ['alice']);
    w.now += DAY;
    w.do(transfer(0n, 2n, 'bob'), ['alice']);
    expect(w.state.itemBySerial(0n)).toMatchObject({ ver: 3n, lockUntil: 0n, locker: ZERO_32 });
    },
  ],

  [
    '6 Transfer under rules 1 and 2',
    ({ start, refuses, passes, expect }) => {
    const bound = start().withItems(1, 2);
    refuses(bound, 'not_transferable', transfer(0n, 1n, 'bob'), ['alice']);
    const ruled = start().withItems(1, 1);
    refuses(ruled, 'role_missing', transfer(0n, 1n, 'bob'), ['alice']);
    passes(ruled, transfer(0n, 1n, 'bob'), ['alice', 'operator']);
    },
  ],

  [
    '9 Lock, 10 Unlock, 22 ItemUpdate',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(2);
    const unlock = (ver: bigint): Op => ({ kind: 'unlock', serial: 0n, ver });
    refuses(w, 'account_unknown', { kind: 'lock', serial: 0n, ver: 9n, locker: NOBODY, until: 0n }, ['bob']);
    refuses(w, 'signer_missing', lock(w, 0n, 'bob', 0n), ['bob']);
    refuses(w, 'until_range', lock(w, 0n, 'bob', w.now + 90n * DAY + 1n), ['alice']);
    refuses(w, 'not_locked', unlock(1n), ['bob']);
    refuses(w, 'version_conflict', unlock(2n), ['bob']);
    w.do(lock(w, 0n, 'bob'), ['alice']);
    refuses(w, 'item_locked', lock(w, 0n, 'carol', 0n), ['alice']);
    refuses(w, 'signer_missing', unlock(2n), ['alice']);
    w.do(unlock(2n), ['bob']);
    const update: Op = { kind: 'item_update', serial: 0n, ver: 3n, meta: bytes32('level 2') };
    refuses(w, 'signer_missing', update, ['studio']);
    w.do(consent(w, 4), ['alice']);
    w.do(update, ['studio']);
    expect(w.state.itemBySerial(0n)).toMatchObject({ meta: bytes32('level 2'), ver: 4n });
    refuses(w, 'signer_missing', lock(w, 1n, 'studio'), ['studio']);
    w.do(consent(w, 2), ['alice']);
    passes(w, lock(w, 1n, 'studio'), ['studio']);
    },
  ],
  [
    '7 Trade: orders',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(4);
    const sell = w.sell('alice', [0n]);
    const buy = w.buy('bob');
    const both = (s = sell, b = buy, items: readonly bigint[] = [0n]): Op => trade(s, b, items);
    refuses(w, 'trade_malformed', both(buy, sell), ['operator']);
    refuses(w, 'trade_malformed', both(sell, w.buy('bob', { cls: 1 })), ['operator']);
    refuses(w, 'order_invalid', both(w.sell('alice', [0n], { quantity: 2 })), ['operator']);
    refuses(w, 'order_invalid', both(sell, w.buy('bob', { notAfter: w.now + 91n * DAY })), ['operator']);
    refuses(w, 'order_invalid', both(w.signOrder(sell.order, actor('carol'))), ['operator']);
    refuses(w, 'wrong_chain', both(sell, w.buy('bob', { chain: NOBODY })), ['operator']);
    const ghost = actor('ghost');
    refuses(w, 'account_unknown', both(sell, w.signOrder(w.order('bob', { side: 1, acct: ghost.acct }), ghost)), ['operator']);
    refuses(w, 'order_early', both(sell, w.buy('bob', { notBefore: w.now + 1n })), ['operator']);
    refuses(w, 'order_expired', both(w.sell('alice', [0n], { notAfter: w.now })), ['operator']);
    refuses(w, 'key_epoch_stale', both(w.signOrder(sell.order, { ...actor('alice'), keyEpoch: 1 })), ['operator']);
    refuses(w, 'key_unknown', both(w.signOrder(sell.order, { ...actor('alice'), keyIdx: 1 })), ['operator']);
    const spoiled = (change: Partial<(typeof sell.sigs)[number]>): typeof sell => ({
      order: sell.order,
      sigs: sell.sigs.map((sig) => ({ ...sig, ...change })),
    });
    refuses(w, 'sig_range', both(spoiled({ sig: new Uint8Array(64), batchSize: 0 })), ['operator']);
    refuses(w, 'batch_range', both(spoiled({ sig: new Uint8Array(64).fill(1), batchIndex: 1 })), ['operator']);
    refuses(w, 'sig_invalid', both(spoiled({ sig: new Uint8Array(64).fill(1) })), ['operator']);
    w.do({ kind: 'order_cancel', order: buy.order }, ['bob']);
    refuses(w, 'order_closed', both(sell, buy), ['operator']);
    refuses(w, 'self_trade', both(sell, w.buy('alice')), ['operator']);
    refuses(w, 'counterparty_mismatch', both(w.sell('alice', [0n], { counterparty: acct('carol') }), w.buy('bob')), ['operator']);
    },
  ],

  [
    '7 Trade: title, authority, prohibitions, limits',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(6);
    w.do(transfer(5n, 1n, 'carol'), ['alice']);
    const op = (serials: readonly bigint[], change: Parameters<typeof trade>[3] = {}, buy = w.buy('bob', { quantity: 9 })): Op =>
      trade(w.sell('alice', serials), buy, serials, change);
    refuses(w, 'item_unknown', op([9n]), ['operator']);
    refuses(w, 'order_item_mismatch', trade(w.sell('alice', [0n]), w.buy('bob'), [1n]), ['operator']);
    refuses(w, 'order_item_mismatch', op([0n], {}, w.buy('bob', { items: [{ serial: 1n, ver: 0n }] })), ['operator']);
    const stale = w.signOrder(w.order('alice', { items: [{ serial: 0n, ver: 7n }] }), actor('alice'));
    refuses(w, 'version_conflict', trade(stale, w.buy('bob'), [0n]), ['operator']);
    refuses(w, 'not_owner', op([5n]), ['operator']);
    refuses(w, 'role_missing', op([0n], { rulePack: NOBODY }), ['alice']);
    refuses(w, 'pack_inactive', op([0n], { rulePack: NOBODY, experiment: NOBODY }), ['operator']);
    refuses(w, 'experiment_inactive', op([0n], { experiment: EXPERIMENT }), ['operator']);
    refuses(w, 'order_overfilled', op([0n, 1n], { protectMs: 4_000_000_000 }, w.buy('bob')), ['operator']);
    refuses(w, 'protection_range', op([0n], { protectMs: 2_592_000_001 }), ['operator']);
    refuses(w, 'signer_extra', op([0n]), ['operator', 'alice']);
    passes(w, op([0n]), ['operator', 'settlement']);
    const done = w.do(op([0n], { protectMs: 1000 }), ['operator']);
    expect(done.effects.map((effect) => effect.reg)).toEqual([1, 2, 2, 4]);
    const bobSells = (): Op => trade(w.sell('bob', [0n]), w.buy('carol'), [0n]);
    refuses(w, 'item_protected', bobSells(), ['operator']);
    refuses(w, 'item_protected', { kind: 'burn', serial: 0n, ver: 2n }, ['bob']);
    w.do(lock(w, 0n, 'dave'), ['bob']);
    refuses(w, 'item_locked', bobSells(), ['operator']);
    w.do(freeze({ kind: 'class', cls: 0 }, w.now + DAY), ['supervisor']);
    refuses(w, 'class_frozen', bobSells(), ['operator']);
    w.do(freeze(item(0n), w.now + DAY), ['supervisor']);
    refuses(w, 'item_frozen', bobSells(), ['operator']);
    w.do(freeze({ kind: 'account', acct: acct('carol') }, w.now + DAY), ['supervisor']);
    refuses(w, 'account_frozen', bobSells(), ['operator']);
    const bound = start().withItems(1, 2);
    refuses(bound, 'not_transferable', trade(bound.sell('alice', [0n]), bound.buy('bob'), [0n]), ['operator']);
    },
  ],

  [
    '7 Trade: a buy order fills over several Trades and no further',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(3);
    const buy = w.buy('bob', { quantity: 2 });
    w.do(trade(w.sell('alice', [0n]), buy, [0n]), ['operator']);
    w.do(trade(w.sell('alice', [1n]), buy, [1n]), ['operator']);
    refuses(w, 'order_overfilled', trade(w.sell('alice', [2n]), buy, [2n]), ['operator']);
    expect(w.state.accountById(acct('bob'))?.itemCount).toBe(2n);
    expect(w.state.count(4)).toBe(1n);
    },
  ],

  [
    '8 OrderCancel',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(1);
    const { order } = w.buy('bob');
    const cancel = (change: Partial<typeof order> = {}): Op => ({ kind: 'order_cancel', order: { ...order, ...change } });
    refuses(w, 'order_invalid', cancel({ quantity: 0, chain: NOBODY }), ['alice']);
    refuses(w, 'wrong_chain', cancel({ chain: NOBODY, acct: NOBODY }), ['alice']);
    refuses(w, 'account_unknown', cancel({ acct: NOBODY, notAfter: w.now }), ['alice']);
    refuses(w, 'order_expired', cancel({ notAfter: w.now }), ['alice']);
    refuses(w, 'signer_missing', cancel(), ['alice']);
    w.do(cancel(), ['bob']);
    refuses(w, 'order_closed', cancel(), ['alice']);
    },
  ],
  [
    '11 Freeze, 12 Unfreeze',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(2);
    refuses(w, 'target_unknown', freeze(item(9n), 0n), ['alice']);
    refuses(w, 'role_missing', freeze(item(0n), 0n), ['alice']);
    refuses(w, 'role_missing', freeze({ kind: 'class', cls: 0 }, w.now + 1n), ['operator']);
    refuses(w, 'until_range', freeze(item(0n), w.now + 7n * DAY + 1n), ['operator']);
    refuses(w, 'until_range', freeze(item(0n), w.now + 90n * DAY + 1n), ['supervisor']);
    refuses(w, 'not_frozen', unfreeze(item(0n)), ['alice']);
    w.do(freeze(item(0n), w.now + DAY), ['operator']);
    refuses(w, 'freeze_repeat', freeze(item(0n), 0n), ['operator']);
    w.do(freeze(item(0n), w.now + 900n * DAY), ['court']);
    expect(w.state.itemBySerial(0n)).toMatchObject({ flags: 6, ver: 1n });
    refuses(w, 'freeze_rank', freeze(item(0n), 0n), ['supervisor']);
    refuses(w, 'role_missing', unfreeze(item(0n)), ['alice']);
    refuses(w, 'freeze_rank', unfreeze(item(0n)), ['supervisor']);
    w.do(unfreeze(item(0n)), ['court']);
    expect(w.state.itemBySerial(0n)).toMatchObject({ flags: 0, frozenUntil: w.now });
    },
  ],

  [
    '13 CourtOrder, 21 TradeReverse',
    ({ start, refuses, passes, expect }) => {
    const w = start().withItems(3);
    const move = (serial: bigint, ver: bigint, to: Bytes = acct('carol')): { serial: bigint; ver: bigint; to: Bytes } => ({
      serial,
      ver,
      to,
    });
    const court = (...items: ReturnType<typeof move>[]): Op => ({ kind: 'court_order', items, doc: bytes32('doc') });
    refuses(w, 'item_unknown', court(move(9n, 1n)), ['alice']);
    refuses(w, 'account_unknown', court(move(0n, 9n, NOBODY)), ['alice']);
    refuses(w, 'version_conflict', court(move(0n, 9n)), ['alice']);
    refuses(w, 'version_conflict', court(move(0n, 1n), move(0n, 1n)), ['alice']);
    refuses(w, 'role_missing', court(move(0n, 1n)), ['court']);
    w.do(lock(w, 0n, 'bob'), ['alice']);
    w.do(court(move(0n, 2n)), ['court', 'supervisor']);
    expect(w.state.itemBySerial(0n)).toMatchObject({ owner: acct('carol'), lockUntil: 0n, ver: 3n });
    w.do({ kind: 'burn', serial: 2n, ver: 1n }, ['alice']);
    refuses(w, 'item_burned', court(move(2n, 1n, NOBODY)), ['alice']);
    const reverse = (ver: bigint): Op => ({
      kind: 'trade_reverse',
      entry: 0n,
      items: [move(1n, ver, acct('alice'))],
      doc: NOBODY,
      pay: NOBODY,
      env: NOBODY,
      rulePack: PACK,
    });
    refuses(w, 'role_missing', reverse(1n), ['operator']);
    refuses(w, 'not_reversible', reverse(1n), ['operator', 'notary']);
    w.do(trade(w.sell('alice', [1n]), w.buy('bob'), [1n], { protectMs: 1000 }), ['operator']);
    w.do(reverse(2n), ['operator', 'supervisor']);
    expect(w.state.itemBySerial(1n)).toMatchObject({ owner: acct('alice'), protectedUntil: 0n });
    },
  ],

  [
    '14 Attest, 16 RulePackActivate, 20 PayloadErased',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    const attest = (index: bigint): Op => ({ kind: 'attest', subject: { kind: 'entry', index }, attestKind: 4, doc: NOBODY });
    refuses(w, 'subject_unknown', attest(0n), ['alice']);
    const pack = (change: Partial<Extract<Op, { kind: 'rule_pack_activate' }>> = {}): Op => ({
      kind: 'rule_pack_activate',
      jurisdiction: 'CN',
      pack: bytes32('next pack'),
      from: w.now + 7n * DAY,
      tighten: 0,
      ...change,
    });
    refuses(w, 'pack_invalid', pack({ jurisdiction: '' }), ['alice']);
    refuses(w, 'pack_invalid', pack({ pack: ZERO_32 }), ['alice']);
    refuses(w, 'pack_invalid', pack({ tighten: 2 }), ['alice']);
    w.do(activatePack(), ['supervisor']);
    refuses(w, 'role_missing', attest(0n), ['alice']);
    expect(w.do(attest(0n), ['notary']).effects).toEqual([]);
    refuses(w, 'role_missing', pack({ from: 0n }), ['operator']);
    refuses(w, 'notice_short', pack({ from: w.now + 7n * DAY - 1n }), ['operator', 'supervisor']);
    w.do(pack(), ['operator', 'supervisor']);
    expect(w.state.recordsOfKind(1)[0]).toMatchObject({ prior: PACK, value: bytes32('next pack') });
    refuses(w, 'pack_pending', pack(), ['alice']);
    passes(w, pack({ tighten: 1, from: 0n }), ['supervisor']);
    const erased: Op = { kind: 'payload_erased', env: NOBODY, basis: PACK };
    refuses(w, 'role_missing', erased, ['operator']);
    w.do(erased, ['operator', 'supervisor']);
    refuses(w, 'record_exists', erased, ['alice']);
    },
  ],

  [
    '17 ExperimentTransition',
    ({ start, refuses, passes, expect }) => {
    const move = (to: number, flags = 0): Op => ({ kind: 'experiment_transition', experiment: EXPERIMENT, to, flags, doc: PACK });
    const w = start();
    refuses(w, 'state_invalid', move(0), ['alice']);
    refuses(w, 'state_invalid', move(9), ['alice']);
    refuses(w, 'transition_invalid', move(2, 2), ['alice']);
    refuses(w, 'role_missing', move(1), ['supervisor']);
    passes(w, move(4, 1), ['operator', 'supervisor']);
    for (const [to, by] of [
      [1, 'operator'],
      [2, 'operator'],
      [3, 'supervisor'],
      [4, 'operator'],
      [5, 'supervisor'],
    ] as const)
      w.do(move(to), [by]);
    refuses(w, 'role_missing', move(4), ['operator']);
    refuses(w, 'role_missing', move(6), ['operator']);
    w.do(move(6), ['operator', 'supervisor']);
    refuses(w, 'transition_invalid', move(4), ['supervisor']);
    const real = start(0);
    refuses(real, 'authorization_simulated', move(4, 1), ['alice']);
    refuses(real, 'authorization_simulated', move(1, 2), ['operator']);
    },
  ],

  [
    '18 ConfigUpdate',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    const next = { ...w.genesis.config, epoch: 1, limits: { ...w.genesis.config.limits, blockMs: 500 } };
    const approve = (config: typeof next, name = 'operator governance'): Op => ({
      kind: 'config_update',
      config,
      approvals: [{ member: 1, sig: w.sm2.sign(seededKey(name), signedMessage('PLP1/cfgsig', w.chain, configHash(config))) }],
    });
    refuses(w, 'config_epoch', approve({ ...next, epoch: 2, f: 1 }), ['alice']);
    refuses(w, 'config_lint', approve({ ...next, f: 1 }, 'alice'), ['alice']);
    refuses(w, 'approval_invalid', approve(next, 'alice'), ['alice']);
    refuses(w, 'governance_unmet', { kind: 'config_update', config: next, approvals: [] }, ['alice']);
    refuses(w, 'signer_missing', approve(next), ['alice']);
    w.do(approve(next), ['operator']);
    expect(w.state.recordsOfKind(3)[0]).toMatchObject({ a: w.height + 16n, value: configHash(next), prior: configHash(w.genesis.config) });
    refuses(w, 'config_pending', approve({ ...next, f: 1 }), ['alice']);
    expect(member(w.sm2, 1, 'operator', 0, acct('operator')).pop).toHaveLength(64);
    },
  ],

  [
    '19 Evidence',
    ({ start, refuses, passes, expect }) => {
    const w = start();
    const vote = (header: string, term: bigint, tag: 'PLP1/vote' | 'PLP1/endorse' = 'PLP1/vote'): Bytes => {
      const payload: VotePayload = { epoch: 0, height: 7n, term, header: bytes32(header), member: 1 };
      return encodeSignedVote({ vote: payload, sig: w.sm2.sign(seededKey('operator node'), voteMessage(w.chain, payload, tag)) });
    };
    const evidence = (evidenceKind: number, a: Bytes, b: Bytes): Op => ({ kind: 'evidence', evidenceKind, a, b });
    refuses(w, 'evidence_invalid', evidence(1, vote('x', 1n), vote('x', 1n)), ['alice']);
    refuses(w, 'evidence_invalid', evidence(2, vote('x', 1n), vote('y', 1n)), ['alice']);
    refuses(w, 'evidence_invalid', evidence(1, vote('x', 1n).slice(1), vote('y', 1n)), ['alice']);
    refuses(w, 'signer_missing', evidence(1, vote('x', 1n), vote('y', 1n)), ['alice']);
    const known = evidence(1, vote('x', 1n), vote('y', 1n));
      w.do(known, ['operator']);
    refuses(w, 'evidence_known', known, ['alice']);
    passes(w, evidence(2, vote('x', 1n, 'PLP1/endorse'), vote('y', 1n, 'PLP1/endorse')), ['operator']);
    passes(w, evidence(3, vote('x', 1n), vote('y', 2n, 'PLP1/endorse')), ['operator']);
    refuses(w, 'evidence_invalid', evidence(3, vote('x', 2n), vote('y', 2n, 'PLP1/endorse')), ['operator']);
    },
  ],
];
