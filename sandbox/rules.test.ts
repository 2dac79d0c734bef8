/** The table from rule to its place (`RULES.md`) stays true: paths exist, every rule that code names stands in it, nothing is called followed
 *  without saying where and by which test. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const STATES = ['pack', 'held', 'report', 'absent', 'procedure', 'part', 'no'];
/** These say that code does it. */
const FOLLOWED = ['pack', 'held', 'report', 'part'];
/** These say that something is missing, and must say what. */
const OWES_A_REASON = ['absent', 'procedure', 'part', 'no'];
const RULE = /\b(?:CN|EU|KR|US|UK|JP)-(?:[A-Z][A-Z0-9]*-)?[A-Z]?\d{2}[a-z]?\b|\bCN-(?:RPT|MIN|SV)-E\d\b/g;

type Row = { readonly ids: readonly string[]; readonly place: string; readonly test: string; readonly state: string; readonly why: string };

const text = readFileSync(path.join(import.meta.dirname, 'RULES.md'), 'utf8');
const rows: readonly Row[] = text
  .split('\n')
  .filter((line) => /^\| [A-Z]{2}-/.test(line))
  .map((line) => {
    const [ids = '', , place = '', held = '', standing = ''] = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    const [state = '', ...why] = standing.split(': ');
    return { ids: ids.split(', '), place, test: held, state, why: why.join(': ') };
  });
const listed = rows.flatMap(({ ids }) => ids);

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|sql)$/.test(file) || file === path.join('vectors', 'tax-cn.json'))
    .map((file) => path.join(folder, file));
}

test('a rule stands once, in a state that the legend knows, and what is not wholly followed says why', () => {
  expect(listed.length).toBeGreaterThan(190);
  expect(listed.filter((id, index) => listed.indexOf(id) !== index)).toEqual([]);
  expect(rows.filter(({ state, why }) => !STATES.includes(state) || (OWES_A_REASON.includes(state) && why === ''))).toEqual([]);
});

test('what is followed names its place and a test', () => {
  const isTest = (cell: string) => cell.includes('vectors') || /`[^`]+\.test\.ts`/.test(cell);
  expect(rows.filter((row) => FOLLOWED.includes(row.state) && !(row.place.includes('`') && isTest(row.test)))).toEqual([]);
});

test('every path of the table exists', () => {
  const paths = [...text.matchAll(/`([^`]+\/[^`]+)`/g)].map(([, file = '']) => file);
  expect(paths.length).toBeGreaterThan(200);
  expect(paths.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test('every rule that code, tests or vectors name stands in the table', () => {
  const named = ['app', 'server', 'sandbox', 'ledger', 'drizzle', 'test'].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) => (readFileSync(path.join(ROOT, file), 'utf8').match(RULE) ?? []).map((id) => ({ id, file }))),
  );
  expect(new Set(named.map(({ id }) => id)).size).toBeGreaterThan(150);
  expect(named.filter(({ id }) => !listed.includes(id))).toEqual([]);
});
