import { describe, expect, test } from 'vitest';
import { PACK_CN_2026_1 as CN } from './cn/pack-2026-1.ts';
import { PACKS, packHash } from './pack.ts';
import { parsePack } from './parse-pack.ts';

type Node = { [key: string]: Node } & { [index: number]: Node };
const documentOf = (pack: object): Node => JSON.parse(JSON.stringify(pack));

test.each(PACKS)('$id reads back from its own document with the same hash', (pack) => {
  expect(packHash(parsePack(documentOf(pack)))).toBe(packHash(pack));
});

/** Sets one place of pack CN's document to something else. */
function changed(path: string, value: unknown): unknown {
  const document = documentOf(CN);
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Node>((node, key) => node[key] ?? {}, document);
  if (value === undefined) delete parent[last];
  else Object.assign(parent, { [last]: value });
  return document;
}

const circle = [
  ['one', 'two'],
  ['two', 'one'],
].map(([id, ref]) => ({ ...CN.values[0], id, value: { ref } }));
const [DUE = ''] = Object.keys(CN.dueRules ?? {});
const PARAMETER = CN.constants.vatLevy;
const LINE = CN.lines[0];

test.each<[guarantee: string, path: string, value: unknown, code: string, words: string]>([
  ['no list', '', 0, 'pack_malformed', 'no such field'],
  ['another schema', 'schema', 'daoju.rule-pack/9', 'pack_malformed', 'schema'],
  ['a field nobody knows', 'surprise', 1, 'pack_malformed', 'surprise'],
  ['a missing field', 'currency', undefined, 'pack_malformed', 'currency'],
  ['a date that does not exist', 'effectiveFrom', '2026-02-30', 'pack_malformed', 'effectiveFrom'],
  ['an operator that does not exist', 'lines/0/base', { op: 'eval', args: [] }, 'pack_malformed', 'lines[0].base.op'],
  ['code in place of an expression', 'lines/0/base', 'gross * 2', 'pack_malformed', 'lines[0].base'],
  ['a rate that is no number', 'lines/0/rate', { const: 'one' }, 'pack_malformed', 'lines[0].rate.const'],
  ['a confidence of its own', 'constants/edu/confidence', 'SURE', 'pack_malformed', 'constants.edu.confidence'],
  ['a rounding mode that does not exist', 'rounding/mode', 'UP', 'pack_malformed', 'rounding.mode'],
  ['two lines of one id', 'lines', [LINE, LINE], 'pack_duplicate_id', 'lines'],
  ['an end before the beginning', 'effectiveTo', '2025-12-31', 'pack_dates_contradict', 'effectiveTo'],
  ['a relief that ends before the pack', 'constants/vatLevy/effectiveTo', '2027-06-30', 'pack_dates_contradict', 'constants.vatLevy'],
  ['a figure that begins after the pack', 'constants/edu/effectiveFrom', '2026-07-01', 'pack_dates_contradict', 'constants.edu'],
  ['a day both closed and open', 'holidays/years/2026/open', ['2026-01-01'], 'pack_dates_contradict', '2026-01-01'],
  ['an amount with a fraction', 'constants/vatThresholdDay/value', '1000.5', 'pack_constant_malformed', 'vatThresholdDay'],
  ['a negative rate', 'constants/edu/value', '-3/100', 'pack_constant_malformed', 'edu'],
  ['a word that the switch does not know', 'constants/assessMode/value', 'GUESS', 'pack_constant_malformed', 'assessMode'],
  ['a levy that no law names', 'constants/vatLevy/value', '2/100', 'pack_constant_malformed', '1/100, 3/100'],
  ['a constant that is not there', 'lines/0/rate', { ref: 'const.nothing' }, 'pack_reference_unknown', 'const.nothing'],
  ['a line that comes later', 'lines/0/base', { ref: 'line.CN-UMCT' }, 'pack_reference_unknown', 'line.CN-UMCT'],
  ['a fact nobody gives', 'lines/0/when', { path: 'agg.moon', op: 'gt', value: '1' }, 'pack_reference_unknown', 'agg.moon'],
  ['a due date nobody sets', 'lines/0/dueRule', 'SOMEDAY', 'pack_reference_unknown', 'SOMEDAY'],
  ['a scale that is not there', 'scales', {}, 'pack_reference_unknown', 'scale.iitBusiness'],
  ['a constant that the market needs', 'constants/unitPriceMax', undefined, 'pack_reference_unknown', 'unitPriceMax'],
  ['a window without its choice', 'thresholdWindow/choices/MONTH_100000', undefined, 'pack_reference_unknown', 'MONTH_100000'],
  ['prices that exclude each other', 'constants/unitPriceMin/value', '200000000', 'pack_contradictory', 'unitPrice'],
  ['a weight above one', 'constants/sv03.weight/value', '5', 'pack_contradictory', 'sv03.weight'],
  ['a single limit above the monthly one', 'constants/minor8Single/value', '30000', 'pack_contradictory', 'minors.bands'],
  ['ages that overlap', 'minors/bands/0/to', 9, 'pack_contradictory', 'minors.bands'],
  ['brackets that are equal', 'scales/iitBusiness/brackets/0/upTo', '9000000', 'pack_contradictory', 'iitBusiness'],
  ['an open bracket before the last', 'scales/iitBusiness/brackets/0/upTo', null, 'pack_contradictory', 'iitBusiness'],
  ['a tax rate of more than all', 'constants/iitTransfer/value', '5', 'pack_contradictory', 'constants.iitTransfer'],
  ['a rate behind a choice of more than all', 'constants/umctByPlace.CITY/value', '101/100', 'pack_contradictory', 'umctByPlace.CITY'],
  ['a bracket that gives money', 'scales/iitBusiness/brackets/0/rate', '-5/100', 'pack_contradictory', 'iitBusiness'],
  ['a rate in a line of more than all', 'lines/0/rate', { const: '3/2' }, 'pack_contradictory', 'lines[0].rate'],
  ['a month’s line below the day’s', 'constants/vatThresholdMonth/value', '99999', 'pack_contradictory', 'vatThresholdDay'],
  ['a fee of more than the price', 'constants/platformFeeBpsMax/value', '10001', 'pack_contradictory', 'platformFeeBpsMax'],
  ['a limit of minors that is a rate', 'minors/bands/0/single', 'vatLevy', 'pack_contradictory', 'minors.bands'],
  ['a price in another unit', 'constants/unitPriceMax/unit', 'count', 'pack_contradictory', 'unitPriceMax'],
  ['a switch that takes any word', 'constants/assessMode/allowed', undefined, 'pack_contradictory', 'assessMode'],
  ['a due day that no year has', `dueRules/${DUE}/on`, '02-30', 'pack_contradictory', `dueRules.${DUE}`],
  ['a time zone of nowhere', 'timezone', 'Moon/Base', 'pack_contradictory', 'timezone'],
  ['a value that needs itself', 'values/0/value', { ref: 'gain' }, 'pack_does_not_compute', 'gain'],
  ['two values in a circle', 'values', [...CN.values, ...circle], 'pack_does_not_compute', 'reference_unknown'],
  ['brackets that fall', 'scales/iitBusiness/brackets/0/upTo', '99000000', 'pack_contradictory', 'iitBusiness'],
  ['an amount where a rate is needed', 'selectors/vatBySupplier', 'place', 'pack_does_not_compute', 'PRIMARY'],
])('%s is refused', (_guarantee, path, value, code, words) => {
  const document = changed(path, value);
  expect(() => parsePack(document)).toThrow(code);
  expect(() => parsePack(document)).toThrow(words);
});

test('a rate that may hold two values takes them in any writing', () => {
  for (const value of ['3/100', '0.03', '30/1000', '0.01']) {
    expect(parsePack(changed('constants/vatLevy/value', value)).constants.vatLevy?.value).toBe(value);
  }
});

describe('hostile documents', () => {
  test.each([null, 1, 'text', [], [CN]])('%j is no pack', (input) => {
    expect(() => parsePack(input)).toThrow('pack_malformed');
  });

  test('an expression nested a thousand deep is refused, not followed', () => {
    let nested: unknown = { ref: 'gross' };
    for (let depth = 0; depth < 1000; depth++) nested = { op: 'add', args: [nested] };
    expect(() => parsePack(changed('lines/0/base', nested))).toThrow('nested');
  });

  test('a name that reaches into the prototype is no name', () => {
    const text = JSON.stringify(CN).replace('"constants":{', `"constants":{"__proto__":${JSON.stringify(PARAMETER)},`);
    expect(() => parsePack(JSON.parse(text))).toThrow('pack_malformed');
  });
});
