/** Reports over a real market: closed periods, same bytes, signed, on the ledger, amended and not changed; their sums are the books' (V-24). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeHeader } from '#ledger/codec/header.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, fromHex, fromUtf8, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { constantOf, getPack, rememberPack } from '#sandbox/packs/pack.ts';
import { isoId } from '#sandbox/reports/iso-20022.ts';
import { labelAround, type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { compareStatementFile } from '#server/cli/compare-statement.ts';
import type { Tx } from '#server/db.ts';
import { silentLog } from '#server/log.ts';
import { getLargeValues } from '#server/market/large-values.ts';
import { getReturns, getReturnTrades } from '#server/market/returns.ts';
import { getSellerPage } from '#server/market/seller-page.ts';
import { readSnapshot, type Snapshot } from '#server/market/snapshot.ts';
import { findDifferences, listStatements } from '#server/reports/bank-statements.repo.ts';
import { buildReport } from '#server/reports/build-report.ts';
import { compareBankFiles } from '#server/reports/compare-bank-file.ts';
import { listStudios } from '#server/reports/decree-facts.repo.ts';
import { keepBankFiles } from '#server/reports/keep-bank-file.ts';
import { openReports } from '#server/reports/open-reports.ts';
import { keepsSchema } from '#server/reports/report-schemas.ts';
import type { ReportSummary, Reports } from '#server/reports/reports.ts';
import { type AuthorityFault, simulatedAuthority } from '#server/reports/simulated-authority.ts';
import type { LargeValues } from '#server/trpc/views.ts';
import { demonstrationStudioAcct } from '#server/workers/demonstration/studio-account.ts';
import { findHledger } from '#test/support/hledger.ts';
import { openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import type { Kind } from '#test/support/market-rig.ts';

const TAX = { staffId: 't', role: 'sup_tax' } as const;
const FINANCE = { staffId: 'f', role: 'sup_finance' } as const;
const MARKET = { staffId: 'm', role: 'sup_market' } as const;
const AUDITOR = { staffId: 'a', role: 'auditor' } as const;
const HOUR_MS = 3_600_000;

let m: TestMarket;
let reports: Reports;
let day: string;
let ring: Kind;
/** What befalls the next hand-in at the simulated authority. */
let fault: AuthorityFault = null;
beforeAll(async () => {
  m = await openTestMarket();
  const { sql, clock, random, ledger, identity, outbox } = m;
  const { sm2, operator } = ledger;
  const authority = simulatedAuthority({ sql, sm2, publicKey: operator.publicKey, pack: () => getPack('CN'), fault: () => fault });
  reports = openReports({ sql, clock, random, log: silentLog, ledger, identity, outbox }, { authority });
  // The institution says of an amount that ends so that it came from a bank abroad.
  await m.fund(m.bob, 4_000_015n);
  ring = await m.kind('ring');
  const items = await m.mint(ring, m.amy, 3);
  await m.certify();
  day = beijingDate(m.clock.now());
  // The third passes the day line: two assessments are corrected.
  for (const [index, price] of [
    [0, 60_000n],
    [1, 30_000n],
    [2, 70_000n],
  ] as const) {
    const request = { classId: ring.classId, itemIds: [items[index] ?? ''] as never } as const;
    const listing = placed(await m.place(m.amy, await m.quote(m.amy, { ...request, intent: 'listing', priceFen: fen(price) })));
    placed(await m.place(m.bob, await m.quote(m.bob, { ...request, intent: 'take_listing', targetOrderId: listing.order.orderId })));
  }
  // One buy order stays, another is taken back.
  for (const priceFen of [fen(5_000n), fen(4_000n)]) {
    const { order } = placed(await m.place(m.bob, await m.quote(m.bob, { classId: ring.classId, intent: 'buy_order', priceFen })));
    if (priceFen === 4_000n) await m.cancel(m.bob, order);
  }
  await m.certify();
  expect(beijingDate(m.clock.now())).toBe(day);
});
afterAll(async () => {
  await reports.stop();
  await m.stop();
});

/** Two alerts, one of which became a case, and an identity that was opened in it and read twice. */
async function plantOversight(): Promise<void> {
  const at = new Date(`${day}T04:00:00Z`);
  const id = (prefix: string, digit: string) => `${prefix}_${digit.repeat(32)}`;
  const { sql } = m;
  await sql`insert into surveillance.facts (fact_no, kind, fact_id, at, body)
    values ((select coalesce(max(fact_no), 0) + 1 from surveillance.facts), 'trade', 'planted', ${at}, '{}')`;
  for (const digit of ['1', '2'])
    await sql`insert into surveillance.alerts (alert_id, detector, name, typology, score, first_at, at, trade_ids, account_refs, figures, explanation_zh,
        explanation_en, audience, pack_hash, first_fact_no, fact_no, revision, state, state_since, due_at)
      select ${id('alr', digit)}, 'CN-SV-03', 'wash_set', 'set', 60, ${at}, ${at}, '[]', '[]', '{}', '-', '-', '["market"]', ${new Uint8Array(32)},
        max(fact_no), max(fact_no), 1, 'new', ${at}, ${at} from surveillance.facts`;
  await sql`insert into surveillance.alert_steps values (${id('alr', '1')}, 1, 'new', 'triaged', ${at}, 's', 'sup_market', null),
    (${id('alr', '1')}, 2, 'triaged', 'case', ${at}, 's', 'sup_market', 'a ring of three')`;
  await sql`insert into cases.cases (case_id, source, topic, title, ground, audience, state, owner_staff, opened_by, opened_at, due_at)
    values (${id('cas', '1')}, 'own_motion', 'abuse', 'A ring', 'Rulebook CN-SV-03', '["market"]', 'open', 's', 's', ${at}, ${at})`;
  await sql`insert into cases.openings (opening_id, case_id, subject, legal_ground, reason, scope, state, asked_by, asked_role, asked_at, approved_by,
      approved_role, approved_at, tx_id, sealed_until)
    values (${id('opn', '1')}, ${id('cas', '1')}, ${m.amy.acct}, 'E-Commerce Law art. 25', 'Whose ring it is.', '["name"]', 'open', 's', 'sup_market', ${at},
      't', 'sup_finance', ${at}, ${new Uint8Array(32)}, ${new Date(at.getTime() + 180 * 24 * HOUR_MS)})`;
  await sql`insert into cases.opening_reads values (${id('opn', '1')}, 1, 's', 'sup_market', ${at}), (${id('opn', '1')}, 2, 's', 'sup_market', ${at})`;
}

/** Time passes, and the next block is certified. */
async function pass(milliseconds: number): Promise<void> {
  m.clock.advance(milliseconds);
  await m.mint(ring, m.cid, 1);
}

async function made(by: Parameters<Reports['order']>[0], kind: string, period: string): Promise<ReportSummary> {
  expect(await reports.order(by, kind, period)).toMatchObject({ kind: 'queued' });
  await reports.turn();
  const { reports: rows } = await reports.list(by.role);
  const row = rows.find((each) => each.kind === kind && each.period === period);
  if (row === undefined) throw new Error(`no report ${kind}`);
  return row;
}
async function textOf(by: Parameters<Reports['order']>[0], report: ReportSummary, ending: string): Promise<string> {
  return fromUtf8(await bytesOf(by, report, ending));
}
async function bytesOf(by: Parameters<Reports['order']>[0], { reportId, manifest }: ReportSummary, ending: string): Promise<Uint8Array> {
  const { files }: { files: { name: string; sm3: string }[] } = JSON.parse(manifest);
  const named = files.find(({ name }) => name.endsWith(ending));
  const answer = await reports.file(by.role, reportId, named?.name ?? '');
  if (answer.kind !== 'found') throw new Error(`no file ${ending}`);
  expect(toHex(sm3(answer.content))).toBe(named?.sm3);
  return answer.content;
}
const counts = ({ manifest }: ReportSummary): Readonly<Record<string, string>> => JSON.parse(manifest).counts;

/** By our own books, at the end of a day. */
async function heldByJournal(date: string): Promise<string | undefined> {
  const [row] = await m.sql<
    { fen: string }[]
  >`select sum(amount_fen)::text as fen from journal.postings join journal.entries using (entry_id)
    where at < ${new Date(`${date}T16:00:00Z`)} and (account_id like 'held:%' or account_id like 'coming:%')`;
  return row?.fen;
}
/** Every entry of the account of orders names one that exists, short and whole. */
async function expectOrders(text: string): Promise<void> {
  const rows = await m.sql<{ order_id: string }[]>`select order_id from market.orders`;
  const known = new Map(rows.map(({ order_id: id }) => [isoId(id), id]));
  const entries = text.slice(0, text.indexOf('</Stmt>')).split('<Ntry>').slice(1);
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    const [named] = /(?<=<EndToEndId>)[^<]+/.exec(entry) ?? [];
    const order = known.get(named ?? '');
    expect(order).toBeDefined();
    expect(entry).toContain(`<Ustrd>${order}</Ustrd>`);
  }
}

/** A hold of 600 yuan has 1 less, a fee of 30 is gone, and 29 went out for what nobody knows: the file still adds up in itself. */
function alterOrders(xml: string): { readonly xml: string; readonly changed: string; readonly dropped: string } {
  const end = xml.indexOf('</Stmt>');
  const [head = '', ...entries] = xml
    .slice(0, end)
    .replace(/<TxsSummry>.*<\/TxsSummry>/s, '')
    .split(/(?=<Ntry>)/);
  const at = (kind: string, amount: string) => entries.findIndex((entry) => entry.includes(kind) && entry.includes(`>${amount}<`));
  const [hold, fee] = [at('HOLD', '600.00'), at('FEE', '30.00')];
  const refOf = (index: number) => /<NtryRef>([^<]+)/.exec(entries[index] ?? '')?.[1] ?? '';
  const added = (entries[fee] ?? '')
    .replace(/<NtryRef>[^<]+/, '<NtryRef>BANK-1')
    .replaceAll('>30.00<', '>29.00<')
    .replace(/<NtryDtls>.*<\/NtryDtls>/s, '')
    .replace(/<AcctSvcrRef>[^<]+/, '<AcctSvcrRef>BANK');
  const changed = entries.map((entry, index) =>
    index === hold ? entry.replaceAll('>600.00<', '>599.00<') : index === fee ? added : entry,
  );
  return { xml: [head, ...changed, xml.slice(end)].join(''), changed: refOf(hold), dropped: refOf(fee) };
}

/** The orders' statement cut after its fifth entry; that of customers stays whole in the first file. */
function inTwoPages(xml: string): readonly [string, string] {
  const end = xml.indexOf('</Stmt>');
  const [head = '', ...entries] = xml.slice(0, end).split(/(?=<Ntry>)/);
  const page = (number: number, isLast: boolean, without: 'OPBD' | 'CLBD') =>
    head
      .replace(/<TxsSummry>.*<\/TxsSummry>/s, '')
      .replace('<ElctrncSeqNb>', `<StmtPgntn><PgNb>${number}</PgNb><LastPgInd>${isLast}</LastPgInd></StmtPgntn>$&`)
      .replace(new RegExp(`<Bal>(?:(?!<Bal>).)*<Cd>${without}</Cd>.*?</Bal>`, 's'), '');
  const foot = xml.slice(xml.lastIndexOf('</Stmt>'));
  return [page(1, false, 'CLBD') + entries.slice(0, 5).join('') + xml.slice(end), page(2, true, 'OPBD') + entries.slice(5).join('') + foot];
}

/** Puts a pack with other values in force before the quarter ends. */
const putPack = (version: string, values: Readonly<Record<string, string>>) => (tx: Tx) => {
  const base = getPack('CN');
  const changed = Object.entries(values).map(([name, value]) => [name, { ...constantOf(base, name), value }] as const);
  const hash = rememberPack({ ...base, version, constants: { ...base.constants, ...Object.fromEntries(changed) } });
  return tx`insert into compliance.packs
    select ${fromHex(hash, 32)}, pack_id, ${version}, document, activated_at + interval '1 second', summary_zh, summary_en
    from compliance.packs where pack_id = 'CN' order by activated_at desc limit 1`;
};

describe('while the period runs', () => {
  test.each([
    ['a report that does not exist', TAX, 'tea-leaves', '2026-Q1', 'report_kind_unknown'],
    ['another authority’s', MARKET, 'decree-810', '2020-Q1', 'report_forbidden'],
    ['a quarter’s report of a day', TAX, 'decree-810', '2020-01-01', 'report_period_malformed'],
    ['no period at all', TAX, 'decree-810', 'soon', 'report_period_malformed'],
    ['a thirteenth month', TAX, 'decree-810', '2026-13', 'report_period_malformed'],
    ['a fifth quarter', TAX, 'decree-810', '2026-Q5', 'report_period_malformed'],
    ['a day that no month has', FINANCE, 'journal', '2026-02-30', 'report_period_malformed'],
    ['a year before time', TAX, 'decree-810', '0000-Q1', 'report_period_malformed'],
    ['a name of the prototype', TAX, '__proto__', '2026-Q1', 'report_kind_unknown'],
    ['a quarter before the first block', TAX, 'decree-810', '2020-Q1', 'report_period_early'],
    ['a day before the first block', FINANCE, 'journal', '2020-01-01', 'report_period_early'],
    ['a quarter to come', TAX, 'decree-810', '2099-Q1', 'report_period_open'],
    ['a day to come', FINANCE, 'journal', '2099-12-31', 'report_period_open'],
  ])('%s is refused and nothing is queued', async (_, by, kind, period, code) => {
    expect(await reports.order(by, kind, period)).toEqual({ kind: 'rejected', code });
    expect(await reports.turn()).toBe(0);
    expect(await m.sql`select 1 from reports.jobs union all select 1 from reports.reports`).toHaveLength(0);
  });
  test('an open period is refused', async () => {
    expect(await reports.order(FINANCE, 'camt-053', day)).toEqual({ kind: 'rejected', code: 'report_period_open' });
    expect(await reports.turn()).toBe(0);
  });
});

describe('when the day is over and a block is certified after it', () => {
  test('before that block there is no height to count to, and the report is refused as if the day still ran', async () => {
    m.clock.advance(24 * HOUR_MS);
    expect(await reports.order(FINANCE, 'journal', day)).toEqual({ kind: 'rejected', code: 'report_period_open' });
    await pass(1_000);
    expect(await reports.order(FINANCE, 'journal', beijingDate(m.clock.now()))).toEqual({ kind: 'rejected', code: 'report_period_open' });
  });

  test('the statement opens, counts and closes as the institution’s books do, to the fen', async () => {
    const report = await made(FINANCE, 'camt-053', day);
    const [bank] = await m.sql<{ fen: string }[]>`select -balance_fen as fen from psp.accounts where pot = 'bank'`;
    expect(counts(report)).toMatchObject({ openingFen: '0', closingFen: bank?.fen, reconciliationDiffFen: '0' });
    expect(await textOf(FINANCE, report, '.xml')).toContain('<Cd>CLBD</Cd>');
  });

  test('money of orders: each entry names its order, and the account closes with what the journal holds for orders at that day’s end (8.3)', async () => {
    const report = await made(FINANCE, 'camt-053', day);
    const held = await heldByJournal(day);
    // 160,000 fen of sales less 5 % and 2 %, and the buy order that stays.
    expect(held).toBe('153800');
    expect(counts(report)).toMatchObject({
      ...{ ordersOpeningFen: '0', ordersCreditFen: '169000', ordersDebitFen: '15200', ordersClosingFen: held, ordersHeldFen: held },
      ...{ ordersPaidInOtherwise: '0', ordersLeftOtherwise: '0', reconciliationDiffFen: '0' },
    });
    const text = await textOf(FINANCE, report, '.xml');
    await expectOrders(text);
    expect(text.match(/<Cd>(HOLD|FEE|ROYALTY|RELEASE)<\/Cd>/g)).toHaveLength(5 + 3 + 3 + 1);
    const events = await made(FINANCE, 'camt-054', day);
    expect((await textOf(FINANCE, events, '.xml')).split('<Ntfctn>')).toHaveLength(1 + Number(counts(events).entries));
  });

  test('the statement read back agrees with our own journal; one altered, one dropped and one added entry are found and kept with who and when', async () => {
    const xml = await textOf(FINANCE, await made(FINANCE, 'camt-053', day), '.xml');
    const compare = (...texts: readonly string[]) => m.sql.begin((tx) => compareBankFiles(tx, texts.map(utf8), m.clock.now()));
    const same = await compare(xml);
    expect(same.map(({ statement, booked, ours, differences }) => [statement.accountId, booked, ours.entries, differences])).toEqual([
      ['DAOJU-ORDERS', 12, 12, []],
      ['DAOJU-CUSTOMERS', 1, 1, []],
    ]);
    const hand = (text: string, fileName: string) =>
      keepBankFiles(m.sql, m.clock.now(), { ...FINANCE, files: [{ fileName, zipped: gzipSync(utf8(text)) }] });
    const altered = alterOrders(xml);
    await hand(altered.xml, 'altered.xml');
    await expect(hand(altered.xml.replace('</Stmt>', ''), 'torn.xml')).rejects.toMatchObject({ code: 'xml_not_well_formed' });
    await expect(hand(`${xml}${' '.repeat(16 * 1024 * 1024)}`, 'bomb.xml')).rejects.toMatchObject({ code: 'xml_too_large' });
    const kept = (await listStatements(m.sql, 10)).toReversed();
    expect(
      kept.map(({ fileName, staffId, at, accountId, differences }) => [fileName, staffId, at.getTime(), accountId, differences]),
    ).toEqual([
      ['altered.xml', FINANCE.staffId, m.clock.now(), 'DAOJU-ORDERS', 3],
      ['altered.xml', FINANCE.staffId, m.clock.now(), 'DAOJU-CUSTOMERS', 0],
    ]);
    const found = await findDifferences(m.sql, kept[0]?.number ?? '0');
    expect(found?.map(({ kind, ref, ours, theirs }) => [kind, ref, ours, theirs])).toEqual([
      ['amount_differs', altered.changed, '60000', '59900'],
      ['missing_with_us', 'BANK-1', null, '-2900'],
      ['missing_at_bank', altered.dropped, '-3000', null],
    ]);
    const answers: unknown[] = [];
    const io = { out: () => true, err: () => true, answer: (_: unknown, facts: object) => void answers.push(facts) };
    const command = async (...texts: readonly string[]): Promise<number> => {
      const folder = mkdtempSync(path.join(tmpdir(), 'daoju-'));
      const files = texts.map((text, at) => {
        const file = path.join(folder, `day-${at + 1}.xml`);
        writeFileSync(file, text);
        return file;
      });
      return compareStatementFile(files, true, io, (work) => work(m));
    };
    expect([await command(xml), await command(altered.xml), await command(xml.slice(0, -9))]).toEqual([0, 1, 2]);
    expect(answers).toMatchObject([
      { outcome: 'same' },
      { outcome: 'differs', statements: [{ accountId: 'DAOJU-ORDERS', differences: found }, { differences: [] }] },
      { outcome: 'refused', code: 'xml_not_well_formed' },
    ]);
    await expect(m.sql`update journal.bank_statements set differences = 0`).rejects.toThrow('append-only');
    // The same in two files, of which one alone is no statement: nothing differs, and both files are named.
    const [front, back] = inTwoPages(xml);
    expect([await command(back, front), await command(front)]).toEqual([0, 2]);
    expect(answers.slice(3)).toMatchObject([{ outcome: 'same' }, { outcome: 'refused', code: 'camt_paged' }]);
    const pages = [back, front].map((text, at) => ({ fileName: `page-${2 - at}.xml`, zipped: gzipSync(utf8(text)) }));
    expect((await keepBankFiles(m.sql, m.clock.now(), { ...FINANCE, files: pages })).flatMap(({ differences }) => differences)).toEqual([]);
    const paged = (await listStatements(m.sql, 10)).find(
      ({ fileName, accountId }) => fileName.includes(' + ') && accountId === 'DAOJU-ORDERS',
    );
    expect([paged?.fileName, paged?.figures.files?.map(({ sm3 }) => sm3)]).toEqual([
      'page-2.xml + page-1.xml',
      [back, front].map((text) => toHex(sm3(utf8(text)))),
    ]);
    // What is not over is compared with nobody's books.
    const early = m.sql.begin((tx) => compareBankFiles(tx, [utf8(xml)], instant(parsePeriod(day).before - 1)));
    await expect(early).rejects.toMatchObject({ code: 'camt_not_over', line: expect.any(Number) });
    await expect(compare(xml.replaceAll('DAOJU-CUSTOMERS', 'SOMEBODY'))).rejects.toMatchObject({ code: 'camt_account_unknown' });
  });

  test('what everybody paid in and out is held against the lines of the pack, and the day’s report is filed (CN-AML-03)', async () => {
    const report = await made(FINANCE, 'large-value', day);
    // Bob, Amy, the studio with its royalties and the operator with its fees.
    expect(counts(report)).toEqual({ reached: '0', counted: '4' });
    const document = JSON.parse(await textOf(FINANCE, report, '.json'));
    expect([document.reached, keepsSchema(document)]).toEqual([[], true]);
    const undone = m.sql.begin(async (tx) => {
      await putPack('2026.7', { amlNaturalDay: '4000015', amlCross: '4000016', amlEntityDay: '3200' })(tx);
      const seen = await getLargeValues({ tx, now: m.clock.now(), height: 0, viewer: null }, day);
      throw Object.assign(new Error('undone'), { seen });
    });
    const { seen } = await undone.catch((error) => error);
    const rows = seen.rows.map(
      (row: LargeValues['rows'][number]) => `${row.account} ${row.scope} ${row.direction} ${row.sumFen} ${row.count}`,
    );
    // 5 % of 160,000 fen; 2 %; and Bob's deposit, to the fen on the one line and a fen short of the other.
    expect(rows.slice(0, 4)).toEqual([
      'operator entity in 8000 3',
      'studio entity in 3200 3',
      'player natural in 4000015 1',
      'player cross_border in 4000015 1',
    ]);
    expect(rows.slice(4).sort()).toEqual(['player natural in 148800 3', 'player natural out 160000 3']);
    expect([seen.reached, seen.total, seen.isOver, seen.report.reportId]).toEqual([3, 6, true, report.reportId]);
    expect(seen.rows[3].reachedAt).toBeNull();
  });

  test('the signature holds, the digest stands on the ledger, and the completeness statement is the feed’s', async () => {
    const report = await made(MARKET, 'trade-report', day);
    const { ledger } = m;
    expect(toHex(sm3(utf8(report.manifest)))).toBe(report.sm3);
    const message = concat(utf8('daoju.report/1\n'), utf8(report.manifest));
    expect(ledger.sm2.verify(ledger.operator.publicKey, message, fromHex(report.sig, 64))).toBe(true);
    expect(ledger.sm2.verify(ledger.operator.publicKey, concat(message, Uint8Array.of(32)), fromHex(report.sig, 64))).toBe(false);
    await m.certify();
    const status = await ledger.status(fromHex(report.txId, 32));
    const entry = status?.index == null ? null : await ledger.entry(status.index);
    expect(entry?.entry.env.body.op).toMatchObject({ kind: 'attest', attestKind: 2, doc: fromHex(report.sm3, 32) });
    const [feed] = await m.sql<{ first: string; last: string; n: number; trades: number }[]>`
      select min(seq) as first, max(seq) as last, count(*)::int as n, (count(*) filter (where type = 'mkt.trade'))::int as trades from outbox.messages where room = 'sup:market'`;
    expect(JSON.parse(report.manifest).completeness).toEqual({
      room: 'sup:market',
      first: Number(feed?.first),
      last: Number(feed?.last),
      count: feed?.n,
    });
    expect(counts(report).trades).toBe(String(feed?.trades));
  });

  test('the ledger head is of the height that the report names, and its bytes lead to that header (V-24)', async () => {
    const report = await made(AUDITOR, 'ledger-head', day);
    const text = await textOf(AUDITOR, report, '.json');
    const { checkpoint } = JSON.parse(text);
    expect(keepsSchema(JSON.parse(text))).toBe(true);
    expect([checkpoint.height, counts(report)]).toEqual([report.height, { height: report.height }]);
    const block = await m.ledger.block(BigInt(report.height));
    expect(toHex(headerHash(decodeHeader(fromHex(checkpoint.header))))).toBe(toHex(block?.headerHash ?? new Uint8Array(0)));
    expect(checkpoint.signers).toHaveLength(block?.signers.length ?? 0);
    expect(keepsSchema({ ...JSON.parse(text), checkpoint: { ...checkpoint, logRoot: 'ab' } })).toBe(false);
  });

  test('taxes of the day: each settled trade once, the corrected ones named as corrections, all lines as the assessments have them', async () => {
    const report = await made(TAX, 'auth-034', day);
    const xml = await textOf(TAX, report, '.xml');
    expect(xml.match(/<TaxRptPurp>CORR<\/TaxRptPurp>/g)?.length).toBeGreaterThanOrEqual(2);
    const [sum] = await m.sql<{ fen: string }[]>`select sum(total_fen)::text as fen from compliance.assessments`;
    expect(counts(report).taxFen).toBe(sum?.fen);
  });

  test('the journal balances in an outside program, which gets the same balances', async () => {
    const report = await made(FINANCE, 'journal', day);
    const text = await textOf(FINANCE, report, '.journal');
    const hledger = findHledger();
    const run = (...args: string[]) => spawnSync(hledger, ['-f', '-', ...args], { input: text, encoding: 'utf8' });
    const checked = run('check');
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
    const balances = run('balance', '--flat', '--no-total', '-O', 'csv', 'income:fee', 'assets:provider').stdout;
    const rows = await m.sql<{ account_id: string; fen: string }[]>`
      select account_id, sum(amount_fen)::text as fen from journal.postings join journal.entries using (entry_id)
      where at < ${new Date(`${day}T16:00:00Z`)} and account_id in ('fee', 'provider') group by account_id order by account_id`;
    expect(rows.map(({ fen: amount }) => BigInt(amount))).not.toContain(0n);
    for (const { account_id: id, fen: amount } of rows) {
      const turned = -BigInt(amount);
      const yuan = `${turned < 0n ? '-' : ''}${(turned < 0n ? -turned : turned) / 100n}`;
      expect(balances).toContain(`"${id === 'fee' ? 'income:fee' : 'assets:provider'}","${yuan}.`);
    }
  });

  test('asked for again with nothing new, the report stays the one it is; same height, same bytes', async () => {
    const before = await made(FINANCE, 'camt-053', day);
    await pass(2 * 60_000);
    expect((await made(FINANCE, 'camt-053', day)).reportId).toBe(before.reportId);
    expect(await m.sql`select 1 from reports.reports where kind = 'camt-053'`).toHaveLength(1);
  });

  test('nothing in a report can be changed', async () => {
    await expect(m.sql`update reports.reports set manifest = '{}'`).rejects.toThrow(/append-only/);
    await expect(m.sql`delete from reports.files`).rejects.toThrow(/append-only/);
  });
});

describe('at the authority', () => {
  const filingOf = async (report: ReportSummary) => (await reports.list('sup_market')).filings.get(report.reportId);
  /** The slowest answer takes 69 s. */
  const answered = async () => {
    m.clock.advance(10 * 60_000);
    await reports.turn();
  };
  const owed = async () => (await reports.list('sup_market')).due.find(({ kind, period }) => kind === 'trade-report' && period === day);

  test('what the authority accepts has its receipt number and is filed, and the answer stands', async () => {
    await answered();
    const report = await made(MARKET, 'trade-report', day);
    expect(await filingOf(report)).toMatchObject({ authority: 'simulated', state: 'accepted', isLate: false, reason: null });
    expect((await filingOf(report))?.receiptNo).toMatch(/^SIM-\d{8}-[0-9A-F]{10}$/);
    expect(await owed()).toMatchObject({ state: 'accepted', isOverdue: false });
    await expect(m.sql`update reports.filings set state = 'rejected', reason = 'file_damaged', receipt_no = null, is_late = null
      where report_id = ${report.reportId}`).rejects.toThrow(/kept as it was given/);
  });

  test('a silent authority is asked again; a rejected report is overdue until its amendment, with the same facts, is accepted; late when it came late', async () => {
    const next = beijingDate(m.clock.now());
    await pass(24 * HOUR_MS);
    fault = 'silent';
    const first = await made(MARKET, 'trade-report', next);
    const triesOf = () => m.sql`select state, attempts from reports.filings where report_id = ${first.reportId}`;
    expect(await triesOf()).toEqual([{ state: 'waiting', attempts: 1 }]);
    fault = 'damaged';
    // Handed in, and then answered.
    await answered();
    await answered();
    expect(await triesOf()).toEqual([{ state: 'rejected', attempts: 2 }]);
    expect(await filingOf(first)).toMatchObject({ state: 'rejected', reason: 'file_damaged', receiptNo: null });
    fault = null;
    await pass(25 * HOUR_MS);
    const due = async () => (await reports.list('sup_market')).due.find(({ kind, period }) => kind === 'trade-report' && period === next);
    expect(await due()).toMatchObject({ state: 'rejected', isOverdue: true });
    expect(await reports.order(MARKET, 'trade-report', next)).toMatchObject({ kind: 'queued' });
    await reports.turn();
    await answered();
    const rows = (await reports.list('sup_market')).reports.filter(({ kind, period }) => kind === 'trade-report' && period === next);
    const amended = rows.find(({ version }) => version === 2);
    if (amended === undefined) throw new Error('no amendment');
    expect(amended.amends).toBe(first.reportId);
    expect(await filingOf(amended)).toMatchObject({ state: 'accepted', isLate: true });
    expect((await due())?.isOverdue ?? false).toBe(false);
  });

  test('every document that was made keeps the schema that it names', async () => {
    const files = await m.sql<{ content: Uint8Array }[]>`select content from reports.files where name like '%.json'`;
    const manifests = await m.sql<{ manifest: string }[]>`select manifest from reports.reports`;
    const documents = [...files.map(({ content }) => fromUtf8(content)), ...manifests.map(({ manifest }) => manifest)];
    expect(documents.length).toBeGreaterThan(4);
    for (const text of documents) expect([text.slice(0, 80), keepsSchema(JSON.parse(text))]).toEqual([text.slice(0, 80), true]);
  });
});

describe('when the quarter is over', () => {
  test('surveillance and access reports count what the quarter had and name nobody; the paper and its data are signed together', async () => {
    await plantOversight();
    await pass(95 * 24 * HOUR_MS);
    await reports.turn();
    const quarter = `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    const [seen, access] = [await made(MARKET, 'surveillance-summary', quarter), await made(AUDITOR, 'access-summary', quarter)];
    const found = JSON.parse(await textOf(MARKET, seen, '.json'));
    expect(found.totals).toEqual({ trades: 3, raised: 2, triaged: 1, toCase: 1, dismissed: 0, waiting: 1, precision: '100.0' });
    expect(found.detectors.find(({ detector }: { detector: string }) => detector === 'CN-SV-03')).toMatchObject({ raised: 2, waiting: 1 });
    expect(found.cases).toEqual({ opened: [{ topic: 'abuse', count: 1 }], closed: [], openAtEnd: 1 });
    expect(found.feed).toEqual(JSON.parse(seen.manifest).completeness);
    const opened = JSON.parse(await textOf(AUDITOR, access, '.json'));
    expect(opened.totals).toMatchObject({ asked: 1, opened: 1, reads: 2, told: 0, sealings: 0 });
    expect(opened.openings).toMatchObject([{ legalGround: 'E-Commerce Law art. 25', approvedRole: 'sup_finance', reads: 2 }]);
    for (const [by, report] of [
      [MARKET, seen],
      [AUDITOR, access],
    ] as const) {
      const text = await textOf(by, report, '.json');
      for (const trader of [m.amy, m.bob]) expect(text).not.toContain(trader.acct);
      expect(keepsSchema(JSON.parse(text))).toBe(true);
      expect(new TextDecoder('latin1').decode((await bytesOf(by, report, '.pdf')).subarray(0, 5))).toBe('%PDF-');
      // Made again from the same facts it is the same report, byte for byte: nothing is added.
      await pass(2 * 60_000);
      expect((await made(by, report.kind, quarter)).reportId).toBe(report.reportId);
    }
    expect(await reports.get('sup_tax', seen.reportId)).toEqual({ kind: 'rejected', code: 'report_forbidden' });
  });

  test('due reports come by themselves; CSV, sheet and JSON of Decree 810 say the same; the feed tells of it once', async () => {
    await pass(95 * 24 * HOUR_MS);
    expect(await reports.turn()).toBeGreaterThan(0);
    expect(await reports.turn()).toBe(0);
    const { reports: rows } = await reports.list('sup_tax');
    const report = rows.find(({ kind }) => kind === 'decree-810');
    if (report === undefined) throw new Error('no quarter report');
    const quarter = `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    const mine = report.period === quarter ? report : await made(TAX, 'decree-810', quarter);
    // 160,000 fen of sales, and the studio's royalties of 2 % on them, which cost no fee.
    expect(counts(mine)).toMatchObject({ sellers: '2', orders: '6', grossFen: '163200', feesFen: '8000' });
    const twin = JSON.parse(await textOf(TAX, mine, 'report.json'));
    expect(keepsSchema(twin)).toBe(true);
    const [person, studio] = [m.amy.acct, demonstrationStudioAcct()].map((code) => ({
      income: twin.income.find(({ sellerCode }: { sellerCode: string }) => sellerCode === code),
      identity: twin.identity.find(({ sellerCode }: { sellerCode: string }) => sellerCode === code),
    }));
    expect(person?.income).toMatchObject({ intangibleGrossFen: '160000', orderCount: 3, feesPaidFen: '8000' });
    expect(person?.identity).toMatchObject({
      ...{ taxId: 'demonstration lin-yue', registrationStatus: 'NONE_SMALL_SPORADIC', infoStatus: '新增', operationEnd: null },
    });
    expect([person?.identity.shopUrl, studio?.identity.shopUrl]).toEqual(
      [m.amy.acct, demonstrationStudioAcct()].map((acct) => `/sellers/${acct}`),
    );
    const [royalties] = await m.sql<
      { fen: string }[]
    >`select sum(royalty_fen)::text as fen from market.trades where settled_at is not null`;
    expect(studio?.income).toMatchObject({ intangibleGrossFen: royalties?.fen, orderCount: 3, feesPaidFen: '0' });
    expect(studio?.identity).toMatchObject({
      hasLicence: '是',
      idType: '统一社会信用代码',
      registrationStatus: 'REGISTERED',
      infoStatus: '新增',
      phone: '',
    });
    // A number that a studio has given with its application stands in the file.
    const undo = new Error('undo');
    const phones: (string | null)[] = [];
    await m.sql
      .begin(async (tx) => {
        await tx`insert into studio.studios (acct, name_en, tier, is_hosted, created_at)
          values (${demonstrationStudioAcct()}, 'Demonstration', 'standard', true, now()) on conflict do nothing`;
        await tx`insert into studio.applications (application_id, acct, name_zh, name_en, credit_code, licences, payout, certificate, is_licensed, signature, state, applied_at, phone)
          values (${`app_${'1'.repeat(32)}`}, ${demonstrationStudioAcct()}, '演示', 'Demonstration', '91440300708461136T', '[]', '{}',
            decode('00', 'hex'), false, decode(repeat('00', 64), 'hex'), 'active', now(), '020-38888812')`;
        const found = await listStudios(tx, parsePeriod(quarter), [demonstrationStudioAcct()]);
        phones.push(...found.map(({ phone }) => phone));
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    expect(phones).toEqual(['020-38888812']);
    expect(twin.platform).toMatchObject([{ name: '道具（演示平台，未登记）', entityRole: '交易撮合与信息服务' }]);
    expect(await textOf(TAX, mine, 'platform.csv')).toContain('平台域名');
    expect(await textOf(TAX, mine, 'income.csv')).toContain(',1600.00,0.00,1600.00,');
    const sheet = unzipSync(await bytesOf(TAX, mine, 'income.xlsx'));
    expect(strFromU8(sheet['xl/worksheets/sheet1.xml'] ?? new Uint8Array())).toContain('<v>1600</v>');
    const told = await m.sql<
      { body: string }[]
    >`select body from outbox.messages where type = 'tax.quarter.report' and body like ${`%${quarter}%`}`;
    expect(told.map(({ body }) => JSON.parse(body).fileHash)).toEqual([mine.sm3]);
    expect(told.map(({ body }) => JSON.parse(body).totals)).toEqual([
      { grossFen: '163200', refundFen: '0', netFen: '163200', feesFen: '8000' },
    ]);
    expect(await reports.get('sup_market', mine.reportId)).toEqual({ kind: 'rejected', code: 'report_forbidden' });
    expect(await reports.get('sup_tax', `rep_${'0'.repeat(32)}`)).toEqual({ kind: 'rejected', code: 'report_unknown' });
  });
});

describe('on the day on which the sales were paid out', () => {
  test('the statement has the sellers’ proceeds with their tax, every order’s debits add up to its pay-in, and nothing is left', async () => {
    await m.certify();
    const period = parsePeriod(beijingDate(m.clock.now()));
    const head = { height: 0n, checkpoint: null };
    const ground = (tx: Tx) => ({ tx, period, cutoff: period.before, head, openPerson: m.identity.openPerson, platform: null });
    const built = await m.sql.begin((tx) => buildReport('camt-053', ground(tx)));
    // The proceeds of three sales, and the buy order that nobody served.
    expect(await heldByJournal(period.label)).toBe('0');
    expect(built.counts).toMatchObject({
      ...{ ordersOpeningFen: '153800', ordersDebitFen: '153800', ordersClosingFen: '0', ordersHeldFen: '0' },
      ...{ ordersPaidInOtherwise: '0', ordersLeftOtherwise: '0', reconciliationDiffFen: '0' },
    });
    const text = fromUtf8(built.files.find(({ name }) => /^camt.053-[\d-]+.xml$/.test(name))?.content ?? new Uint8Array());
    await expectOrders(text);
    const taxes = text.match(/(?<=<TtlTaxAmt Ccy="CNY">)[\d.]+/g) ?? [];
    const [sum] = await m.sql<{ fen: string }[]>`select sum(total_fen)::text as fen from
      (select distinct on (trade_id) total_fen from compliance.assessments order by trade_id, version desc) a`;
    expect(taxes.reduce((total, each) => total + BigInt(each.replace('.', '')), 0n)).toBe(BigInt(sum?.fen ?? '0'));
  });
});

describe('the shop whose address the decree asks for', () => {
  test('anybody sees who sells there and what is for sale; who has never offered anything has none', async () => {
    const shop = (acct: AccountId) =>
      readSnapshot({ sql: m.sql, clock: m.clock }, null, async (snapshot) => ({ page: await getSellerPage(m, snapshot, acct) }));
    expect((await shop(m.bob.acct)).page).toBeNull();
    expect((await shop(m.amy.acct)).page).toMatchObject({
      kind: 'person',
      creditCode: null,
      closedAt: null,
      total: 0,
      listings: [],
      games: [],
    });
    expect((await shop(demonstrationStudioAcct())).page).toMatchObject({ kind: 'studio', games: [{ kinds: 1 }] });
    const items = await m.mint(ring, m.amy, 2);
    await m.certify();
    for (const [index, namedBuyer] of [undefined, m.bob.acct].entries()) {
      const wish = { classId: ring.classId, itemIds: [items[index] ?? ''] as never, intent: 'listing', priceFen: fen(9_000n) } as const;
      placed(await m.place(m.amy, await m.quote(m.amy, namedBuyer === undefined ? wish : { ...wish, namedBuyer })));
    }
    // What is kept for one buyer is nobody else's to see.
    const { page } = await shop(m.amy.acct);
    expect(page).toMatchObject({
      total: 1,
      listings: [{ listing: { priceFen: '9000', sellerRef: m.amy.acct }, card: { classId: ring.classId } }],
    });
  });
});

describe('what Decree 810 asks of a later quarter', () => {
  /** As the report of the quarter would have it, on facts that are thrown away again. */
  async function decreeOf(period: Period, plant: (tx: Tx) => Promise<unknown>) {
    const undone = m.sql.begin(async (tx) => {
      await plant(tx);
      const head = { height: 0n, checkpoint: null };
      const ground = { tx, period, cutoff: period.before, head, openPerson: m.identity.openPerson, platform: null };
      throw Object.assign(new Error('undone'), { built: await buildReport('decree-810', ground) });
    });
    const { built } = await undone.catch((error) => error);
    const file = built.files.find(({ name }: { name: string }) => name === 'report.json');
    return JSON.parse(fromUtf8(file.content));
  }
  const quarter = () => parsePeriod(labelAround('quarter', day));
  const next = () => parsePeriod(labelAround('quarter', quarter().beforeDate));
  const within = () => new Date(next().from + HOUR_MS);

  test('who sells nothing and changes nothing is not in it; a new bank card and a closed account are, with the day of the end', async () => {
    expect(await decreeOf(next(), async () => undefined)).toMatchObject({ identity: [], income: [] });
    const bound = await decreeOf(next(), (tx) => tx`update identity.cards set bound_at = ${within()} where acct = ${m.amy.acct}`);
    expect(bound).toMatchObject({ identity: [{ sellerCode: m.amy.acct, infoStatus: '变更', operationEnd: null }], income: [] });
    const closed = await decreeOf(next(), (tx) => tx`update identity.players set closed_at = ${within()} where acct = ${m.amy.acct}`);
    expect(closed).toMatchObject({ identity: [{ sellerCode: m.amy.acct, operationEnd: next().fromDate }], income: [] });
    // Bob has only ever bought.
    expect(
      (await decreeOf(next(), (tx) => tx`update identity.cards set bound_at = ${within()} where acct = ${m.bob.acct}`)).identity,
    ).toEqual([]);
  });

  test('without casual sellers (CN-RPT-12) the person is left out, unless registration is due; the studio stays', async () => {
    const casual = await decreeOf(quarter(), putPack('2026.8', { reportCasualSellers: 'false' }));
    expect(casual).toMatchObject({ income: [{ sellerCode: demonstrationStudioAcct() }], totals: { sellers: '1' } });
    const due = await decreeOf(quarter(), putPack('2026.9', { reportCasualSellers: 'false', noRegistrationMaxYear: '100000' }));
    expect(due.totals.sellers).toBe('2');
  });

  test('without anything on record the platform says nothing about itself', async () => {
    expect((await decreeOf(quarter(), async () => undefined)).platform).toEqual([]);
  });
});

describe('returns of the month on fees and royalties', () => {
  const month = () => day.slice(0, 'yyyy-mm'.length);
  const read = <T extends object>(tx: Tx, look: (snapshot: Snapshot) => Promise<T>) =>
    look({ tx, now: m.clock.now(), height: 0, viewer: null });
  const inTx = <T extends object>(look: (snapshot: Snapshot) => Promise<T>): Promise<T> =>
    readSnapshot({ sql: m.sql, clock: m.clock }, null, look);

  test('each payer’s gross is the sum of its trades, and tax follows from the sum', async () => {
    const [sums] =
      await m.sql`select sum(fee_fen)::text as fees, sum(royalty_fen)::text as royalties from market.trades where settled_at is not null`;
    const { returns, isOpen } = await inTx((snapshot) => getReturns(snapshot, month()));
    expect(isOpen).toBe(false);
    const [platform, studio] = returns ?? [];
    expect([platform?.payer, platform?.grossFen, studio?.grossFen]).toEqual([null, sums?.fees, sums?.royalties]);
    for (const each of returns ?? []) {
      const trades = await inTx((snapshot) => getReturnTrades(snapshot, month(), each.payer));
      expect(trades.sumFen).toBe(each.grossFen);
      expect(trades.rows.reduce((sum, row) => sum + BigInt(row.amountFen), 0n)).toBe(BigInt(each.grossFen));
      // Below the lines of a small-scale taxpayer (CN-VAT-03) and of the month.
      expect([each.taxpayer.vatStatus, each.totalFen]).toEqual(['SMALL_SCALE', '0']);
    }
    const undone = m.sql.begin(async (tx) => {
      // A line that both have passed: in the sum of twelve months, not of this one alone.
      await putPack('2026.6', { vatSmallScaleMax: '3000' })(tx);
      throw Object.assign(new Error('undone'), { above: await read(tx, (snapshot) => getReturns(snapshot, month())) });
    });
    const { above } = await undone.catch((error) => error);
    expect(above.returns).toHaveLength(2);
    for (const each of above.returns) {
      expect(each.taxpayer.vatStatus).toBe('GENERAL');
      const value = new Map(each.values.map(({ id, fen: amount }: { id: string; fen: string }) => [id, BigInt(amount)]));
      const gross = BigInt(each.grossFen);
      // 6 %, half up; due on the 15th of the next month or past its rest days.
      expect(value.get('sales')).toBe((gross * 200n + 106n) / 212n);
      expect(each.due.slice(0, 'yyyy-mm'.length) > month()).toBe(true);
    }
    const studioAcct = studio?.payer ?? undefined;
    expect((await inTx((snapshot) => getReturns(snapshot, month(), studioAcct))).returns).toEqual([studio]);
  });

  test('what is taken back stands against it, on the day on which it was', async () => {
    const before = await inTx((snapshot) => getReturns(snapshot, month()));
    const undone = m.sql.begin(async (tx) => {
      const [trade] = await tx<
        { trade_id: string; fee: string }[]
      >`select trade_id, fee_fen::text as fee from market.trades order by seq limit 1`;
      await tx`insert into market.trade_states (trade_id, step, state, at)
        select ${trade?.trade_id ?? ''}, max(step) + 1, 'reversed', ${new Date(`${day}T15:00:00Z`)} from market.trade_states where trade_id = ${trade?.trade_id ?? ''}`;
      const after = await read(tx, (snapshot) => getReturns(snapshot, month()));
      throw Object.assign(new Error('undone'), { after, fee: trade?.fee });
    });
    const { after, fee } = await undone.catch((error) => error);
    expect(BigInt(after.returns[0].grossFen)).toBe(BigInt(before.returns?.[0]?.grossFen ?? '0') - BigInt(fee));
  });

  test('a return is of one month', async () => {
    await expect(inTx((snapshot) => getReturns(snapshot, day))).rejects.toMatchObject({ code: 'report_period_malformed' });
    expect((await inTx((snapshot) => getReturns(snapshot, '2001-01'))).returns).toBeNull();
  });
});
