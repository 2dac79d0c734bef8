/** The published schemas, read back as anybody reads them, against what our builders write. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { accessSummary, surveillanceSummary } from '#sandbox/reports/oversight-report.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import { captureReport } from '#sandbox/reports/trade-report.ts';
import { findSchema, publishedSchema, REPORT_SCHEMAS, type ReportSchemaName, schemaPath } from './report-schemas.ts';

const feed = { room: 'sup:market', first: 1, last: 9, count: 9 };
const trade = captureReport({
  tradeId: 'trd_1',
  orderId: 'ord_1',
  txId: 'ab'.repeat(32),
  classId: 'cls_1',
  itemIds: ['itm_1'],
  quantity: 1,
  priceFen: fen(50_000n),
  grossFen: fen(50_000n),
  feeFen: fen(2_500n),
  royaltyFen: fen(1_000n),
  taxFen: fen(0n),
  settledAt: parseInstant('2026-11-28T01:00:00Z'),
  sellerRef: 'a',
  buyerRef: 'b',
  studioRef: 'c',
  flags: [],
  kind: 'new',
});
const surveillance = surveillanceSummary(
  parsePeriod('2026-Q4'),
  {
    trades: 3,
    alerts: [{ detector: 'CN-SV-03', raised: 2, triaged: 1, toCase: 1, dismissed: 0, waiting: 1 }],
    labels: [{ label: 'right', count: 1 }],
    casesOpened: [{ topic: 'abuse', count: 1 }],
    casesClosed: [],
    casesOpenAtEnd: 1,
    freezesSet: [],
    freezesEnded: [],
    haltsSet: [],
  },
  feed,
);
const access = accessSummary(
  parsePeriod('2026-Q4'),
  { acts: [{ role: 'auditor', act: 'enter', count: 2 }], openings: [], sealings: 0 },
  feed,
);
const DOCUMENTS: readonly (readonly [ReportSchemaName, object])[] = [
  ['daoju.trade-report/1', { schema: 'daoju.trade-report/1', period: '2026-11-28', reports: [trade] }],
  ['daoju.surveillance-summary/1', surveillance],
  ['daoju.access-summary/2', access],
];
/** Through its text, as a reader elsewhere has it. */
const readerOf = (name: ReportSchemaName) => z.fromJSONSchema(JSON.parse(JSON.stringify(publishedSchema(name))));

test.each(DOCUMENTS)('%s: what the builder writes keeps the published schema', (name, document) => {
  expect(readerOf(name).safeParse(document).error?.issues).toBeUndefined();
});
test.each(DOCUMENTS)('%s: a field more, and the document without its period, keep it no longer', (name, document) => {
  expect(readerOf(name).safeParse({ ...document, more: 1 }).success).toBe(false);
  expect(readerOf(name).safeParse({ ...document, period: undefined }).success).toBe(false);
});
test('each schema lies at an address that says name and version, and no other address has one', () => {
  for (const name of Object.keys(REPORT_SCHEMAS))
    expect(findSchema(schemaPath(name))).toMatchObject({ $id: schemaPath(name), title: name });
  expect(findSchema('/schemas/daoju.report-2.json')).toBeNull();
});
