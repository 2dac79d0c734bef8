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

test.each([
  ['{', 'file_not_json'],
  ['{"schema":"other/1","cases":[]}', 'schema_unknown'],
  ['{"schema":"daoju.tax-vectors/1"}', 'cases_missing'],
])('the file %s is refused with %s', async (text, error) => {
  expect(await assessText(text)).toEqual({ code: 2, output: { error } });
});
