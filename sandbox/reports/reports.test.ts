import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { fen } from '#ledger/primitives/fen.ts';
import { type Instant, parseInstant } from '#ledger/primitives/instant.ts';
import { getPack } from '../packs/pack.ts';
import { incomeRecords } from '../tax/income-record.ts';
import { identityTable, incomeTable, incomeTotals, type SellerIdentity } from './decree-810.ts';
import { type DpiReport, writeDpi } from './dpi.ts';
import { type FundEntry, type FundStatement, sumStatement, writeNotifications, writeStatements } from './fund-statement.ts';
import { isoId } from './iso-20022.ts';
import { type ReportedEntry, writePlainText } from './journal-report.ts';
import { isOver, parsePeriod } from './period.ts';
import { jsonRows, writeCsv } from './table.ts';
import { writeTaxReport } from './tax-report.ts';
import { type CapturedTrade, tradeReport } from './trade-report.ts';

const at = (text: string): Instant => parseInstant(text);
const FOLDER = path.resolve(import.meta.dirname, '../../test/vectors/tax-reporting');
const file = (fileName: string) => ({ fileName, contents: readFileSync(path.join(FOLDER, fileName), 'utf8') });

/** The public schema's own words on a document; none when it is valid. */
async function faults(xml: string, schema: string, imported: readonly string[] = []): Promise<readonly string[]> {
  const result = await validateXML({ xml: { fileName: 'report.xml', contents: xml }, schema: file(schema), preload: imported.map(file) });
  return result.errors.map(({ message }) => message);
}
const ofDpi = (xml: string) => faults(xml, 'DPIXML_v1.0.xsd', ['isodpitypes_v1.0.xsd', 'oecddpitypes_v1.0.xsd']);

describe('a period', () => {
  test.each([
    ['2026-11-27', 'day', '2026-11-27', '2026-11-28'],
    ['2026-02', 'month', '2026-02-01', '2026-03-01'],
    ['2026-12', 'month', '2026-12-01', '2027-01-01'],
    ['2026-Q4', 'quarter', '2026-10-01', '2027-01-01'],
    ['2026', 'year', '2026-01-01', '2027-01-01'],
  ])('%s is a %s from %s to before %s, in Beijing', (text, kind, fromDate, beforeDate) => {
    const period = parsePeriod(text);
    expect(period).toMatchObject({ kind, fromDate, beforeDate });
    expect(period.from).toBe(Date.parse(`${fromDate}T00:00:00+08:00`));
    expect([isOver(period, (period.before - 1) as Instant), isOver(period, period.before)]).toEqual([false, true]);
  });
  test.each(['2026-Q5', '2026-13', '2026-02-30', '26', '2026-1', '', null])('%s is refused', (text) => {
    expect(() => parsePeriod(text)).toThrow('period_malformed');
  });
});

describe('Decree 810', () => {
  const pack = getPack('CN');
  const order = (id: string, grossFen: bigint, paidAt: string) => ({
    id,
    txType: 'P2P' as const,
    paidAt: at(paidAt),
    grossFen: fen(grossFen),
    feeBps: 500,
  });
  const records = incomeRecords(
    pack,
    [
      order('a', 50_000n, '2026-10-03T02:00:00Z'),
      order('b', 80_000n, '2026-11-03T02:00:00Z'),
      order('c', 500_000n, '2026-12-03T02:00:00Z'),
    ],
    [{ id: 'r', orderId: 'b', at: at('2027-01-03T02:00:00Z'), amountFen: fen(80_000n), feeReturned: true }],
  );
  const row = (quarter: string) => {
    const record = records.get(quarter);
    if (record === undefined) throw new Error(quarter);
    return { sellerCode: 'acc_1', name: '林月', record };
  };

  test('CN-RPT-E1: the quarter of the sales, and the quarter of the refund with its minus sign', () => {
    expect(jsonRows(incomeTable([row('2026-Q4')]))).toMatchObject([
      {
        intangibleGrossFen: '630000',
        intangibleRefundFen: '0',
        intangibleNetFen: '630000',
        orderCount: 3,
        feesPaidFen: '31500',
        goodsGrossFen: '0',
      },
    ]);
    expect(jsonRows(incomeTable([row('2027-Q1')]))).toMatchObject([
      { intangibleGrossFen: '0', intangibleRefundFen: '80000', intangibleNetFen: '-80000', orderCount: 0, feesPaidFen: '-4000' },
    ]);
    const csv = writeCsv(incomeTable([row('2027-Q1')]));
    expect(csv.startsWith('\ufeff名称（姓名）,店铺（用户）唯一标识码,')).toBe(true);
    expect(csv).toContain(',0.00,800.00,-800.00,');
    expect(incomeTotals([row('2026-Q4'), row('2027-Q1')])).toEqual({
      grossFen: 630_000n,
      refundFen: 80_000n,
      netFen: 550_000n,
      feesFen: 27_500n,
      orders: 3,
    });
  });

  test('the same sellers in any order are the same file, and a name that looks like a formula stays a name', () => {
    const seller = (sellerCode: string, name: string): SellerIdentity => ({
      sellerCode,
      name,
      hasLicence: false,
      taxId: '11010119900307451X',
      idType: 'ID_CARD',
      country: 'CN',
      phone: '13800000000',
      address: null,
      settlementAccount: '6222',
      shopName: name,
      shopUrl: `/sellers/${sellerCode}`,
      operationStart: '2026-11-01',
      operationEnd: null,
      registrationStatus: 'NONE_SMALL_SPORADIC',
      infoStatus: 'NEW',
    });
    const sellers = [seller('b', '=HYPERLINK("x")'), seller('a', '林月, "甲"')];
    const csv = writeCsv(identityTable(sellers));
    expect(csv).toBe(writeCsv(identityTable(sellers.toReversed())));
    expect(csv).toContain(`"'=HYPERLINK(""x"")"`);
    expect(csv).toContain('"林月, ""甲"""');
    expect(csv.indexOf('林月')).toBeLessThan(csv.indexOf('HYPERLINK'));
  });
});

describe('OECD DPI XML', () => {
  const report = (changes: Partial<DpiReport> = {}): DpiReport => ({
    kind: 'new',
    messageRefId: 'CN-DAOJU-2026-1',
    year: '2026',
    createdAt: at('2027-01-10T00:00:00Z'),
    currency: 'EUR',
    transmittingCountry: 'CN',
    receivingCountry: 'DE',
    operator: {
      docRefId: 'op-2026',
      name: 'Daoju',
      platform: 'Daoju 道具',
      country: 'CN',
      tin: '911100000000000000',
      address: 'Beijing',
      nexus: 'RPONEX5',
    },
    sellers: [
      {
        docRefId: 's-1',
        corrects: null,
        firstName: 'Yue',
        lastName: '林 & <Lin>',
        country: 'DE',
        tin: null,
        birthDate: '1990-03-07',
        address: 'Berlin',
        account: 'DE00',
        activities: [
          {
            activity: 'PersonalServices',
            considerationFen: [fen(100_049n), fen(100_050n), fen(0n), fen(0n)],
            count: [1, 1, 0, 0],
            feesFen: [fen(5_000n), fen(0n), fen(0n), fen(0n)],
            taxesFen: [fen(0n), fen(0n), fen(0n), fen(0n)],
          },
        ],
      },
    ],
    ...changes,
  });

  test('a new report, a correction and nothing to report are valid against the public schema', async () => {
    const [seller] = report().sellers;
    expect(await ofDpi(writeDpi(report()))).toEqual([]);
    expect(await ofDpi(writeDpi(report({ kind: 'nothing', sellers: [] })))).toEqual([]);
    if (seller === undefined) throw new Error('a seller');
    const corrected = writeDpi(
      report({ kind: 'corrections', messageRefId: 'CN-DAOJU-2026-2', sellers: [{ ...seller, docRefId: 's-1b', corrects: 's-1' }] }),
    );
    expect(await ofDpi(corrected)).toEqual([]);
    expect(corrected).toContain('<stf:DocTypeIndic>OECD2</stf:DocTypeIndic>');
    expect(corrected).toContain('<stf:CorrDocRefId>s-1</stf:CorrDocRefId>');
  });

  test('amounts leave as whole units, each quarter rounded half up once', () => {
    const xml = writeDpi(report());
    expect(xml).toContain('<dpi:ConsQ1 currCode="EUR">1000</dpi:ConsQ1>');
    expect(xml).toContain('<dpi:ConsQ2 currCode="EUR">1001</dpi:ConsQ2>');
    expect(xml).toContain('<dpi:ConsQ4 currCode="EUR">0</dpi:ConsQ4>');
  });

  test('the schema is asked in earnest: a report with a faulty country is not valid', async () => {
    expect(await ofDpi(writeDpi(report({ transmittingCountry: 'China' })))).not.toEqual([]);
  });
});

describe('fund statement', () => {
  const entry = (ref: string, amountFen: bigint, isCredit: boolean, changes: Partial<FundEntry> = {}): FundEntry => ({
    ref,
    source: ref,
    kind: isCredit ? 'hold' : 'payout',
    at: at('2026-11-22T03:00:00Z'),
    amountFen: fen(amountFen),
    isCredit,
    isReversal: false,
    orderId: `ord_${'a'.repeat(64)}`,
    tradeId: 'trd_1',
    from: isCredit ? 'b'.repeat(64) : null,
    to: isCredit ? null : 'operator',
    ultimateFrom: isCredit ? null : 'b'.repeat(64),
    ultimateTo: null,
    tax: null,
    ...changes,
  });
  const taxLine = { typeCode: 'VAT', percent: '1', baseFen: fen(495_050n), amountFen: fen(4_950n) };
  const tax = { baseFen: fen(500_000n), totalFen: fen(4_950n), lines: [taxLine] };
  const statement = (changes: Partial<FundStatement> = {}): FundStatement => ({
    account: { id: 'DAOJU-CUSTOMERS', name: 'Customers of Daoju', currency: 'CNY', servicer: 'Simulated' },
    period: parsePeriod('2026-11-22'),
    sequence: 1,
    createdAt: at('2026-11-22T16:00:00Z'),
    openingFen: fen(1_000n),
    closingFen: fen(1_000n),
    heldFen: fen(1_000n),
    // CN-P2P-05: one credit, and the splits of its release.
    entries: [
      entry('in', 500_000n, true),
      entry('seller', 465_000n, false, { to: 'a'.repeat(64), tax }),
      entry('platform', 25_000n, false),
      entry('studio', 10_000n, false),
    ],
    ...changes,
  });

  const bank = statement({ account: { ...statement().account, id: 'DAOJU-BANK' }, heldFen: null, entries: [], closingFen: fen(1_000n) });

  test('statement and notifications are valid against the public schemas, an account that moved and one that rested', async () => {
    expect(await faults(writeStatements([statement(), bank]), 'camt.053.001.10.xsd')).toEqual([]);
    expect(await faults(writeNotifications([statement(), bank]), 'camt.054.001.10.xsd')).toEqual([]);
    expect(await faults(writeStatements([statement()]).replace('BOOK', ''), 'camt.053.001.10.xsd')).not.toEqual([]);
  });

  test('every entry names its order end to end, and whole; proceeds name the tax beside them', () => {
    const xml = writeStatements([statement()]);
    const order = `ord_${'a'.repeat(64)}`;
    expect(xml.split(`<EndToEndId>${isoId(order)}</EndToEndId>`)).toHaveLength(5);
    expect(xml.split(`<Ustrd>${order}</Ustrd>`)).toHaveLength(5);
    expect(xml).toContain('<TtlTaxblBaseAmt Ccy="CNY">5000.00</TtlTaxblBaseAmt>');
    expect(xml).toContain('<TaxblBaseAmt Ccy="CNY">4950.50</TaxblBaseAmt>');
  });

  test('one notification an event, dated when it was booked; an account that rested has one that says so', () => {
    const xml = writeNotifications([statement(), bank]);
    expect(xml.split('<Ntfctn>')).toHaveLength(6);
    expect(xml.split('<Ntry>')).toHaveLength(5);
    expect(xml.split('<CreDtTm>2026-11-22T03:00:00.000Z</CreDtTm>')).toHaveLength(5);
  });

  test('opening + credits − debits = closing = held, and a fen of difference stands in the file', () => {
    expect(sumStatement(statement())).toEqual({ creditFen: 500_000n, debitFen: 500_000n, diffFen: 0n, heldDiffFen: 0n });
    const broken = statement({ closingFen: fen(999n) });
    expect(sumStatement(broken)).toMatchObject({ diffFen: 1n, heldDiffFen: -1n });
    expect(writeStatements([broken])).toContain('reconciliationDiff 0.01; closing less held -0.01');
    expect(writeStatements([statement()])).not.toContain('reconciliationDiff');
    expect(sumStatement(bank).heldDiffFen).toBe(0n);
  });

  test('the same entries in any order are the same bytes', () => {
    const { entries } = statement();
    expect(writeStatements([statement({ entries: entries.toReversed() })])).toBe(writeStatements([statement()]));
  });

  test('a long id becomes 32 characters of its SM3, a short one stays', () => {
    expect(isoId('trd_1')).toBe('trd_1');
    expect(isoId('x'.repeat(36))).toMatch(/^[A-Z2-7]{32}$/);
    expect(isoId('x'.repeat(36))).not.toBe(isoId(`${'x'.repeat(35)}y`));
  });
});

describe('tax report', () => {
  const line = (typeCode: 'VAT' | 'UMCT' | 'EDUS' | 'LEDU', percent: string, baseFen: bigint, amountFen: bigint) =>
    ({
      id: typeCode,
      kind: typeCode === 'VAT' ? 'VAT' : 'SURTAX',
      typeCode,
      percent,
      baseFen: fen(baseFen),
      amountFen: fen(amountFen),
    }) as const;
  const sale = {
    id: 'ORD0005',
    paidAt: at('2026-11-22T03:00:00Z'),
    sellerRef: 'U7K2',
    grossFen: fen(500_000n),
    isTaxable: true,
    purpose: 'ORIG',
    originalId: null,
    lines: [
      line('VAT', '1', 495_050n, 4_950n),
      line('UMCT', '3.5', 4_950n, 173n),
      line('EDUS', '1.5', 4_950n, 74n),
      line('LEDU', '1', 4_950n, 50n),
      { id: 'IIT', kind: 'IIT', typeCode: 'IITX', percent: '20', baseFen: fen(89_753n), amountFen: fen(17_951n) },
    ],
  } as const;
  const write = (changes: object = {}) =>
    writeTaxReport({
      id: 'd-2026-11-22',
      createdAt: at('2026-11-22T16:00:00Z'),
      authority: 'STA',
      currency: 'CNY',
      sales: [{ ...sale, ...changes }],
    }).replaceAll(/>\s+</g, '><');

  test('CN-P2P-05 as the rulebook writes it, income tax as a report of its own', () => {
    const xml = write();
    expect(xml).toContain(
      '<TaxRpt><TaxRptHdr><Id>ORD0005</Id><IssdDt>2026-11-22</IssdDt><RptCtgy>ITEM</RptCtgy><TaxRptPurp>ORIG</TaxRptPurp></TaxRptHdr>' +
        '<Sellr><PtyId><Id><PrvtId><Othr><Id>U7K2</Id></Othr></PrvtId></Id></PtyId></Sellr>' +
        '<TradSttlm><DuePyblAmt Ccy="CNY">5000.00</DuePyblAmt><TaxTtlAmt Ccy="CNY">52.47</TaxTtlAmt>' +
        '<SubTtlClctdTax><TpCd>VAT</TpCd><ClctdRate>1</ClctdRate><BsisAmt Ccy="CNY">4950.50</BsisAmt><ClctdAmt Ccy="CNY">49.50</ClctdAmt></SubTtlClctdTax>',
    );
    expect(xml).toContain('<RptCtgy>IITX</RptCtgy>');
    expect(xml).toContain('<NbOfTaxRpts>2</NbOfTaxRpts>');
  });
  test('a sale below the threshold says why it bears no VAT', () => {
    expect(write({ isTaxable: false, lines: [] })).toContain('<XmptnRsnCd>THR1</XmptnRsnCd>');
  });
});

test('trade report: the fields of a TradeCaptureReport, both sides, fee, tax and royalty', () => {
  const trade: CapturedTrade = {
    tradeId: 'trd_1',
    orderId: 'ord_1',
    txId: 'ab',
    classId: 'cls_1',
    itemIds: ['itm_1'],
    quantity: 1,
    priceFen: fen(500_000n),
    grossFen: fen(500_000n),
    feeFen: fen(25_000n),
    royaltyFen: fen(10_000n),
    taxFen: fen(23_198n),
    settledAt: at('2026-11-22T18:00:00Z'),
    sellerRef: 's',
    buyerRef: 'b',
    studioRef: 'd',
    flags: ['X'],
    kind: 'new',
  };
  const [report] = tradeReport([trade]);
  expect(report).toMatchObject({ MsgType: 'AE', TradeDate: '20261123', LastPx: '5000.00', TradeReportTransType: '0', Text: 'X' });
  expect(report?.NoSides[1]).toMatchObject({
    Side: '2',
    Commission: '250.00',
    NoMiscFees: [
      { MiscFeeAmt: '231.98', MiscFeeType: '2' },
      { MiscFeeAmt: '100.00', MiscFeeType: '7' },
    ],
  });
});

test('journal: plain text with assets positive and every entry balanced', () => {
  const acct = 'a'.repeat(64);
  const entry: ReportedEntry = {
    entryId: '1',
    kind: 'pay_in',
    at: at('2026-11-22T03:00:00Z'),
    tradeId: null,
    corrects: null,
    postings: [
      { accountId: 'provider', amountFen: fen(-100n) },
      { accountId: `available:${acct}`, amountFen: fen(100n) },
    ],
  };
  expect(writePlainText([entry])).toBe(
    `commodity 1,000.00 CNY\n\n2026-11-22 (1) pay in  ; entry:1\n    assets:provider  1.00 CNY\n    liabilities:available:${acct}  -1.00 CNY\n`,
  );
  expect(
    writePlainText(
      [],
      [
        { accountId: 'provider', amountFen: fen(-5n) },
        { accountId: 'fee', amountFen: fen(5n) },
      ],
      '2026-11-22',
    ),
  ).toContain('2026-11-22 opening balances\n    assets:provider  0.05 CNY\n    income:fee  -0.05 CNY\n');
});
