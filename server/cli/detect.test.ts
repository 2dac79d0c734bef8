import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDetect } from './detect.ts';

const HEADER = 'tradeId,ts,itemId,classId,sellerRef,buyerRef,priceFen,quantity';
const BACK_AND_FORTH = ['t1,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000,1', 't2,2026-03-01T11:00:00Z,i1,c1,bob,amy,10000,1'];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daoju-detect-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function detect(text: string | Uint8Array, kind = 'trades', isJson = true) {
  const file = join(folder, 'facts.csv');
  await writeFile(file, text);
  let [output, notes] = ['', ''];
  const write = (part: string) => (output += part);
  const warn = (part: string) => (notes += `${part}\n`);
  const code = await runDetect({ file, kind, isJson, stdin: Readable.from([text]), write, warn });
  return { code, output, notes, answer: isJson ? JSON.parse(output) : null };
}

test('a file of trades gets its alerts with detector, score, exact ids and an explanation', async () => {
  const { code, answer } = await detect([HEADER, ...BACK_AND_FORTH, 't3,2026-03-01T12:00:00Z,i2,c1,cid,dan,9000,1'].join('\n'));
  expect(code).toBe(0);
  expect(answer).toEqual({
    alerts: [
      {
        alertId: expect.stringMatching(/^alr_[0-9a-f]{32}$/),
        detector: 'circular_item',
        ruleId: 'CN-SV-04',
        typology: 'back_and_forth',
        score: 95,
        tradeIds: ['t1', 't2'],
        accountRefs: ['amy', 'bob'],
        explanation: expect.stringContaining('Item i1 came back'),
      },
    ],
  });
});

test('columns in any order, quotes, a byte order mark, CR LF, seconds and milliseconds, and columns nobody asked for are read', async () => {
  const text = [
    '\uFEFFnote,quantity,priceFen,buyerRef,sellerRef,classId,itemId,ts,tradeId',
    '"a, ""b""",1,10000,bob,amy,c1,i1,1772359200,t1',
    'x,1,10000,"amy",bob,c1,i1,1772362800000,t2',
    '',
  ].join('\r\n');
  const { code, answer, notes } = await detect(text);
  expect(code).toBe(0);
  expect(answer).toMatchObject({ alerts: [{ tradeIds: ['t1', 't2'], accountRefs: ['amy', 'bob'] }] });
  expect(notes).toContain('columns passed over: note');
});

test('a quoted field may hold line breaks, LF or CR LF, blank lines and commas (RFC 4180); a note of three lines is one row', async () => {
  const text = [
    `${HEADER},"no\r\nte"`,
    `${BACK_AND_FORTH[0]},"one\r\n\r\n""two"", three"`,
    't2,2026-03-01T11:00:00Z,"i1",c1,"bob",amy,10000,1,"\n"',
  ].join('\r\n');
  const { code, answer, notes } = await detect(text);
  expect(code).toBe(0);
  expect(answer).toMatchObject({ alerts: [{ tradeIds: ['t1', 't2'], accountRefs: ['amy', 'bob'] }] });
  expect(notes).toContain('2 rows, 1 alerts');
});

test('a price of nothing is read (typology 6: the item moves, the money elsewhere): it is far below the price of its kind, and is no part of that price', async () => {
  const time = (i: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + i * 3_600_000).toISOString();
  const usual = Array.from({ length: 60 }, (_, i) => `t${i},${time(i)},i${i},c1,s${i % 9},b${i % 7},200000,1`);
  const free = Array.from({ length: 70 }, (_, i) => `f${i},${time(60 + i)},f${i},c1,g${i},h${i},0,1`);
  const back = [`r1,${time(140)},ring,c2,amy,bob,0,1`, `r2,${time(141)},ring,c2,bob,amy,5000,1`, `r3,${time(142)},own,c3,cid,cid,0,1`];
  const { code, answer, output } = await detect([HEADER, ...usual, ...free, ...back].join('\n'));
  expect(code).toBe(0);
  const named = (name: string) => answer.alerts.filter((alert: { detector: string }) => alert.detector === name);
  const below = named('off_market_price');
  expect(below.map((alert: { tradeIds: string[] }) => alert.tradeIds[0]).toSorted()).toEqual(free.map((_, i) => `f${i}`).toSorted());
  expect(below[0]).toMatchObject({
    typology: 'price_far_below',
    explanation: expect.stringContaining('Price 0.00 against the reference 2000.00'),
  });
  expect(named('circular_item')).toMatchObject([{ tradeIds: ['r1', 'r2'], explanation: expect.stringContaining('price change ∞ %') }]);
  expect(named('self_trade')).toMatchObject([{ tradeIds: ['r3'] }]);
  expect(output).not.toMatch(/NaN|Infinity/);
});

test('a file of transfers is judged by the payment detectors; times may be numbers of days', async () => {
  const rows = Array.from({ length: 12 }, (_, i) => `p${i},${i % 4},payer${i},hub,${50_000 + i}`);
  const { answer } = await detect(['id,ts,fromRef,toRef,amountFen', ...rows].join('\n'), 'transfers');
  expect(answer).toMatchObject({
    alerts: [{ detector: 'flow_pattern', typology: 'fan_in', tradeIds: expect.arrayContaining(['p0', 'p11']) }],
  });
});

test.each([
  ['', 'file_empty', 1],
  ['tradeId,ts,itemId\n', 'header_column_missing', 1],
  [`${HEADER},ts\n`, 'header_column_twice', 1],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000\n`, 'row_column_count', 2],
  [`${HEADER}\n${BACK_AND_FORTH[0]}\nt2,yesterday,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 3],
  [`${HEADER}\nt1,2026-02-30T25:00:00Z,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-02-30T10:00:00Z,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-13-01,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,-5,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,-10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,1e4,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000,-1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,${'b'.repeat(70_000)},10000,1\n`, 'row_too_long', 2],
  [`${HEADER}${','.repeat(70_000)}`, 'row_too_long', 1],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,100.00,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,00,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,"i\n1",c1,amy,bob,0,1\nt2,yesterday,i1,c1,amy,bob,1,1\n`, 'row_value_malformed', 4],
  [`${HEADER}\nt1,"2026\n03",i1,c1,amy,bob,1,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\n"t1\n${BACK_AND_FORTH.join('\n').repeat(1_000)}`, 'row_quote_open', 2],
  [`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000,0.5\n`, 'row_value_malformed', 2],
  [`${HEADER}\n,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000,1\n`, 'row_value_malformed', 2],
  [`${HEADER}\n"t1,2026-03-01T10:00:00Z,i1,c1,amy,bob,10000,1\n`, 'row_quote_open', 2],
  [`${HEADER}\n${BACK_AND_FORTH[0]}\n${BACK_AND_FORTH[0]}\n`, 'row_id_twice', 3],
])('%j is refused as %s at line %i', async (text, error, line) => {
  const { code, answer, notes } = await detect(text);
  expect(code).toBe(2);
  expect(answer).toEqual({ error, line, detail: expect.any(String) });
  expect(notes).toContain(error);
});

test('transfers have the same door: columns, numbers, numbers twice', async () => {
  const header = 'id,ts,fromRef,toRef,amountFen';
  const refused = async (text: string) => {
    const { code, answer } = await detect(text, 'transfers');
    return [code, answer.error, answer.line];
  };
  expect(await refused(`${HEADER}\n`)).toEqual([2, 'header_column_missing', 1]);
  expect(await refused(`${header}\np1,1,amy,bob,-5\n`)).toEqual([2, 'row_value_malformed', 2]);
  expect(await refused(`${header}\np1,1,,bob,5\n`)).toEqual([2, 'row_value_malformed', 2]);
  expect(await refused(`${header}\np1,1,amy,bob,5\np1,2,amy,bob,5\n`)).toEqual([2, 'row_id_twice', 3]);
});

test('a file in GB 18030 or UTF-16 is refused, since its names would be other names; the same names in UTF-8 are read', async () => {
  const row = 't1,2026-03-01T10:00:00Z,i1,c1,丙,丁,10000,1';
  // 丙 and 丁 in GB 18030.
  const gb = Buffer.concat([
    Buffer.from(`${HEADER}\nt1,2026-03-01T10:00:00Z,i1,c1,`),
    Buffer.from('b1fb2cb6a1', 'hex'),
    Buffer.from(',10000,1\n'),
  ]);
  expect(await detect(gb)).toMatchObject({ code: 2, answer: { error: 'file_not_utf8', line: 2 } });
  expect(await detect(Buffer.from(`\uFEFF${HEADER}\n${row}\n`, 'utf16le'))).toMatchObject({
    code: 2,
    answer: { error: 'file_not_utf8', line: 1 },
  });
  expect(await detect(`\uFEFF${HEADER}\r\n${row}\r\n`)).toMatchObject({ code: 0, answer: { alerts: [] } });
});

test('names that reach into the prototype are names like any other', async () => {
  const rows = [
    't1,2026-03-01T10:00:00Z,__proto__,constructor,__proto__,toString,10000,1',
    '__proto__,2026-03-01T11:00:00Z,__proto__,constructor,toString,__proto__,10000,1',
  ];
  expect((await detect([HEADER, ...rows].join('\n'))).answer).toMatchObject({ alerts: [{ tradeIds: ['t1', '__proto__'] }] });
});

test('an unknown kind and a missing file are refused by code', async () => {
  expect((await detect(HEADER, 'gifts')).answer).toMatchObject({ error: 'kind_unknown', line: null });
  let output = '';
  const write = (part: string) => (output += part);
  const code = await runDetect({
    file: join(folder, 'none.csv'),
    kind: 'trades',
    isJson: true,
    stdin: Readable.from([]),
    write,
    warn: () => undefined,
  });
  expect([code, JSON.parse(output)]).toMatchObject([2, { error: 'file_unreadable' }]);
});

test('a header alone is judged: no alerts', async () => {
  expect(await detect(`${HEADER}\n`)).toMatchObject({ code: 0, answer: { alerts: [] } });
});
