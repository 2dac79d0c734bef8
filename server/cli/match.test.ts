import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runMatch } from './match.ts';

async function replay(input: readonly string[] | string): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const code = await runMatch(typeof input === 'string' ? input : Readable.from([`${input.join('\n')}\n`]), out);
  return { code, lines: text.split('\n').filter((line) => line !== '') };
}

test('a stream gives one event per line, amounts as integer strings', async () => {
  const { code, lines } = await replay([
    '{"type":"place","id":"1","account":"a","side":"sell","price":"101","quantity":"5","tif":"gtc"}',
    '',
    '{"type":"place","id":"2","account":"b","side":"buy","price":"105","quantity":"3","tif":"ioc"}',
    '{"type":"place","id":"3","account":"a","side":"buy","price":"101","quantity":"1","tif":"gtc"}',
    '{"type":"cancel","id":"1"}',
    '{"type":"cancel","id":"1"}',
  ]);
  expect(code).toBe(0);
  expect(lines).toEqual([
    '{"type":"fill","maker":"1","taker":"2","price":"101","quantity":"3"}',
    '{"type":"rejected","id":"3","code":"self_trade"}',
    '{"type":"canceled","id":"1","leavesQuantity":"2"}',
    '{"type":"rejected","id":"1","code":"unknown_order"}',
  ]);
});

test.each([
  ['not json', 'null', 'malformed'],
  ['[1]', 'null', 'malformed'],
  ['{"type":"place","id":7,"account":"a","side":"buy","price":"1","quantity":"1","tif":"gtc"}', 'null', 'malformed'],
  ['{"type":"place","id":"7","account":"a","side":"hold","price":"1","quantity":"1","tif":"gtc"}', '"7"', 'malformed'],
  ['{"type":"place","id":"7","account":"a","side":"buy","price":1,"quantity":"1","tif":"gtc"}', '"7"', 'malformed'],
  ['{"type":"place","id":"7","account":"a","side":"buy","price":"1.5","quantity":"1","tif":"gtc"}', '"7"', 'price_invalid'],
  ['{"type":"place","id":"7","account":"a","side":"buy","price":"-1","quantity":"1","tif":"gtc"}', '"7"', 'price_invalid'],
  ['{"type":"place","id":"7","account":"a","side":"buy","price":"1","quantity":"0","tif":"gtc"}', '"7"', 'quantity_invalid'],
  ['{"type":"place","id":"7","account":"a","side":"buy","price":"1","quantity":"1e3","tif":"gtc"}', '"7"', 'quantity_invalid'],
  ['{"type":"amend","id":"7"}', '"7"', 'malformed'],
])('the line %s is refused and the stream goes on', async (line, id, code) => {
  const { lines } = await replay([line, '{"type":"cancel","id":"0"}']);
  expect(lines).toEqual([`{"type":"rejected","id":${id},"code":"${code}"}`, '{"type":"rejected","id":"0","code":"unknown_order"}']);
});

test('a file of 100,000 lines is replayed within 10 s, a missing file ends with code 2', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daoju-match-'));
  try {
    const file = join(folder, 'orders.ndjson');
    const lines = Array.from({ length: 100_000 }, (_, i) => {
      const side = i % 2 === 0 ? 'sell' : 'buy';
      const price = 1_000 + ((i * 7_919) % 400) + (side === 'sell' ? 150 : 0);
      if (i % 10 === 9) return JSON.stringify({ type: 'cancel', id: `${(i * 31) % i}` });
      return JSON.stringify({
        type: 'place',
        id: `${i}`,
        account: `p${i % 97}`,
        side,
        price: `${price}`,
        quantity: `${1 + (i % 13)}`,
        tif: 'gtc',
      });
    });
    await writeFile(file, lines.join('\n'));
    const before = process.hrtime.bigint();
    const { code, lines: events } = await replay(file);
    expect(Number(process.hrtime.bigint() - before) / 1e9).toBeLessThan(10);
    expect(code).toBe(0);
    expect(events.length).toBeGreaterThan(10_000);
    expect((await replay(join(folder, 'none'))).code).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
