/** Blocks: build, replay, refuse what differs; the frame of apply; undo. */
import { describe, expect, it } from 'vitest';
import { encodeEntry, encodeTxBody, encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { apply } from '#ledger/state/apply.ts';
import { OverlayState } from '#ledger/state/overlay-state.ts';
import { configHash, headerHash } from '#ledger/tx/ids.ts';
import { parseTxEnv } from '#ledger/tx/parse.ts';
import { signTx } from '#ledger/tx/sign.ts';
import {
  actor,
  bytes32,
  DAY,
  defineClass,
  FIRST_EPOCH,
  hashSm2,
  mint,
  seededKey,
  trade,
  transfer,
  World,
} from '#test/vectors/ledger-world.ts';
import { type BlockGround, buildBlock, executeBlock } from './block.ts';
import { genesisState } from './genesis.ts';
import { refuseFinality, voteMessage, votePayload } from './vote.ts';

function ground(world: World): Omit<BlockGround, 'state'> {
  return { config: world.genesis.config, prevHeader: world.header, ...FIRST_EPOCH, demonstration: true, verify: hashSm2.verify };
}

/** A world and the LedgerTx of its first block. */
function firstBlock(): { world: World; envs: readonly TxEnv[] } {
  const world = new World();
  const envs = [
    world.env(defineClass('sword'), ['studio']),
    world.env(mint(0, ['a', 'b']), ['studio']),
    world.env(transfer(0n, 9n, 'bob'), ['alice']),
    world.env(transfer(0n, 1n, 'bob'), ['alice']),
  ];
  return { world, envs };
}

describe('blocks', () => {
  it('are built from what passes and replay to the same header', () => {
    const { world, envs } = firstBlock();
    const built = buildBlock({ ...ground(world), state: world.state, sealedAt: world.now, envs });
    expect(built.dropped.map((drop) => drop.code)).toEqual(['version_conflict']);
    expect(built.header).toMatchObject({ height: 1n, txCount: 3, logSize: 3n, prevHash: headerHash(world.header) });
    expect(built.entries.map((entry) => entry.pos)).toEqual([0, 1, 2]);
    const replayed = genesisState(world.genesis);
    const { header, entries } = built;
    expect(executeBlock({ ...ground(world), state: replayed, header, entries }).kind).toBe('executed');
    expect(replayed.stateRoot()).toEqual(header.stateRoot);
    expect(replayed.itemBySerial(0n)).toMatchObject({ owner: actor('bob').acct, lastEntry: 2n });
  });

  it('leave the rest for the next block when the limits are reached', () => {
    const { world, envs } = firstBlock();
    const config = { ...world.genesis.config, limits: { ...world.genesis.config.limits, blockTx: 1 } };
    const built = buildBlock({ ...ground(world), config, state: world.state, sealedAt: world.now, envs });
    expect([built.txs.length, built.rest.length]).toEqual([1, 3]);
  });

  it('are too large before any of their LedgerTx is looked at', () => {
    const { world, envs } = firstBlock();
    const config = { ...world.genesis.config, limits: { ...world.genesis.config.limits, blockBytes: 1000 } };
    const { header, entries } = buildBlock({ ...ground(world), state: world.state, sealedAt: world.now, envs });
    const state = genesisState(world.genesis);
    const refused = executeBlock({
      ...ground(world),
      config,
      state,
      header: { ...header, configHash: configHash(config) },
      entries: [...entries].reverse(),
    });
    expect(refused).toEqual({ kind: 'rejected', code: 'over_limit' });
  });

  it('are refused whole, with the state as before, when anything differs', () => {
    const { world, envs } = firstBlock();
    const { header, entries } = buildBlock({ ...ground(world), state: world.state, sealedAt: world.now, envs });
    const state = genesisState(world.genesis);
    const before = state.stateRoot();
    const code = (change: { header?: Partial<typeof header>; entries?: typeof entries }): string => {
      const result = executeBlock({ ...ground(world), state, header: { ...header, ...change.header }, entries: change.entries ?? entries });
      if (result.kind === 'executed') return result.kind;
      expect([state.stateRoot(), state.logSize, state.count(1)]).toEqual([before, 0n, 0n]);
      return result.code;
    };
    expect(code({ header: { prevHash: ZERO_32 } })).toBe('bad_link');
    expect(code({ header: { sealedAt: world.header.sealedAt } })).toBe('time_range');
    expect(code({ header: { sealedAt: 2n ** 64n - 1n } })).toBe('time_range');
    const crowded = [...entries].reverse();
    while (crowded.length <= world.genesis.config.limits.blockTx) crowded.push(...entries);
    expect(code({ entries: crowded })).toBe('over_limit');
    expect(code({ header: { stateRoot: ZERO_32 } })).toBe('root_mismatch');
    expect(code({ header: { logSize: 4n } })).toBe('root_mismatch');
    expect(code({ header: { txCount: 4 } })).toBe('root_mismatch');
    expect(code({ entries: entries.map((entry, i) => (i === 1 ? { ...entry, effects: [] } : entry)) })).toBe('effects_mismatch');
    expect(code({ entries: [...entries].reverse() })).toBe('tx_refused');
    expect(code({})).toBe('executed');
  });

  it('end with a Finality that names this header, known members and good signatures', () => {
    const { world, envs } = firstBlock();
    const { header } = buildBlock({ ...ground(world), state: world.state, sealedAt: world.now, envs });
    const vote = votePayload(header, 1n, 1);
    const sig = hashSm2.sign(seededKey('operator node'), voteMessage(world.chain, vote));
    const finality = { epoch: 0, height: 1n, term: 1n, header: headerHash(header), sigs: [{ member: 1, sig }] };
    const fault = (change: Partial<typeof finality>): string | null =>
      refuseFinality({ ...finality, ...change }, header, world.genesis.config, hashSm2.verify);
    expect(fault({})).toBeNull();
    expect(fault({ header: ZERO_32 })).toBe('finality_header');
    expect(fault({ term: 2n })).toBe('finality_signature');
    expect(fault({ sigs: [{ member: 2, sig }] })).toBe('finality_member');
    expect(fault({ sigs: [] })).toBe('finality_policy');
  });
});

describe('the frame of apply', () => {
  const op = transfer(0n, 1n, 'bob');
  const code = (world: World, env: TxEnv): string => {
    const result = apply(world.state, world.context(), env);
    return result.kind === 'rejected' ? result.code : result.kind;
  };

  it('checks chain, replay, window and signers in this order', () => {
    const w = new World().withItems(2);
    const by = [actor('alice')];
    const body = (change: Parameters<World['body']>[1]): TxEnv => w.sign(w.body(op, change), by);
    const passed = w.env(op, ['alice']);
    expect(code(w, passed)).toBe('applied');
    expect(code(w, body({ chain: bytes32('other'), notAfter: 0n }))).toBe('wrong_chain');
    expect(code(w, body({ notBefore: w.now, notAfter: w.now + DAY + 1n }))).toBe('window_invalid');
    expect(code(w, body({ notBefore: w.now + 1n }))).toBe('too_early');
    expect(code(w, body({ notAfter: w.now }))).toBe('expired');
    expect(code(w, w.env(op, [actor('ghost')]))).toBe('signer_unknown');
    expect(code(w, w.env(op, [{ ...actor('alice'), keyEpoch: 1, keyIdx: 7 }]))).toBe('key_epoch_stale');
    const spoil = (change: Partial<TxEnv['sigs'][number]>): TxEnv => ({
      body: passed.body,
      sigs: passed.sigs.map((sig) => ({ ...sig, ...change })),
    });
    expect(code(w, spoil({ sig: new Uint8Array(64), batchSize: 0 }))).toBe('sig_range');
    expect(code(w, spoil({ sig: new Uint8Array(64).fill(1), batchSize: 0 }))).toBe('batch_range');
    expect(code(w, spoil({ batchSize: 2, path: [ZERO_32] }))).toBe('sig_invalid');
    w.absorb(passed);
    expect(code(w, passed)).toBe('tx_replayed');
  });

  it('accepts a batch in any order and refuses an order signed as a LedgerTx', () => {
    const w = new World().withItems(3);
    const bodies = [0n, 1n, 2n].map((serial) => w.body(transfer(serial, 1n, 'bob')));
    const envs = signTx(hashSm2, actor('alice'), bodies);
    for (const env of [...envs].reverse()) w.absorb(env);
    const sell = w.order('bob', { items: [{ serial: 0n, ver: 2n }] });
    const swapped = { order: sell, sigs: w.signIds('bob', 'PLP1/txsig', [bytes32('x')]) };
    expect(w.code(trade(swapped, w.buy('carol'), [0n]), ['operator'])).toBe('sig_invalid');
  });

  it('refuses a register that is full and an entry that is too large', () => {
    const w = new World().withItems(1);
    const full = new Proxy(w.state, {
      get: (target, name) => {
        if (name === 'count') return () => 1n << 32n;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const minted = w.try(mint(0, ['b']), ['studio'], full);
    expect(minted.kind === 'rejected' && minted.code).toBe('register_full');
    const many = mint(
      0,
      Array.from({ length: 500 }, (_, i) => `many ${i}`),
    );
    expect(w.code(many, ['studio'])).toBe('entry_too_large');
  });

  it('leaves the view as it was', () => {
    const w = new World().withItems(1);
    const before = w.state.stateRoot();
    w.try(op, ['alice']);
    expect(w.state.stateRoot()).toEqual(before);
  });
});

describe('undo', () => {
  it('brings back leaves, indexes, log and roots, level by level', () => {
    const w = new World().withItems(2);
    const roots = (): unknown => [w.state.stateRoot(), w.state.logRoot(), w.state.logSize, w.state.count(1), w.state.count(4)];
    const outer = roots();
    w.state.begin();
    const env = w.env(transfer(0n, 1n, 'bob'), ['alice']);
    w.absorb(env);
    const inner = roots();
    w.state.begin();
    w.do(mint(0, ['later']), ['studio']);
    w.do(trade(w.sell('alice', [1n]), w.buy('carol'), [1n]), ['operator']);
    w.state.rollback();
    expect(roots()).toEqual(inner);
    expect(w.state.itemByExt(0, bytes32('later'))).toBeNull();
    w.state.rollback();
    expect(roots()).toEqual(outer);
    w.absorb(env);
    expect(roots()).toEqual(inner);
  });

  it('works on an overlay, which sees what the state will hold', () => {
    const w = new World().withItems(2);
    const overlay = new OverlayState(w.state);
    const step = (world: World, by: Parameters<World['try']>[1], what: Parameters<World['try']>[0]): void => {
      const result = world.try(what, by, overlay);
      expect(result.kind).toBe('applied');
      if (result.kind === 'applied') overlay.absorb(result);
    };
    step(w, ['studio'], mint(0, ['late'], 'bob'));
    overlay.begin();
    step(w, ['bob'], transfer(2n, 1n, 'carol'));
    step(w, ['studio'], mint(0, ['later'], 'bob'));
    expect([overlay.count(1), overlay.logSize]).toEqual([4n, w.state.logSize + 3n]);
    overlay.rollback();
    expect([overlay.count(1), overlay.logSize]).toEqual([3n, w.state.logSize + 1n]);
    expect(overlay.itemByExt(0, bytes32('late'))?.owner).toEqual(actor('bob').acct);
    expect(overlay.itemByExt(0, bytes32('later'))).toBeNull();
    expect(w.state.count(1)).toBe(2n);
  });
});

describe('sizes of Appendix C', () => {
  it('a Transfer and a Trade', () => {
    const w = new World().withItems(2);
    const moved = w.env(transfer(0n, 1n, 'bob'), ['alice']);
    expect(encodeTxBody(moved.body).length).toBe(179);
    expect(encodeEntry({ height: 1n, pos: 0, env: moved, effects: w.absorb(moved).effects }).length).toBe(447);
    const traded = w.env(trade(w.sell('alice', [1n]), w.buy('bob'), [1n]), ['operator']);
    expect(encodeTxBody(traded.body).length).toBe(701);
    expect(encodeEntry({ height: 1n, pos: 0, env: traded, effects: w.absorb(traded).effects }).length).toBe(1018);
    const minted = w.env(mint(0, ['one']), ['studio']);
    expect(encodeEntry({ height: 1n, pos: 0, env: minted, effects: w.absorb(minted).effects }).length).toBe(436);
  });
});

describe('parseTxEnv', () => {
  it('tells malformed from version from unknown from reserved', () => {
    const w = new World().withItems(1);
    const good = encodeTxEnv(w.env(transfer(0n, 1n, 'bob'), ['alice']));
    const code = (change: (bytes: Uint8Array) => void): string => {
      const bytes = good.slice();
      change(bytes);
      const result = parseTxEnv(bytes);
      return result.kind === 'rejected' ? result.code : result.kind;
    };
    const OP = 66;
    expect(code(() => undefined)).toBe('parsed');
    expect(code((bytes) => bytes.set([2], 0))).toBe('tx_version');
    expect(code((bytes) => bytes.set([2], 1))).toBe('tx_version');
    expect(code((bytes) => bytes.set([25], OP))).toBe('op_unknown');
    expect(code((bytes) => bytes.set([31], OP))).toBe('op_reserved');
    // Version before number, because the number of another version means nothing.
    expect(code((bytes) => bytes.set([2, 1], 0) ?? bytes.set([25], OP))).toBe('tx_version');
    // Malformed before version: no signature at all.
    expect(code((bytes) => bytes.set([2], 0) ?? bytes.set([0], 179))).toBe('tx_malformed');
    expect(parseTxEnv(good.slice(0, -1))).toEqual({ kind: 'rejected', code: 'tx_malformed' });
    expect(parseTxEnv(Uint8Array.of(...good, 0))).toEqual({ kind: 'rejected', code: 'tx_malformed' });
  });
});
