import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { platformTable } from '#sandbox/reports/decree-810.ts';
import { writeCsv } from '#sandbox/reports/table.ts';
import { DEMONSTRATION_PLATFORM, readPlatformFile, shopUrl } from './platform-facts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'daoju-platform-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CODE = '91350100M000100Y43';
const facts = {
  ...DEMONSTRATION_PLATFORM,
  creditCode: CODE,
  contactPhone: '010-12345678',
  domainNames: ['daoju.example', 'm.daoju.example'],
};
const entities = [
  { creditCode: CODE, name: '道具科技', role: '平台运营' },
  { creditCode: CODE, name: '道具客服', role: '客户服务' },
];
function fileOf(document: unknown): string {
  const file = path.join(folder, 'platform.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

test('what the operator has put on record is read as it stands, one row for each entity', () => {
  const { facts: read, filingNo } = readPlatformFile(fileOf({ ...facts, operatingEntities: entities }));
  expect(filingNo).toBeNull();
  expect(read.operatingEntities).toEqual(entities);
  const csv = writeCsv(platformTable(read));
  expect(csv.split('\r\n')).toHaveLength(4);
  expect(csv).toContain('daoju.example；m.daoju.example');
});
test('a shop has its whole address where the domain is on record, and the path of this site otherwise', () => {
  const { facts: read } = readPlatformFile(fileOf({ ...facts, operatingEntities: entities }));
  expect(shopUrl(read, 'ab12')).toBe('https://daoju.example/sellers/ab12');
  for (const none of [null, DEMONSTRATION_PLATFORM]) expect(shopUrl(none, 'ab12')).toBe('/sellers/ab12');
});
test('the number of the filing stands beside the form, which has no field for it', () => {
  const { facts: read, filingNo } = readPlatformFile(
    fileOf({ ...facts, operatingEntities: entities, filingNo: '京网信备11010826000000000001号' }),
  );
  expect(filingNo).toBe('京网信备11010826000000000001号');
  expect(Object.keys(read).sort()).toEqual(Object.keys(DEMONSTRATION_PLATFORM).sort());
});
test.each([
  ['a code with a wrong check digit', { creditCode: '91350100M000100Y44' }, 'creditCode'],
  ['no domain', { domainNames: [] }, 'domainNames'],
  ['a day that is none', { startDate: '2026-13-01' }, 'startDate'],
  ['a field that is unknown', { licence: 'A2' }, 'licence'],
])('%s is named and nothing starts', (_, change, place) => {
  expect(() => readPlatformFile(fileOf({ ...facts, operatingEntities: entities, ...change }))).toThrow(place);
});
