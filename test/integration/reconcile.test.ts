/** Each kind of break is found when it is planted behind the database's own guards, and a sound market shows none. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseReferenceId } from '#ledger/primitives/ids.ts';
import { verifyHere } from '#server/cli/audit.ts';
import { BREAK_KINDS, type BreakKind, reconcile } from '#server/journal/reconcile.ts';
import { simulatedInstitution } from '#server/payments/simulated-institution.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

let m: TestMarket;
const findBreaks = () => reconcile({ sql: m.sql, clock: m.clock, random: seededRandom('reconcile'), ledger: m.ledger });

/** One of everything: trades in each state, open orders on both sides, money on its way in and out. */
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 5_000_000n);
  const sword = await m.kind('sword');
  const armour = await m.kind('armour', { publicityHours: 24 });
  const swords = await m.mint(sword, m.amy, 6);
  const armours = await m.mint(armour, m.amy, 2);
  const listing = async (classId: typeof sword.classId, itemIds: typeof swords) =>
    placed(await m.place(m.amy, await m.quote(m.amy, { intent: 'listing', classId, itemIds, priceFen: fen(20_000n) }))).order.orderId;
  const buy = async (classId: typeof sword.classId, itemIds: typeof swords, targetOrderId: Awaited<ReturnType<typeof listing>>) =>
    placed(await m.place(m.bob, await m.quote(m.bob, { intent: 'take_listing', classId, itemIds, targetOrderId })));
  const paidOut = swords.slice(0, 1);
  await buy(sword.classId, paidOut, await listing(sword.classId, paidOut));
  await m.certify();
  m.clock.advance(169 * 3_600_000);
  await m.certify();
  const isProtected = swords.slice(1, 2);
  await buy(sword.classId, isProtected, await listing(sword.classId, isProtected));
  await m.certify();
  await listing(sword.classId, swords.slice(2, 3));
  await listing(armour.classId, armours.slice(0, 1));
  const wanted = placed(
    await m.place(m.bob, await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(9_000n), quantity: 3 })),
  );
  const serve = {
    intent: 'serve_buy_order' as const,
    classId: sword.classId,
    itemIds: swords.slice(3, 4),
    targetOrderId: wanted.order.orderId,
  };
  placed(await m.place(m.amy, await m.quote(m.amy, serve)));
  const bob = await m.bob.player();
  const request = (name: string) => ({ referenceId: parseReferenceId(name), amountFen: fen(700n) });
  expect((await m.market.withdraw(bob, request('out-1'))).kind).toBe('requested');
  await m.market.turnClocks();
  expect((await m.market.withdraw(bob, request('out-2'))).kind).toBe('requested');
  expect((await m.market.deposit(bob, request('in-1'))).kind).toBe('requested');
});
afterAll(() => m.stop());

it('a sound market, with trades not certified and money on its way, has no break', async () => {
  const [{ waiting = 0 } = {}] = await m.sql<
    { waiting: number }[]
  >`select count(*)::int as waiting from ledger.ledger_txs where status = 'sequenced'`;
  expect(waiting).toBeGreaterThan(0);
  expect(await findBreaks()).toEqual([]);
});

it('without a node in this process custody is held against the tables of the ledger', async () => {
  const ground = { sql: m.sql, clock: m.clock, random: seededRandom('reconcile'), ledger: null };
  expect(await reconcile(ground)).toEqual([]);
  await planted(
    'custody.items',
    `update custody.items set owner = repeat('0', 64) where item_id = (select min(item_id) from market.trade_items)`,
    async () => {
      expect((await reconcile(ground)).map(({ kind }) => kind)).toContain('custody_differs');
    },
  );
});

const SETTLED = `(select min(trade_id) from market.trades where state in ('protected', 'paid_out'))`;
const PLANTS: readonly (readonly [kind: BreakKind, table: string, act: string])[] = [
  ['entry_unbalanced', 'journal.postings', `update journal.postings set amount_fen = amount_fen + 1 where entry_id = 1 and line = 0`],
  ['entry_missing', 'journal.entries', `delete from journal.entries where entry_id = 2`],
  ['entry_missing', 'journal.postings', `delete from journal.postings where entry_id = 2`],
  ['balance_differs', 'journal.accounts', `update journal.accounts set balance_fen = balance_fen + 5 where account_id like 'available:%'`],
  ['money_hold_differs', 'journal.holds', `update journal.holds set left_fen = left_fen - 1 where state = 'open'`],
  ['buy_order_underfunded', 'journal.holds', `update journal.holds set left_fen = left_fen - 1 where state = 'open'`],
  ['item_hold_missing', 'custody.item_holds', `delete from custody.item_holds where state = 'active'`],
  [
    'item_hold_stray',
    'custody.item_holds',
    `update custody.item_holds set state = 'active' where state = 'spent' and order_id = (select sell_order_id from market.trades where trade_id = ${SETTLED})`,
  ],
  [
    'gift_hold_differs',
    'market.gifts',
    `insert into market.gifts (gift_id, item_id, class_id, ver, giver, recipient, reference_id, body_sm3, transfers, sent_at, accept_until, state)
      select 'gft_' || repeat('0', 32), item_id, class_id, ver, owner, repeat('0', 64), 'g', '', array['\\x00'::bytea], now(), now() + interval '3 days', 'open'
      from custody.items order by item_id limit 1`,
  ],
  [
    'gift_not_given',
    'market.gifts',
    `insert into market.gifts (gift_id, item_id, class_id, ver, giver, recipient, reference_id, body_sm3, transfers, sent_at, accept_until, state, ended_at, tx_id)
      select 'gft_' || repeat('0', 32), item_id, class_id, ver, owner, repeat('0', 64), 'g', '', array['\\x00'::bytea], now(), now() + interval '3 days', 'given', now(), '\\x00'
      from custody.items order by item_id limit 1`,
  ],
  ['money_coming_differs', 'market.trades', `update market.trades set state = 'paid_out' where state = 'protected'`],
  ['custody_differs', 'custody.items', `update custody.items set owner = repeat('0', 64) where ledger_serial = 0`],
  ['custody_differs', 'custody.items', `update custody.items set ver = ver + 1 where ledger_serial = 5`],
  ['custody_missing', 'custody.items', `delete from custody.items where ledger_serial = 5`],
  ['custody_hop_differs', 'custody.hops', `update custody.hops set to_acct = repeat('0', 64) where ver = 2`],
  ['trade_not_on_ledger', 'market.trades', `update market.trades set tx_id = decode(repeat('ab', 32), 'hex') where trade_id = ${SETTLED}`],
  ['trade_not_on_ledger', 'market.trades', `update market.trades set state = 'protected' where state = 'settled'`],
  [
    'trade_entry_differs',
    'market.trades',
    `update market.trades set price_fen = price_fen + 1, gross_fen = gross_fen + 1, net_fen = net_fen + 1 where trade_id = ${SETTLED}`,
  ],
  ['trade_items_differ', 'custody.hops', `delete from custody.hops where act = 'sold' and trade_id = ${SETTLED}`],
  [
    'trade_items_differ',
    'custody.hops',
    `update custody.hops set from_acct = repeat('0', 64) where act = 'sold' and trade_id = ${SETTLED}`,
  ],
  ['guarantee_differs', 'market.trades', `update market.trades set state = 'protected' where state = 'paid_out'`],
  ['guarantee_differs', 'journal.entries', `update journal.entries set kind = 'guarantee' where kind = 'fund_share'`],
  [
    'reserve_differs',
    'experiments.reserves',
    `insert into experiments.reserves (trade_id, tax, experiment_id, acct, month, sold_on, amount_fen, lines, kept_at, due_on, free_at)
      select trade_id, 'income', 'SBX-2026-0001', seller, '2026-11', '2026-11-23', 1, '[]', now(), '2026-12-15', now()
      from market.trades order by trade_id limit 1`,
  ],
  [
    'instruction_missing',
    'payments.instructions',
    `delete from payments.instructions where instruction_id = (select min(instruction_id) from payments.instructions)`,
  ],
  ['transfer_entry_differs', 'payments.transfers', `update payments.transfers set amount_fen = amount_fen + 1 where state = 'paid'`],
  [
    'transfer_overdue',
    'payments.transfers',
    `update payments.transfers set requested_at = requested_at - interval '25 hours' where ended_at is null`,
  ],
  ['provider_differs', 'psp.accounts', `update psp.accounts set balance_fen = balance_fen - 1 where pot = 'free' and ref <> 'operator'`],
  ['provider_differs', 'psp.requests', `update psp.requests set state = 'done' where state = 'accepted'`],
  ['provider_unbalanced', 'psp.accounts', `update psp.accounts set balance_fen = balance_fen + 1 where pot = 'bank'`],
  ['feed_gap', 'outbox.messages', `delete from outbox.messages where room = 'sup:finance' and seq = 2`],
  [
    'feed_gap',
    'outbox.messages',
    `delete from outbox.messages where room = 'sup:finance' and seq = (select head_seq from outbox.rooms where room = 'sup:finance')`,
  ],
  [
    'feed_chain',
    'outbox.messages',
    `update outbox.messages set prev_hash = decode(repeat('ab', 32), 'hex') where room = 'sup:tax' and seq = 2`,
  ],
  [
    'feed_chain',
    'outbox.messages',
    `update outbox.messages set body = replace(body, '"payIn"', '"payOut"') where room = 'sup:finance' and seq = 1`,
  ],
  ['feed_chain', 'outbox.messages', `update outbox.messages set type = 'tax.trade.lost' where room = 'sup:tax' and seq = 1`],
  [
    'feed_head',
    'outbox.rooms',
    `update outbox.rooms set head_hash = decode(repeat('ab', 32), 'hex') where room = 'public' or room = 'sup:tax'`,
  ],
];

it.each(PLANTS)('%s is found (%s)', async (kind, table, act) => {
  await planted(table, act, async () => {
    expect((await findBreaks()).map((found) => found.kind)).toContain(kind);
  });
  expect(await findBreaks()).toEqual([]);
});

it('every kind of break was planted', () => {
  expect([...new Set(PLANTS.map(([kind]) => kind))].sort()).toEqual([...BREAK_KINDS].sort());
});

it('`cli verify` without a file replays the chain and compares custody and journal too: a break is exit 1 and named (O-06)', async () => {
  vi.stubEnv('DATABASE_URL', m.database.url);
  const answers: Readonly<Record<string, unknown>>[] = [];
  const io = {
    out: () => true,
    err: () => true,
    answer: (_: unknown, facts: Readonly<Record<string, unknown>>) => void answers.push(facts),
  };
  await m.certify();
  expect(await verifyHere(true, io)).toBe(0);
  await planted('custody.items', `update custody.items set ver = ver + 1 where ledger_serial = 5`, async () => {
    expect(await verifyHere(true, io)).toBe(1);
  });
  expect(answers).toMatchObject([{ outcome: 'sound' }, { outcome: 'books_differ', breaks: [{ kind: 'custody_differs' }] }]);
  vi.unstubAllEnvs();
});

it('a group of items that is on its way in both passes is no break', async () => {
  const harp = await m.kind('harp');
  let passes = 0;
  const ground = { sql: m.sql, clock: m.clock, random: seededRandom('reconcile') };
  // Two items ahead of custody, always; those of the first pass have arrived by the second.
  const pending = {
    count: (register: number) => m.ledger.pending.count(register) + 2n,
    itemBySerial: (serial: bigint) => m.ledger.pending.itemBySerial(serial),
  };
  const provider = {
    books: async (transferIds: readonly string[]) => {
      passes += 1;
      if (passes === 2) await m.mint(harp, m.amy, 2);
      return simulatedInstitution(ground).books(transferIds);
    },
  };
  expect(await reconcile({ ...ground, ledger: { pending }, provider })).toEqual([]);
  expect(passes).toBe(2);
});

/** Changes a table with triggers and foreign keys asleep, and afterwards puts every row back. */
async function planted(table: string, act: string, check: () => Promise<void>): Promise<void> {
  const [schema = '', name = ''] = table.split('.');
  const columns = (
    await m.sql<{ column_name: string }[]>`select column_name from information_schema.columns
      where table_schema = ${schema} and table_name = ${name} and is_generated = 'NEVER' order by ordinal_position`
  ).map((row) => `"${row.column_name}"`);
  const asleep = (...statements: readonly string[]) =>
    m.sql.begin(async (tx) => {
      await tx.unsafe('set local session_replication_role = replica');
      let count = 0;
      for (const statement of statements) count = (await tx.unsafe(statement)).count;
      return count;
    });
  await m.sql.unsafe(`create table public.kept as select ${columns.join(', ')} from ${table}`);
  const changed = await asleep(act);
  try {
    expect(changed, 'rows that the plant changes').toBeGreaterThan(0);
    await check();
  } finally {
    await asleep(`delete from ${table}`, `insert into ${table} (${columns.join(', ')}) overriding system value select * from public.kept`);
    await m.sql`drop table public.kept`;
  }
}
