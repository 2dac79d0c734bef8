/** What the database itself refuses, whoever writes: each statement goes past our code. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { assertInvariants, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';

let m: TestMarket;
let available: string;
beforeAll(async () => {
  m = await openTestMarket();
  await m.fund(m.bob, 500_000n);
  const sword = await m.kind('sword');
  const items = await m.mint(sword, m.amy, 2);
  const listing = await m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: items.slice(0, 1), priceFen: fen(100n) });
  const { orderId } = placed(await m.place(m.amy, listing)).order;
  await m.place(
    m.bob,
    await m.quote(m.bob, { intent: 'take_listing', classId: sword.classId, itemIds: items.slice(0, 1), targetOrderId: orderId }),
  );
  const second = await m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: items.slice(1), priceFen: fen(100n) });
  placed(await m.place(m.amy, second));
  const wanted = await m.quote(m.bob, { intent: 'buy_order', classId: sword.classId, priceFen: fen(50n) });
  await m.cancel(m.bob, placed(await m.place(m.bob, wanted)).order);
  await m.certify();
  available = `available:${m.bob.acct}`;
});
afterAll(() => m.stop());

const nextEntry = "insert into journal.entries (entry_id, kind, at) select next_id, 'hold', now() from journal.heads";
const post = (line: number, account: string, amount: string) =>
  `insert into journal.postings (entry_id, line, account_id, amount_fen) select next_id - 1, ${line}, '${account}', ${amount} from journal.heads`;

/** One row again, some of its columns changed. */
const copyOf = (table: string, changes: string) =>
  `create temp table copied on commit drop as select * from ${table} limit 1; update copied set ${changes};
   insert into ${table} select r.* from copied c, json_populate_record(null::${table}, row_to_json(c)) r`;

const cases: readonly (readonly [string, RegExp, () => readonly string[]])[] = [
  [
    'a posting on an account that does not exist',
    /an account that does not exist/,
    () => [nextEntry, `${post(0, available, '100')} union all select next_id - 1, 1, 'held:' || repeat('0', 64), -100 from journal.heads`],
  ],
  [
    'a posting of an entry that does not exist',
    /an entry that does not exist/,
    () => [`insert into journal.postings (entry_id, line, account_id, amount_fen) values (0, 0, '${available}', 5), (0, 1, 'fee', -5)`],
  ],
  [
    "a posting of the institution's on an account that does not exist",
    /an account that does not exist/,
    () => [
      "insert into psp.entries (source, kind, at) values ('x', 'hold', now())",
      "insert into psp.postings (source, line, ref, pot, amount_fen) values ('x', 0, 'nobody', 'free', 5), ('x', 1, 'reserve', 'bank', -5)",
    ],
  ],
  [
    "a posting of the institution's of no entry",
    /an entry that does not exist/,
    () => [
      "insert into psp.postings (source, line, ref, pot, amount_fen) values ('x', 0, 'reserve', 'bank', 5), ('x', 1, 'reserve', 'bank', -5)",
    ],
  ],
  ["an account of the institution's renamed", /append-only/, () => ["update psp.accounts set ref = 'another' where pot = 'free'"]],
  ['an account removed', /append-only/, () => ["delete from journal.accounts where account_id = 'fee'"]],
  [
    'an account of no known pot',
    /accounts_account_id_check/,
    () => [`insert into journal.accounts (account_id) values ('spare:${'0'.repeat(64)}')`],
  ],
  [
    'an account whose name goes on behind its holder',
    /accounts_account_id_check/,
    () => [`insert into journal.accounts (account_id) values ('held:${'0'.repeat(31)}:${'0'.repeat(32)}')`],
  ],
  ['a posting set that does not balance', /does not balance/, () => [nextEntry, post(0, available, '100')]],
  ['an entry without postings', /has no postings/, () => [nextEntry]],
  [
    'a player overdrawn by one fen',
    /accounts_check/,
    () => [
      nextEntry,
      `insert into journal.postings (entry_id, line, account_id, amount_fen)
       select h.next_id - 1, l, a, s * (b.balance_fen + 1) from journal.heads h, journal.accounts b, (values (0, '${available}', -1), (1, 'fee', 1)) v(l, a, s)
       where b.account_id = '${available}'`,
    ],
  ],
  [
    'a gap in the journal',
    /leave a gap/,
    () => ["insert into journal.entries (entry_id, kind, at) select next_id + 1, 'hold', now() from journal.heads"],
  ],
  ['a posting rewritten', /append-only/, () => ['update journal.postings set amount_fen = 1']],
  ['a posting removed', /append-only/, () => ['delete from journal.postings']],
  ['a balance set by hand', /by postings alone/, () => [`update journal.accounts set balance_fen = 1 where account_id = '${available}'`]],
  [
    'a spent or released hold used again',
    /spent or may only shrink/,
    () => ["update journal.holds set left_fen = 1, state = 'open' where state <> 'open'"],
  ],
  ['a hold forgotten', /append-only/, () => ['delete from journal.holds']],
  [
    'an item promised twice',
    /item_holds_active/,
    () => [
      "insert into custody.item_holds (order_id, item_id, state) select 'another', item_id, 'active' from custody.item_holds where state = 'active'",
    ],
  ],
  ['an ended item hold brought back', /is over/, () => ["update custody.item_holds set state = 'active' where state = 'spent'"]],
  [
    'a second owner of one version',
    /without a new version/,
    () => [`update custody.items set owner = '${m.bob.acct}' where owner = '${m.amy.acct}'`],
  ],
  ['an item with an older version', /without a new version/, () => ['update custody.items set ver = ver - 1 where ver > 1']],
  [
    'the same unit twice',
    /items_class_id_unit_no_key/,
    () => [
      "update custody.items set ledger_serial = ledger_serial, unit_no = 1 where unit_no = 1; insert into custody.items select 'itm_' || repeat('0', 32), 999, class_id, unit_no, owner, 1, false, null, null, now(), null, tx_id from custody.items where unit_no = 1 limit 1",
    ],
  ],
  ['an order that is over filled again', /is over/, () => ['update market.orders set filled = filled where ended_at is not null']],
  ['a signed order rewritten', /cannot be rewritten/, () => ["update market.orders set signed_order = '\\x00' where ended_at is null"]],
  ['an order removed', /stays as it was named/, () => ["delete from market.orders where state = 'canceled'"]],
  ['an order renamed', /stays as it was named/, () => ["update market.orders set order_id = 'ord_' || repeat('0', 64)"]],
  [
    'a trade with a name that is too short',
    /trades_trade_id_check/,
    () => [copyOf('market.trades', "trade_id = 'trd_' || repeat('0', 31), seq = 0, tx_id = '\\x00'")],
  ],
  [
    'a trade of an order that does not exist',
    /an order that does not exist/,
    () => [copyOf('market.trades', "trade_id = 'trd_' || repeat('0', 32), seq = 0, tx_id = '\\x00', buy_order_id = 'ord_'")],
  ],
  ['a trade given other orders', /stays as it was named/, () => ['update market.trades set sell_order_id = buy_order_id']],
  ['a trade removed', /stays as it was named/, () => ['delete from market.trades']],
  [
    'a step of a trade that does not exist',
    /a trade that does not exist/,
    () => ["insert into market.trade_states (trade_id, step, state, at) values ('trd_', 1, 'settled', now())"],
  ],
  [
    'an item of a trade that does not exist',
    /a trade that does not exist/,
    () => ["insert into market.trade_items (trade_id, item_id, ledger_serial, ver) values ('trd_', 'itm_', 1, 1)"],
  ],
  ['a trade whose parts do not add up', /trades_check/, () => ['update market.trades set net_fen = net_fen + 1']],
  ['a step of a trade rewritten', /append-only/, () => ["update market.trade_states set state = 'failed'"]],
  ['an answer rewritten', /append-only/, () => ["update market.references set answer = '{}'"]],
  ['an assessment rewritten', /append-only/, () => ['update compliance.assessments set total_fen = 0']],
  ['a transfer that is over', /is over/, () => ["update payments.transfers set state = 'failed' where state = 'paid'"]],
];

test.each(cases)('%s', async (_, message, statements) => {
  const attempt = m.sql.begin(async (tx) => {
    for (const statement of statements()) await tx.unsafe(statement);
  });
  await expect(attempt).rejects.toThrow(message);
  await assertInvariants(m);
});
