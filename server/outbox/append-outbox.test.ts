import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { appendOutbox } from './append-outbox.ts';
import { FIRST_PREV_HASH, hashBody, hashEnvelope, type NewMessage } from './message.ts';
import { listBrokenRooms, listHeads, listMessages } from './outbox.repo.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ max: 6 });
});
afterAll(() => database.drop());

const at = parseInstant('2026-11-23T02:00:00.000Z');
const message = (room: string, n: number): NewMessage => ({ room, type: 'mkt.trade', body: { n, tradeId: `trd_${n}` }, at });

test('numbers have no gap and each message continues the chain of its room', async () => {
  await database.sql.begin((tx) => appendOutbox(tx, [message('sup:tax', 1), message('sup:market', 1), message('sup:tax', 2)]));
  await database.sql.begin((tx) => appendOutbox(tx, [message('sup:tax', 3)]));
  const messages = await listMessages(database.sql, 'sup:tax', 0, 10);
  expect(messages.map((m) => m.seq)).toEqual([1, 2, 3]);
  let prevHash = FIRST_PREV_HASH;
  for (const m of messages) {
    expect(m.prevHash).toBe(prevHash);
    expect(m.bodyHash).toBe(hashBody(m.body));
    prevHash = hashEnvelope(m);
  }
  expect((await listHeads(database.sql, ['sup:tax'])).get('sup:tax')).toEqual({ seq: 3, hash: prevHash });
});

test('a correction refers to the newest message of its room about the sale, of before or of the same group', async () => {
  const about = (type: string, tradeId: string, room = 'sup:tax'): NewMessage => ({ room, type, body: { tradeId }, at });
  await database.sql.begin((tx) => appendOutbox(tx, [about('tax.trade.assessed', 'trd_a'), about('mkt.trade', 'trd_a', 'sup:market')]));
  await database.sql.begin((tx) =>
    appendOutbox(tx, [
      about('tax.trade.corrected', 'trd_a'),
      about('tax.trade.assessed', 'trd_b'),
      about('tax.trade.corrected', 'trd_b'),
      about('tax.trade.corrected', 'trd_a'),
      about('tax.trade.corrected', 'trd_unknown'),
      about('mkt.trade.corrected', 'trd_a', 'sup:market'),
    ]),
  );
  const read = async (room: string) =>
    (await listMessages(database.sql, room, 0, 100)).filter(({ body }) => /_(?:a|b|unknown)$/.test(String(body.tradeId)));
  const tax = await read('sup:tax');
  const [assessed = 0] = tax.map(({ seq }) => seq);
  expect(tax.map(({ seq, body }) => [seq - assessed, body.refSeq === null ? null : Number(body.refSeq ?? Number.NaN) - assessed])).toEqual([
    [0, Number.NaN],
    [1, 0],
    [2, Number.NaN],
    [3, 2],
    [4, 1],
    [5, null],
  ]);
  const [first, second] = await read('sup:market');
  expect(second?.body.refSeq).toBe(first?.seq);
});

test('a rolled-back transaction gives its numbers back', async () => {
  const failed = database.sql.begin(async (tx) => {
    await appendOutbox(tx, [message('sup:all', 1)]);
    throw new Error('the trade failed');
  });
  await expect(failed).rejects.toThrow('the trade failed');
  await database.sql.begin((tx) => appendOutbox(tx, [message('sup:all', 2)]));
  expect((await listMessages(database.sql, 'sup:all', 0, 10)).map((m) => [m.seq, m.body])).toEqual([[1, { n: 2, tradeId: 'trd_2' }]]);
});

test('writers at the same time neither block crosswise nor leave a gap', async () => {
  const rooms = ['public', 'sup:finance'];
  const writes = Array.from({ length: 40 }, (_, n) =>
    database.sql.begin((tx) =>
      appendOutbox(
        tx,
        (n % 2 === 0 ? rooms : [...rooms].reverse()).map((room) => message(room, n)),
      ),
    ),
  );
  await Promise.all(writes);
  const messages = await listMessages(database.sql, 'public', 0, 100);
  expect(messages.map((m) => m.seq)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  expect(await listBrokenRooms(database.sql)).toEqual([]);
});

test.each([
  ['a gap', 9, FIRST_PREV_HASH],
  ['a broken chain', 5, 'ab'.repeat(32)],
])('the database itself refuses %s', async (_, seq, prevHash) => {
  await database.sql.begin((tx) =>
    appendOutbox(
      tx,
      [1, 2, 3, 4].slice(0, seq === 5 ? 4 : 0).map((n) => message(`player:${'a'.repeat(64)}`, n)),
    ),
  );
  const insert = database.sql`
    insert into outbox.messages (room, seq, message_id, type, schema, at, body, body_hash, prev_hash, hash)
    values (${`player:${'a'.repeat(64)}`}, ${seq}, 'msg_x', 'notice', 'daoju.feed/1', now(), '{}', decode(${'00'.repeat(32)}, 'hex'),
      decode(${prevHash}, 'hex'), decode(${'00'.repeat(32)}, 'hex'))`;
  await expect(insert).rejects.toThrow(/foreign key|does not continue the chain/);
});

test.each(['update outbox.messages set type = $$x$$', 'delete from outbox.messages', 'truncate outbox.messages cascade'])(
  'a message is for ever: %s',
  async (statement) => {
    await expect(database.sql.unsafe(statement)).rejects.toThrow('insert-only');
  },
);

test('a room of market data is not kept', async () => {
  const append = database.sql.begin((tx) => appendOutbox(tx, [message('class:cls_00', 1)]));
  await expect(append).rejects.toThrow('publish it after the commit');
});
