import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAssess } from './assess.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daoju-assess-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function assessText(text: string): Promise<{ readonly code: number; readonly output: unknown }> {
  const file = join(folder, 'cases.json');
  await writeFile(file, text);
  let output = '';
  const code = await runAssess({ file, isJson: true, write: (part) => (output += part) });
  return { code, output: JSON.parse(output) };
}

const CASE = { id: 'X', gross: 50000, cost: 30000, otherSameDayGross: 0, feeBp: 500, royaltyBp: 0, assessMode: 'COST' };

test('answered cases give exit code 0 and the lines of each', async () => {
  const { code, output } = await assessText(JSON.stringify({ schema: 'daoju.tax-vectors/1', cases: [CASE] }));
  expect(code).toBe(0);
  expect(output).toMatchObject({ results: [{ id: 'X', lines: { iit: 3500, sellerAfterAll: 44000 } }] });
});

test('a case of an unknown kind or with a broken field gets an error, the others are answered, exit code 1', async () => {
  const cases = [{ id: 'P', kind: 'MOON' }, CASE, { ...CASE, id: 'Y', gross: 0.5 }, { ...CASE, id: 'Z', pack: { noSuchSwitch: true } }];
  const { code, output } = await assessText(JSON.stringify({ schema: 'daoju.tax-vectors/1', cases }));
  expect(code).toBe(1);
  expect(output).toMatchObject({
    results: [
      { id: 'P', error: 'kind_unsupported MOON' },
      { id: 'X', lines: { iit: 3500 } },
      { id: 'Y', error: expect.stringContaining('case_malformed') },
      { id: 'Z', error: expect.stringContaining('constant_unknown') },
    ],
  });
});

test('what no case can mean is named for its case and breaks nothing', async () => {
  const wrong: readonly (readonly [object | null, string])[] = [
    [{ gross: -1 }, 'case_malformed'],
    [{ gross: 1e300 }, 'case_malformed'],
    [{ gross: '9999999999999999999' }, 'case_malformed'],
    [{ gross: '50000 ' }, 'case_malformed'],
    [{ gross: undefined }, 'case_malformed'],
    [{ feeBp: 10_001 }, 'case_malformed'],
    [{ assessMode: '__proto__' }, 'case_malformed'],
    [{ at: '2026-02-30T00:00:00.000Z', kind: 'TIMELINE' }, 'case_malformed'],
    [{ kind: { toString: 1 } }, 'case_malformed'],
    [{ kind: '__proto__' }, 'kind_unsupported'],
    [{ kind: 'PERIOD', payer: {}, supplies: [{ type: 'PRIMARY', unitGross: 10 ** 15, count: 10 ** 15 }] }, 'case_malformed'],
    [{ pack: { __proto__x: '1' } }, 'constant_unknown'],
    [{ pack: { vatThresholdDay: '1.5' } }, 'malformed'],
  ];
  const cases = [...wrong.map(([more], index) => ({ ...CASE, id: `W${index}`, ...more })), null, 5, [], CASE];
  const { code, output } = await assessText(JSON.stringify({ schema: 'daoju.tax-vectors/1', cases }));
  const { results } = Object(output) as { results: readonly { id: string; error?: string }[] };
  expect(code).toBe(1);
  expect(results.slice(0, wrong.length).map(({ error = '' }, index) => error.includes(wrong[index]?.[1] ?? '?') || error)).toEqual(
    wrong.map(() => true),
  );
  expect(results.slice(wrong.length, -1).every(({ error }) => error?.startsWith('case_malformed'))).toBe(true);
  expect(results.at(-1)).toMatchObject({ id: 'X', lines: { iit: 3500 } });
});

test.each([
  ['', 'file_not_json'],
  ['\uFEFF', 'file_not_json'],
  ['[]', 'schema_unknown'],
  ['null', 'schema_unknown'],
  ['{"schema":"daoju.tax-vectors/1","cases":{}}', 'cases_missing'],
  ['{', 'file_not_json'],
  ['{"schema":"other/1","cases":[]}', 'schema_unknown'],
  ['{"schema":"daoju.tax-vectors/1"}', 'cases_missing'],
])('the file %s is refused with %s', async (text, error) => {
  expect(await assessText(text)).toEqual({ code: 2, output: { error } });
});
