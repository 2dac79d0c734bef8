/** Every code of the ledger that `POST /ledger/v1/submit` can answer: what to send for it. Order of `ledger.md` 5 and 6. */
import { encodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { fromHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { coSignTx, signTx } from '#ledger/tx/sign.ts';
import { type Actor, expectRefusal, type Kind, type Rig, submit } from './rig.ts';

type Op = TxBody['op'];
const DAY = 86_400_000;
const OF_VERSION = 0;

export type LedgerWorld = {
  readonly rig: Rig;
  readonly free: Kind;
  /** Frozen. */
  readonly iced: Kind;
  /** Amy's, free of everything. */
  readonly item: string;
  readonly locked: string;
  readonly frozen: string;
  readonly burned: string;
  readonly frozenKindItem: string;
  readonly frozenAccount: Actor;
};

export async function openLedgerWorld(rig: Rig, frozenAccount: Actor): Promise<LedgerWorld> {
  const { amy, server } = rig;
  const free = await rig.kind('free');
  const iced = await rig.kind('iced');
  const [item = '', locked = '', frozen = '', burned = ''] = await rig.mint(free, amy, 4);
  const [frozenKindItem = ''] = await rig.mint(iced, amy, 1);
  const until = BigInt(server.clock.now() + 30 * DAY);
  const lock = { kind: 'lock', ...(await rig.itemOf(locked)), locker: fromHex(rig.bob.acct, 32), until } as const;
  const burn = { kind: 'burn', ...(await rig.itemOf(burned)) } as const;
  for (const op of [lock, burn]) {
    const answer = await submit(rig, rig.sign(amy, op));
    if (answer.status !== 202) throw new Error(await answer.text());
  }
  await rig.settled();
  const cls = server.services.ledger.pending.itemBySerial((await rig.itemOf(frozenKindItem)).serial)?.cls ?? 0;
  await rig.supervise({ kind: 'freeze', target: { kind: 'item', serial: (await rig.itemOf(frozen)).serial }, until, doc: ZERO_32 });
  await rig.supervise({ kind: 'freeze', target: { kind: 'class', cls }, until, doc: ZERO_32 });
  await rig.supervise({ kind: 'freeze', target: { kind: 'account', acct: fromHex(frozenAccount.acct, 32) }, until, doc: ZERO_32 });
  return { rig, free, iced, item, locked, frozen, burned, frozenKindItem, frozenAccount };
}

type Case = (world: LedgerWorld) => Promise<TxEnv | Uint8Array>;

const transfer = async (
  { rig }: LedgerWorld,
  itemId: string,
  to: Actor,
  change: Partial<{ serial: bigint; ver: bigint; to: Uint8Array }> = {},
) =>
  ({
    kind: 'transfer',
    ...(await rig.itemOf(itemId)),
    to: fromHex(to.acct, 32),
    pay: ZERO_32,
    env: ZERO_32,
    ...change,
  }) as Extract<Op, { kind: 'transfer' }>;
const sound = async (world: LedgerWorld, window: Parameters<Rig['sign']>[2] = {}) =>
  world.rig.sign(world.rig.amy, await transfer(world, world.item, world.rig.bob), window);
const changeSig = (env: TxEnv, change: Partial<TxEnv['sigs'][number]>): TxEnv => ({
  body: env.body,
  sigs: env.sigs.map((sig) => ({ ...sig, ...change })),
});
const now = ({ rig }: LedgerWorld) => BigInt(rig.server.clock.now());
const nobody = new Uint8Array(32).fill(0x77);
const bytesWith = async (world: LedgerWorld, change: (bytes: Uint8Array) => void) => {
  const bytes = encodeTxEnv(await sound(world));
  change(bytes);
  return bytes;
};
/** Version, suite, chain, salt, two instants: then the op. */
const OP_AT = 1 + 1 + 32 + 16 + 8 + 8;
const rotate = ({ rig }: LedgerWorld, mode: number, policy: Extract<Op, { kind: 'account_rotate' }>['policy'], by: Actor = rig.amy) =>
  rig.sign(by, { kind: 'account_rotate', acct: fromHex(rig.amy.acct, 32), mode, policy });
const policyOf = ({ rig }: LedgerWorld) => {
  const account = rig.server.services.ledger.pending.accountById(fromHex(rig.amy.acct, 32));
  const policy = account === null ? null : rig.server.services.ledger.pending.policyByHash(account.policy);
  if (policy === null) throw new Error('an account has a policy');
  return policy;
};
const consent = ({ rig, free }: LedgerWorld, change: Partial<Extract<Op, { kind: 'consent' }>> = {}): Extract<Op, { kind: 'consent' }> => ({
  kind: 'consent',
  acct: fromHex(rig.amy.acct, 32),
  cls: serials.get(free.classId) ?? 0,
  powers: 1,
  until: BigInt(rig.server.clock.now() + DAY),
  ...change,
});
const serials = new Map<string, number>();

const order = ({ rig }: LedgerWorld, change: Partial<Extract<Op, { kind: 'order_cancel' }>['order']> = {}) =>
  ({
    kind: 'order_cancel',
    order: {
      chain: rig.server.services.ledger.chain,
      salt: new Uint8Array(16),
      acct: fromHex(rig.amy.acct, 32),
      side: 1,
      cls: 0,
      items: [],
      quantity: 1,
      counterparty: null,
      notBefore: BigInt(rig.server.clock.now() - 1_000),
      notAfter: BigInt(rig.server.clock.now() + DAY),
      terms: ZERO_32,
      ...change,
    },
  }) as const;

export const LEDGER_CASES = {
  tx_malformed: async (world) => encodeTxEnv(await sound(world)).subarray(0, -1),
  tx_version: (world) =>
    bytesWith(world, (bytes) => {
      bytes[OF_VERSION] = 9;
    }),
  op_unknown: (world) =>
    bytesWith(world, (bytes) => {
      bytes[OP_AT] = 100;
    }),
  op_reserved: (world) =>
    bytesWith(world, (bytes) => {
      bytes[OP_AT] = 31;
    }),
  wrong_chain: (world) => sound(world, { chain: new Uint8Array(32) }),
  window_invalid: (world) => sound(world, { notAfter: now(world) + BigInt(2 * DAY) }),
  too_early: (world) => sound(world, { notBefore: now(world) + 60_000n }),
  expired: (world) => sound(world, { notBefore: now(world) - 60_000n, notAfter: now(world) - 1n }),
  signer_unknown: async (world) => changeSig(await sound(world), { acct: nobody }),
  key_epoch_stale: async (world) => changeSig(await sound(world), { keyEpoch: 7 }),
  key_unknown: async (world) => changeSig(await sound(world), { keyIdx: 99 }),
  sig_range: async (world) => changeSig(await sound(world), { sig: new Uint8Array(64) }),
  batch_range: async (world) => changeSig(await sound(world), { batchIndex: 3 }),
  sig_invalid: async (world) => {
    const env = await sound(world);
    const { privateKey } = demonstrationKeys('mallory');
    const [forged] = signTx(world.rig.server.services.ledger.sm2, { ...world.rig.amy.key(), privateKey }, [env.body]);
    return forged ?? env;
  },
  signer_extra: async (world) => {
    const { rig } = world;
    const op = { kind: 'lock', ...(await rig.itemOf(world.item)), locker: fromHex(rig.bob.acct, 32), until: now(world) + 1_000n } as const;
    const [env] = coSignTx(rig.server.services.ledger.sm2, rig.bob.key(), [rig.sign(rig.amy, op)]);
    return env ?? rig.sign(rig.amy, op);
  },
  signer_missing: async (world) => world.rig.sign(world.rig.bob, await transfer(world, world.item, world.rig.bob)),
  policy_invalid: async (world) => rotate(world, 0, { ...policyOf(world), threshold: 9 }),
  account_unknown: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.item, world.rig.bob, { to: nobody })),
  account_frozen: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.item, world.frozenAccount)),
  mode_invalid: async (world) => rotate(world, 9, policyOf(world)),
  recovery_none: async (world) => rotate(world, 2, null),
  powers_invalid: async (world) => world.rig.sign(world.rig.amy, consent(world, { powers: 8 })),
  class_unknown: async (world) => world.rig.sign(world.rig.amy, consent(world, { cls: 4_000_000 })),
  class_frozen: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.frozenKindItem, world.rig.bob)),
  item_unknown: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.item, world.rig.bob, { serial: 9_000_000n })),
  item_burned: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.burned, world.rig.bob)),
  item_frozen: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.frozen, world.rig.bob)),
  item_locked: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.locked, world.rig.bob)),
  version_conflict: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.item, world.rig.bob, { ver: 99n })),
  to_self: async (world) => world.rig.sign(world.rig.amy, await transfer(world, world.item, world.rig.amy)),
  not_locked: async (world) => world.rig.sign(world.rig.bob, { kind: 'unlock', ...(await world.rig.itemOf(world.item)) }),
  until_range: async (world) => {
    const lock = { kind: 'lock', ...(await world.rig.itemOf(world.item)), locker: fromHex(world.rig.bob.acct, 32) } as const;
    return world.rig.sign(world.rig.amy, { ...lock, until: now(world) + BigInt(91 * DAY) });
  },
  order_invalid: async (world) => world.rig.sign(world.rig.amy, order(world, { quantity: 0 })),
  order_closed: async (world) => {
    const op = order(world, { salt: world.rig.server.services.random.bytes(16) });
    const first = await submit(world.rig, world.rig.sign(world.rig.amy, op));
    if (first.status !== 202) throw new Error(await first.text());
    return world.rig.sign(world.rig.amy, op);
  },
  order_expired: async (world) => world.rig.sign(world.rig.amy, order(world, { notAfter: now(world) - 1n })),
} as const satisfies Partial<Record<LedgerCode, Case>>;

/** More than one way to the same code, and what only the door itself refuses. */
export const LEDGER_DOOR: readonly (readonly [string, string, Case])[] = [
  [
    'an op of the market',
    'op_not_submittable',
    async (world) => world.rig.sign(world.rig.amy, { kind: 'attest', subject: { kind: 'none' }, attestKind: 4, doc: ZERO_32 }),
  ],
  ['nothing', 'tx_malformed', async () => new Uint8Array(0)],
  ['70,000 bytes', 'tx_malformed', async () => new Uint8Array(70_000)],
  ['5 MB', 'tx_malformed', async () => new Uint8Array(5_000_000)],
  ['text', 'tx_malformed', async () => new TextEncoder().encode('{"__proto__":{"a":1}}')],
  [
    'a byte too many',
    'tx_malformed',
    async (world) => {
      const bytes = encodeTxEnv(await sound(world));
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      return longer;
    },
  ],
  [
    "a burn of another's item",
    'signer_missing',
    async (world) => world.rig.sign(world.rig.bob, { kind: 'burn', ...(await world.rig.itemOf(world.item)) }),
  ],
  ["another's consent", 'signer_missing', async (world) => world.rig.sign(world.rig.bob, consent(world))],
  ["a cancel of another's order", 'signer_missing', async (world) => world.rig.sign(world.rig.bob, order(world))],
  ["new keys for another's account", 'signer_missing', async (world) => rotate(world, 0, policyOf(world), world.rig.bob)],
  [
    'an unlock by the owner, not the locker',
    'signer_missing',
    async (world) => world.rig.sign(world.rig.amy, { kind: 'unlock', ...(await world.rig.itemOf(world.locked)) }),
  ],
];

export async function refuseOnLedger(world: LedgerWorld, code: string, make: Case): Promise<void> {
  const { rig } = world;
  const amyClass = rig.server.services.ledger.pending.itemBySerial((await rig.itemOf(world.item)).serial)?.cls ?? 0;
  serials.set(world.free.classId, amyClass);
  const env = await make(world);
  await rig.unchanged(async () => expectRefusal(await submit(rig, env), code));
}

/** The same LedgerTx twice is one act and one answer; nothing is done again (`ledger.md` 5, `tx_replayed`). */
export async function replayOnLedger(world: LedgerWorld): Promise<readonly [boolean, boolean]> {
  const { rig } = world;
  const env = rig.sign(rig.amy, consent(world));
  const first: unknown = await (await submit(rig, env)).json();
  const again: unknown = await rig.unchanged(async () => (await submit(rig, env)).json());
  return [Object(first).replayed, Object(again).replayed];
}
