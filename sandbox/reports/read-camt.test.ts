import { describe, expect, test } from 'vitest';
import { utf8 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { instant, parseInstant } from '#ledger/primitives/instant.ts';
import { CAMT_VERSIONS, type CamtVersion, type ReadStatement } from './camt-grammar.ts';
import { CamtRefused } from './camt-values.ts';
import { compareStatement, type OwnAccount, type OwnEntry } from './compare-statement.ts';
import { type FundEntry, type FundStatement, writeStatements } from './fund-statement.ts';
import { isoId } from './iso-20022.ts';
import { parsePeriod } from './period.ts';
import { readCamt, readCamtFiles } from './read-camt.ts';

const read = (xml: string): readonly ReadStatement[] => readCamt(utf8(xml));
const only = (xml: string): ReadStatement => {
  const [statement] = read(xml);
  if (statement === undefined) throw new Error('no statement');
  return statement;
};

/** As banks write them: what changed between versions is the status, the party and where a name stands. */
function sample(version: CamtVersion): string {
  const isOld = version === '02' || version === '06';
  const party = (name: string, text: string) =>
    isOld ? `<${name}><Nm>${text}</Nm></${name}>` : `<${name}><Pty><Nm>${text}</Nm></Pty></${name}>`;
  const status = (code: string) => (isOld ? `<Sts>${code}</Sts>` : `<Sts><Cd>${code}</Cd></Sts>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}">
 <BkToCstmrStmt>
  <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-22T00:10:00</CreDtTm><MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>
  <Stmt>
   <Id>S-1</Id>
   <ElctrncSeqNb>7</ElctrncSeqNb>
   ${version === '02' ? '' : '<FrToDt><FrDtTm>2026-11-21T00:00:00</FrDtTm><ToDtTm>2026-11-21T23:59:59.999</ToDtTm></FrToDt>'}
   <Acct><Id>${version === '02' ? '<IBAN>CN00DAOJU</IBAN>' : '<Othr><Id>CN00DAOJU</Id></Othr>'}</Id><Ccy>CNY</Ccy><Nm>Somebody</Nm></Acct>
   <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">90.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp><Amt Ccy="USD">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
   <TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><Sum>131.5</Sum></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>110.5</Sum></TtlCdtNtries></TxsSummry>
   <Ntry>
    <NtryRef>E1</NtryRef><Amt Ccy="CNY">110.5</Amt><CdtDbtInd>CRDT</CdtDbtInd>${status('BOOK')}
    <BookgDt><DtTm>2026-11-21T15:59:59.5Z</DtTm></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>
    <BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
    <NtryDtls><TxDtls>
     <Refs><EndToEndId>ord</EndToEndId><TxId>trd</TxId></Refs>
     <RltdPties>${party('Dbtr', 'Li &amp; Söhne')}${party('Cdtr', '林月')}</RltdPties>
     <RmtInf><Ustrd>one</Ustrd><Ustrd><![CDATA[<two>]]></Ustrd></RmtInf>
    </TxDtls></NtryDtls>
   </Ntry>
   <Ntry>
    <Amt Ccy="CNY">10</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>${status('BOOK')}<BookgDt><Dt>2026-11-21</Dt></BookgDt>
   </Ntry>
   <Ntry><NtryRef>E3</NtryRef><Amt Ccy="CNY">11</Amt><CdtDbtInd>DBIT</CdtDbtInd>${status('PDNG')}</Ntry>
   <x:Ntry xmlns:x="urn:other"><NtryRef>E1</NtryRef></x:Ntry>
  </Stmt>
 </BkToCstmrStmt>
</Document>
`;
}

describe('a statement of another bank', () => {
  test.each(CAMT_VERSIONS)('version .001.%s reads into the same shape', (version) => {
    const statement = only(sample(version));
    expect(statement).toMatchObject({
      version,
      id: 'S-1',
      accountId: 'CN00DAOJU',
      from: Date.parse('2026-11-21T00:00:00+08:00'),
      before: Date.parse('2026-11-22T00:00:00+08:00'),
      openingFen: -1_000n,
      closingFen: 9_050n,
    });
    expect(statement.entries).toEqual([
      {
        line: 14,
        ref: 'E1',
        amountFen: 11_050n,
        isCredit: true,
        isReversal: false,
        status: 'BOOK',
        bookedOn: '2026-11-21',
        bookedAt: Date.parse('2026-11-21T15:59:59.500Z'),
        servicerRef: 'B1',
        details: [
          {
            endToEndId: 'ord',
            txId: 'trd',
            servicerRef: null,
            debtor: { name: 'Li & Söhne', id: null },
            ultimateDebtor: null,
            creditor: { name: '林月', id: null },
            ultimateCreditor: null,
            remittance: ['one', '<two>'],
          },
        ],
      },
      expect.objectContaining({ ref: null, amountFen: 1_000n, isReversal: true, bookedOn: '2026-11-21', bookedAt: null, details: [] }),
      expect.objectContaining({ ref: 'E3', status: 'PDNG', bookedOn: null }),
    ]);
  });

  test('a prefix, CRLF, a byte order mark and US-ASCII are fine', () => {
    const plain = sample('08');
    const prefixed = plain
      .replaceAll(/<(\/?)([A-Z])/g, '<$1p:$2')
      .replace('xmlns=', 'xmlns:p=')
      .replace('<![p:CDATA', '<![CDATA')
      .replace('<p:two', '<two');
    for (const xml of [prefixed, plain.replaceAll('\n', '\r\n'), `\ufeff${plain}`])
      expect(only(xml.replace('<![CDATA[<p:two>]]>', '<![CDATA[<two>]]>'))).toEqual(only(plain));
  });

  test.each([
    ['2026-11-21T24:00:00', '2026-11-21T16:00:00.000Z'],
    ['2026-11-21T10:00:00+02:00', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T10:00:00.123456', '2026-11-21T02:00:00.123Z'],
  ])('%s is %s', (text, iso) => {
    expect(only(sample('08').replace('2026-11-21T15:59:59.5Z', text)).entries[0]?.bookedAt).toBe(Date.parse(iso));
  });
});

const REFUSED: readonly (readonly [string, (xml: string) => string, string, number])[] = [
  ['a tag that nobody closes', (xml) => xml.replace('</Stmt>', ''), 'xml_not_well_formed', 30],
  ['an end without', (xml) => xml.slice(0, -12), 'xml_not_well_formed', 31],
  ['a second root', (xml) => `${xml}<a/>`, 'xml_not_well_formed', 32],
  ['an entity that nobody knows', (xml) => xml.replace('Somebody', '&who;'), 'xml_not_well_formed', 9],
  ['nothing at all', () => '', 'xml_not_well_formed', 1],
  ['a DOCTYPE with entities', (xml) => xml.replace('<Document', '<!DOCTYPE Document [<!ENTITY a "b">]>\n<Document'), 'xml_doctype', 2],
  ['another encoding', (xml) => xml.replace('UTF-8', 'GB18030'), 'xml_encoding', 1],
  ['a pit', (xml) => xml.replace('<Ccy>', `${'<a>'.repeat(99)}${'</a>'.repeat(99)}<Ccy>`), 'xml_too_deep', 9],
  ['camt.054', (xml) => xml.replace('camt.053', 'camt.054'), 'camt_unknown', 2],
  ['version .04', (xml) => xml.replace('.001.08', '.001.04'), 'camt_unknown', 2],
  ['no namespace', (xml) => xml.replace(/ xmlns="[^"]+"/, ''), 'camt_unknown', 2],
  ['the second of two pages', (xml) => xml.replace('<PgNb>1', '<PgNb>2'), 'camt_paged', 4],
  ['more pages to come', (xml) => xml.replace('<LastPgInd>true', '<LastPgInd>false'), 'camt_paged', 4],
  ['no account', (xml) => xml.replace(/<Acct>.*<\/Acct>/, ''), 'camt_element_missing', 5],
  ['no closing balance', (xml) => xml.replace('CLBD', 'ITBD'), 'camt_element_missing', 5],
  ['two opening balances', (xml) => xml.replace('CLBD', 'OPBD'), 'camt_element_doubled', 11],
  ['two amounts', (xml) => xml.replace('<CdtDbtInd>DBIT</CdtDbtInd><Rvsl', '<Amt Ccy="CNY">1</Amt>$&'), 'camt_element_doubled', 25],
  ['dollars', (xml) => xml.replace('<Amt Ccy="CNY">110.5', '<Amt Ccy="USD">110.5'), 'camt_currency', 15],
  ['an account in dollars', (xml) => xml.replace('<Ccy>CNY', '<Ccy>USD'), 'camt_currency', 9],
  ['an amount without currency', (xml) => xml.replace('<Amt Ccy="CNY">110.5', '<Amt>110.5'), 'camt_currency', 15],
  ['thousandths', (xml) => xml.replace('110.5</Amt>', '110.500</Amt>'), 'camt_amount_decimals', 15],
  ['a negative amount', (xml) => xml.replace('>110.5</Amt>', '>-110.5</Amt>'), 'camt_value_malformed', 15],
  ['a comma', (xml) => xml.replace('>110.5</Amt>', '>110,50</Amt>'), 'camt_value_malformed', 15],
  ['an exponent', (xml) => xml.replace('>110.5</Amt>', '>1e2</Amt>'), 'camt_value_malformed', 15],
  ['a direction of its own', (xml) => xml.replace('CRDT</CdtDbtInd><Sts>', 'IN</CdtDbtInd><Sts>'), 'camt_value_malformed', 15],
  ['30 February', (xml) => xml.replace('2026-11-21T15:59:59.5Z', '2026-02-30T15:59:59Z'), 'camt_value_malformed', 16],
  ['a period that ends first', (xml) => xml.replace('2026-11-21T23', '2026-11-20T23'), 'camt_value_malformed', 8],
  ['a booked entry without a date', (xml) => xml.replace(/<BookgDt><Dt>.*<\/BookgDt>/, ''), 'camt_element_missing', 24],
  ['one entry less than counted', (xml) => xml.replace('<NbOfNtries>3', '<NbOfNtries>4'), 'camt_summary_differs', 13],
  ['another sum of credits', (xml) => xml.replace('<Sum>110.5', '<Sum>110.4'), 'camt_summary_differs', 13],
  ['a closing that does not follow', (xml) => xml.replace('>90.50<', '>90.51<'), 'camt_unbalanced', 11],
  ['the same reference twice', (xml) => xml.replace('<NtryRef>E3', '<NtryRef>E1'), 'camt_entry_doubled', 27],
];

describe('refused with a code at its line', () => {
  test.each(REFUSED)('%s', (_, change, code, line) => {
    const xml = sample('08');
    const changed = change(xml);
    expect(changed).not.toBe(xml);
    expect(refusalOf(utf8(changed))).toEqual({ code, line });
  });
  test('the same statement twice', () => {
    const xml = sample('08');
    const statement = xml.slice(xml.indexOf('<Stmt>'), xml.indexOf('</BkToCstmrStmt>'));
    expect(refusalOf(utf8(xml.replace(statement, statement + statement)))).toMatchObject({ code: 'camt_statement_doubled' });
  });
  test('bytes that are no UTF-8, UTF-16, and more of them than are read', () => {
    const latin = Uint8Array.from(sample('08').replace('Somebody', 'S\u00f6') as string, (letter) => letter.charCodeAt(0) & 0xff);
    expect(refusalOf(latin)).toEqual({ code: 'xml_encoding', line: 9 });
    expect(refusalOf(Uint8Array.of(0xff, 0xfe, 0x3c, 0))).toEqual({ code: 'xml_encoding', line: 1 });
    expect(refusalOf(utf8(sample('08')), 500)).toEqual({ code: 'xml_too_large', line: 1 });
  });
});

/** The sample as three pages: −10.00 opens, 100.50 after its first entry, a pending one alone, 90.50 closes. */
describe('a statement of several pages', () => {
  const whole = sample('08');
  const entries = whole.match(/ {3}<Ntry>[\s\S]*?<\/Ntry>\n/g) ?? [];
  const balance = (code: string, text: string) => {
    const [debit, amount] = text.startsWith('-') ? ['DBIT', text.slice(1)] : ['CRDT', text];
    return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>${debit}</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>\n`;
  };
  type Drawn = readonly [isLast: boolean, balances: readonly (readonly [string, string])[], entries: readonly number[]];
  const THREE: readonly Drawn[] = [
    [
      false,
      [
        ['OPBD', '-10'],
        ['ITBD', '100.50'],
      ],
      [0],
    ],
    [
      false,
      [
        ['ITBD', '100.50'],
        ['ITBD', '100.50'],
      ],
      [2],
    ],
    [
      true,
      [
        ['ITBD', '100.50'],
        ['CLBD', '90.50'],
      ],
      [1],
    ],
  ];
  const draw = ([isLast, balances, of]: Drawn, at: number, counted: 'StmtPgntn' | 'MsgPgntn' = 'StmtPgntn'): string => {
    const pagination = (name: string) => `<${name}><PgNb>${at + 1}</PgNb><LastPgInd>${isLast}</LastPgInd></${name}>`;
    return whole
      .replace(/<MsgPgntn>.*<\/MsgPgntn>/, counted === 'MsgPgntn' ? pagination(counted) : '')
      .replace('<ElctrncSeqNb>', `${counted === 'StmtPgntn' ? pagination(counted) : ''}<ElctrncSeqNb>`)
      .replace(/ {3}<Bal>[\s\S]*<\/TxsSummry>\n/, balances.map(([code, text]) => balance(code, text)).join(''))
      .replace(/ {3}<Ntry>[\s\S]*<\/Ntry>\n(?= {3}<x:)/, of.map((each) => entries[each]).join(''))
      .replace(/ {3}<x:Ntry.*\n/, '');
  };
  const drawn = (counted?: 'StmtPgntn' | 'MsgPgntn', three = THREE) => three.map((page, at) => draw(page, at, counted));
  const readFiles = (files: readonly string[]) => readCamtFiles(files.map((text) => utf8(text)));
  const refused = (files: readonly string[]) => {
    try {
      readFiles(files);
    } catch (error) {
      if (error instanceof CamtRefused) return [error.code, error.facts.file];
      throw error;
    }
    return null;
  };
  const shape = ({ id, accountId, from, before, openingFen, closingFen, entries: read }: ReadStatement) => ({
    ...{ id, accountId, from, before, openingFen, closingFen },
    entries: read.map(({ line: _, ...rest }) => rest),
  });
  const expected = () => {
    const { entries: [first, second, third] = [], ...rest } = shape(only(whole));
    return { ...rest, entries: [first, third, second] };
  };

  test.each(['StmtPgntn', 'MsgPgntn'] as const)(
    'counted by %s, in any order, without interim balances too: the whole statement',
    (counted) => {
      const [one = '', two = '', three = ''] = drawn(counted);
      expect(readFiles([three, one, two]).map(shape)).toEqual([expected()]);
      const bare = [one, two, three].map((text) => text.replaceAll(/<Bal>(?:(?!<Bal>).)*ITBD.*\n/g, ''));
      expect(bare.join('')).not.toContain('ITBD');
      expect(readFiles(bare).map(shape)).toEqual([expected()]);
      // Another statement beside it, whole.
      const other = whole.replace('S-1', 'S-2').replace('CN00DAOJU', 'CN00OTHER');
      expect(readFiles([other, one, two, three]).map(({ id, entries: read }) => [id, read.length])).toEqual([
        ['S-2', 3],
        ['S-1', 3],
      ]);
    },
  );

  test.each<readonly [string, (pages: readonly string[]) => readonly string[], string, string | undefined]>([
    ['one page alone', ([one = '']) => [one], 'camt_paged', undefined],
    ['the last page alone', ([, , three = '']) => [three], 'camt_paged', undefined],
    ['a gap', ([one = '', , three = '']) => [one, three], 'camt_page_missing', '2'],
    ['no first page', ([, two = '', three = '']) => [two, three], 'camt_page_missing', '1'],
    ['no last page', ([one = '', two = '']) => [one, two], 'camt_page_missing', '2'],
    ['a page twice', ([one = '', two = '', three = '']) => [one, two, two, three], 'camt_page_doubled', '3'],
    [
      'a page after the last',
      ([one = '', two = '', three = '']) => [one, two.replace('<LastPgInd>false', '<LastPgInd>true'), three],
      'camt_page_after_last',
      '2',
    ],
    [
      'another account',
      ([one = '', two = '', three = '']) => [one, two.replace('CN00DAOJU', 'CN00OTHER'), three],
      'camt_page_differs',
      '2',
    ],
    [
      'another number',
      ([one = '', two = '', three = '']) => [one, two, three.replace('<ElctrncSeqNb>7', '<ElctrncSeqNb>8')],
      'camt_page_differs',
      '3',
    ],
    ['another period', ([one = '', two = '', three = '']) => [one, two.replace('T23:59', 'T22:59'), three], 'camt_page_differs', '2'],
    ['another version', ([one = '', two = '', three = '']) => [one, two.replace('.001.08', '.001.10'), three], 'camt_page_differs', '2'],
    [
      'a balance that does not go on',
      ([one = '', two = '', three = '']) => [one, two.replaceAll('100.50', '100.51'), three],
      'camt_page_balance',
      '2',
    ],
    [
      'a balance on one side alone',
      ([one = '', two = '', three = '']) => [one.replace(/<Bal>(?:(?!<Bal>).)*ITBD.*\n/, ''), two, three],
      'camt_page_balance',
      '2',
    ],
    [
      'a page that does not add up',
      ([one = '', two = '', three = '']) => [one.replace('>110.5<', '>110.6<'), two, three],
      'camt_unbalanced',
      '1',
    ],
    ['an entry on two pages', ([one = '', two = '', three = '']) => [one, two.replace('E3', 'E1'), three], 'camt_entry_doubled', '2'],
    [
      'an opening balance on the second page',
      ([one = '', two = '', three = '']) => [one, two.replace('ITBD', 'OPBD'), three],
      'camt_element_doubled',
      '2',
    ],
    [
      'one interim balance where two belong',
      ([one = '', two = '', three = '']) => [one, two.replace(/<Bal>.*\n/, ''), three],
      'camt_element_missing',
      '2',
    ],
    ['a page that is no XML', ([one = '', two = '', three = '']) => [one, two.slice(0, -9), three], 'xml_not_well_formed', '2'],
    ['the whole statement beside its pages', (pages) => [whole, ...pages], 'camt_statement_doubled', '2'],
  ])('%s', (_, change, code, file) => {
    expect(refused(change(drawn()))).toEqual([code, file]);
  });

  test('a summary of the page or of the whole is fine, another is not', () => {
    const withSummary = (count: number, sum: string) => {
      const [one = '', two = '', three = ''] = drawn();
      const summary = `<TxsSummry><TtlNtries><NbOfNtries>${count}</NbOfNtries><Sum>${sum}</Sum></TtlNtries></TxsSummry>`;
      return [one, two, three.replace(/ {3}<Ntry>/, `${summary}\n   <Ntry>`)];
    };
    expect([withSummary(1, '10'), withSummary(3, '131.5'), withSummary(2, '10')].map(refused)).toEqual([
      null,
      null,
      ['camt_summary_differs', '3'],
    ]);
  });
});

function refusalOf(bytes: Uint8Array, most?: number): unknown {
  try {
    readCamt(bytes, most);
  } catch (error) {
    if (error instanceof CamtRefused) return { code: error.code, line: error.line };
    throw error;
  }
  return null;
}

const period = parsePeriod('2026-11-27');
const LONG = 'instruction/12345678901234567890123456789/1';
const fundEntry = (ref: string, amountFen: bigint, changes: Partial<FundEntry> = {}): FundEntry => ({
  ref,
  source: ref,
  kind: 'hold',
  at: parseInstant('2026-11-27T03:00:00.000Z'),
  amountFen: fen(amountFen),
  isCredit: true,
  isReversal: false,
  orderId: `ord_${'1'.repeat(32)}`,
  tradeId: null,
  from: 'a'.repeat(64),
  to: null,
  ultimateFrom: null,
  ultimateTo: null,
  tax: null,
  ...changes,
});
const fundStatement = (entries: readonly FundEntry[]): FundStatement => ({
  account: { id: 'DAOJU-ORDERS', name: 'Orders', currency: 'CNY', servicer: 'Bank' },
  period,
  sequence: 1,
  createdAt: period.before,
  openingFen: fen(-500n),
  closingFen: fen(entries.reduce((sum, { isCredit, amountFen }) => (isCredit ? sum + amountFen : sum - amountFen), -500n)),
  heldFen: null,
  entries,
});
const ENTRIES = [
  fundEntry(LONG, 12_345n),
  fundEntry('instruction/2/1', 345n, { isCredit: false, isReversal: true, from: null, to: 'operator', tradeId: `trd_${'2'.repeat(32)}` }),
];

test('our own statement reads back equal', () => {
  const written = fundStatement(ENTRIES);
  const statement = only(writeStatements([written]));
  expect(statement).toMatchObject({ version: '10', accountId: 'DAOJU-ORDERS', from: period.from, before: period.before });
  expect([statement.openingFen, statement.closingFen]).toEqual([written.openingFen, written.closingFen]);
  const person = (id: string | null) => (id === null ? null : { name: null, id: isoId(id) });
  expect(statement.entries.map(({ line: _, ...entry }) => entry)).toEqual(
    written.entries.map((entry) => ({
      ref: isoId(entry.ref),
      amountFen: entry.amountFen,
      isCredit: entry.isCredit,
      isReversal: entry.isReversal,
      status: 'BOOK',
      bookedOn: '2026-11-27',
      bookedAt: entry.at,
      servicerRef: isoId(entry.source),
      details: [
        {
          endToEndId: entry.orderId === null ? null : isoId(entry.orderId),
          txId: entry.tradeId === null ? null : isoId(entry.tradeId),
          servicerRef: isoId(entry.source),
          debtor: person(entry.from),
          ultimateDebtor: null,
          creditor: entry.to === null ? null : { name: 'Daoju, operator', id: null },
          ultimateCreditor: null,
          remittance: [entry.orderId, entry.tradeId].filter((id) => id !== null),
        },
      ],
    })),
  );
});

describe('held against our own journal', () => {
  const own = (entries: readonly OwnEntry[] = ENTRIES, changes: Partial<OwnAccount> = {}): OwnAccount => ({
    openingFen: -500n,
    closingFen: 11_500n,
    entries,
    ...changes,
  });
  const of = (entries: readonly FundEntry[], account = own()) => compareStatement(only(writeStatements([fundStatement(entries)])), account);
  const [first, second] = ENTRIES;
  const changed = (changes: Partial<FundEntry>) => of([{ ...(first as FundEntry), ...changes }, second as FundEntry]);
  const kinds = (differences: ReturnType<typeof of>) => differences.map(({ kind, ref, ours, theirs }) => [kind, ref, ours, theirs]);

  test('nothing differs', () => expect(of(ENTRIES)).toEqual([]));
  test('an amount', () => {
    expect(kinds(changed({ amountFen: fen(12_300n) }))).toEqual([
      ['balance_differs', 'CLBD', '11500', '11455'],
      ['amount_differs', LONG, '12345', '12300'],
    ]);
  });
  test('a direction', () => {
    expect(kinds(changed({ isCredit: false }))).toContainEqual(['direction_differs', LONG, 'CRDT', 'DBIT']);
  });
  test('a date', () => {
    expect(kinds(changed({ at: parseInstant('2026-11-27T16:30:00.000Z') }))).toEqual([['date_differs', LONG, '2026-11-27', '2026-11-28']]);
  });
  test('one that we do not know, and one that the bank does not', () => {
    expect(kinds(of([second as FundEntry, fundEntry('other', 7n, { orderId: null })]))).toEqual([
      ['balance_differs', 'CLBD', '11500', '-838'],
      ['missing_with_us', 'other', null, '7'],
      ['missing_at_bank', LONG, '12345', null],
    ]);
  });
  test('a bank with references of its own is matched by ours that it repeats, or by order with amount and direction', () => {
    expect(changed({ ref: 'their-own' })).toEqual([]);
    expect(changed({ ref: 'their-own', source: 'theirs too' })).toEqual([]);
    expect(kinds(changed({ ref: 'their-own', source: 'theirs too', amountFen: fen(12_300n) })).map(([kind]) => kind)).toEqual([
      'balance_differs',
      'missing_with_us',
      'missing_at_bank',
    ]);
  });
  test('what we booked after midnight is of another date, not missing; what lies beside the period is not asked of the bank', () => {
    const late = { ...(first as FundEntry), at: instant(period.before + 5) };
    expect(kinds(of(ENTRIES, own([late, second as FundEntry])))).toEqual([['date_differs', LONG, '2026-11-28', '2026-11-27']]);
    expect(of([second as FundEntry], own([late, second as FundEntry], { closingFen: -845n }))).toEqual([]);
  });
});
