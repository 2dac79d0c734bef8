/** From facts to files, by kind. Everything is read in one snapshot, and a file is dated with the end of its period and not with the hour
 *  of its making: an amendment that changes no fact changes no byte, and is none. */
import type { Json } from '#ledger/codec/canonical-json.ts';
import { encodeFinality, encodeHeader } from '#ledger/codec/header.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { type BusinessHeader, writeBusinessHeader } from '#sandbox/reports/business-header.ts';
import type { PlatformFacts } from '#sandbox/reports/decree-810.ts';
import { writeDpi } from '#sandbox/reports/dpi.ts';
import { writeNotifications, writeStatements } from '#sandbox/reports/fund-statement.ts';
import { journalTable, writePlainText } from '#sandbox/reports/journal-report.ts';
import { accessSummary, type FeedSpan, surveillanceSummary } from '#sandbox/reports/oversight-report.ts';
import type { Period } from '#sandbox/reports/period.ts';
import { writeCsv } from '#sandbox/reports/table.ts';
import { writeTaxReport } from '#sandbox/reports/tax-report.ts';
import { tradeReport } from '#sandbox/reports/trade-report.ts';
import type { Tx } from '#server/db.ts';
import type { Identity } from '#server/identity/identity.ts';
import { buildDecree } from './build-decree.ts';
import { fundCounts, readFundStatements } from './build-fund-statement.ts';
import { readDayCounters } from './large-values.ts';
import { countSurveillance, listAccess } from './oversight-facts.repo.ts';
import { accessPdf, surveillancePdf } from './oversight-pdf.ts';
import * as facts from './report-facts.repo.ts';
import { CSV, jsonFile, type ReportFile, textFile } from './report-file.ts';
import { REPORT_KINDS, type ReportKind } from './report-kinds.ts';
import { reportedLine } from './reported-line.ts';

export type BuiltReport = {
  readonly files: readonly ReportFile[];
  readonly counts: Readonly<Record<string, string>>;
  readonly totals?: Readonly<Record<string, string>>;
};

export type BuildGround = {
  readonly tx: Tx;
  readonly period: Period;
  /** Of the header at the report's height: when the facts were complete. */
  readonly cutoff: Instant;
  readonly openPerson: Identity['openPerson'];
  /** Null: the operator has put nothing on record. */
  readonly platform: PlatformFacts | null;
  readonly head: { readonly height: bigint; readonly checkpoint: Json };
};

const XML = 'application/xml';
const PDF = 'application/pdf';

/** A message of ISO 20022 and, in a file of its own, the header that it travels with. */
function isoMessage(name: string, xml: string, header: Omit<BusinessHeader, 'from' | 'messageId'>): readonly ReportFile[] {
  const head = writeBusinessHeader({ from: 'DAOJU', messageId: name, ...header });
  return [textFile(`${name}.xml`, XML, xml), textFile(`${name}.head.001.xml`, XML, head)];
}

export function buildReport(kind: ReportKind, ground: BuildGround): Promise<BuiltReport> {
  switch (kind) {
    case 'decree-810':
      return buildDecree(ground);
    case 'oecd-dpi':
      return buildDpi(ground);
    case 'auth-034':
      return buildTaxReport(ground);
    case 'camt-053':
    case 'camt-054':
      return buildFundStatement(kind, ground);
    case 'large-value':
      return buildLargeValue(ground);
    case 'journal':
      return buildJournal(ground);
    case 'trade-report':
      return buildTradeReport(ground);
    case 'surveillance-summary':
      return buildSurveillanceSummary(ground);
    case 'access-summary':
      return buildAccessSummary(ground);
    case 'ledger-head':
      return buildHead(ground);
  }
}

/**
 * Pack CN admits residents of China only, and pack EU-DPI puts intangible items out of scope: no seller of this market is reportable to
 * another country, and the report says so in the form that the rules give for it (DPI403).
 */
async function buildDpi({ period }: BuildGround): Promise<BuiltReport> {
  const xml = writeDpi({
    kind: 'nothing',
    messageRefId: `CN-DAOJU-${period.label}-1`,
    year: period.label,
    createdAt: period.before,
    currency: 'CNY',
    transmittingCountry: 'CN',
    receivingCountry: 'CN',
    operator: {
      docRefId: `CN-DAOJU-${period.label}-OP`,
      name: 'Daoju',
      platform: 'Daoju 道具',
      country: 'CN',
      tin: 'NOTIN',
      address: 'China',
      nexus: 'RPONEX5',
    },
    sellers: [],
  });
  return { files: [textFile(`dpi-${period.label}.xml`, XML, xml)], counts: { reportableSellers: '0' } };
}

const PURPOSE = { settled: 'ORIG', day_line: 'CORR', reversed: 'RVSL' } as const satisfies Record<facts.AssessmentFact['cause'], string>;

async function buildTaxReport({ tx, period }: BuildGround): Promise<BuiltReport> {
  const assessments = await facts.listAssessments(tx, period);
  const sales = assessments.map(({ tradeId, version, cause, at, seller, assessment }) => ({
    id: version === 1 ? tradeId : `${tradeId}/${version}`,
    paidAt: at,
    sellerRef: seller,
    grossFen: assessment.input.grossFen,
    isTaxable: assessment.isTaxable,
    purpose: PURPOSE[cause],
    originalId: version === 1 ? null : tradeId,
    lines: assessment.lines.filter(({ amountFen }) => amountFen !== 0n).map(reportedLine),
  }));
  const xml = writeTaxReport({
    id: `TAX-${period.label}`,
    createdAt: period.before,
    authority: 'STA (demonstration)',
    currency: 'CNY',
    sales,
  });
  const taxFen = assessments.reduce((sum, { assessment }) => sum + assessment.taxTotalFen, 0n);
  return {
    files: isoMessage(`auth.034-${period.label}`, xml, {
      to: 'STA (demonstration)',
      definition: 'auth.034.001.01',
      createdAt: period.before,
    }),
    counts: { assessments: String(assessments.length), taxFen: String(taxFen) },
  };
}

async function buildFundStatement(kind: 'camt-053' | 'camt-054', { tx, period }: BuildGround): Promise<BuiltReport> {
  const statements = await readFundStatements(tx, period);
  const accounts = [statements.orders, statements.customers] as const;
  const text = kind === 'camt-053' ? writeStatements(accounts) : writeNotifications(accounts);
  const name = kind.replace('-', '.');
  const header = { to: 'SUP_FINANCE (demonstration)', definition: `${name}.001.10`, createdAt: period.before };
  return { files: isoMessage(`${name}-${period.label}`, text, header), counts: fundCounts(statements) };
}

/** Whoever came to a line that day; nobody is an answer too. */
async function buildLargeValue({ tx, period }: BuildGround): Promise<BuiltReport> {
  const { counters, packHash } = await readDayCounters(tx, period);
  const reached = counters.flatMap(({ ref, scope, direction, sumFen, lineFen, count, reachedAt }) =>
    reachedAt === null
      ? []
      : [{ ref, scope, direction, sumFen: String(sumFen), lineFen: String(lineFen), count, reachedAt: toIso(reachedAt) }],
  );
  const document = { schema: 'daoju.large-value/1', day: period.label, packHash, reached };
  return {
    files: [jsonFile(`large-value-${period.label}.json`, document)],
    counts: { reached: String(reached.length), counted: String(new Set(counters.map(({ ref }) => ref)).size) },
  };
}

async function buildJournal({ tx, period }: BuildGround): Promise<BuiltReport> {
  const { openings, entries } = await facts.listJournal(tx, period);
  return {
    files: [
      textFile(`journal-${period.label}.csv`, CSV, writeCsv(journalTable(entries))),
      textFile(`journal-${period.label}.journal`, 'text/plain; charset=utf-8', writePlainText(entries, openings, period.fromDate)),
    ],
    counts: { entries: String(entries.length), postings: String(entries.reduce((sum, { postings }) => sum + postings.length, 0)) },
  };
}

async function buildTradeReport({ tx, period }: BuildGround): Promise<BuiltReport> {
  const trades = await facts.listTrades(tx, period);
  const rows = tradeReport(
    trades.map(({ seller, buyer, studio, at, ...trade }) => ({
      ...trade,
      settledAt: at,
      sellerRef: seller,
      buyerRef: buyer,
      studioRef: studio,
    })),
  );
  const reports: Json = rows.map((row) => ({
    ...row,
    NoSides: row.NoSides.map((side) => ({
      ...side,
      NoPartyIDs: [...side.NoPartyIDs],
      ...('NoMiscFees' in side ? { NoMiscFees: [...side.NoMiscFees] } : {}),
    })),
  }));
  const count = (kind: facts.TradeFact['kind']) => String(trades.filter((trade) => trade.kind === kind).length);
  return {
    files: [jsonFile(`trades-${period.label}.json`, { schema: 'daoju.trade-report/1', period: period.label, reports })],
    counts: { trades: count('new'), canceled: count('cancel') },
  };
}

async function buildSurveillanceSummary(ground: BuildGround): Promise<BuiltReport> {
  const { tx, period } = ground;
  const summary = surveillanceSummary(period, await countSurveillance(tx, period), await feedSpan('surveillance-summary', ground));
  const twin = jsonFile(`surveillance-${period.label}.json`, summary);
  const pdf = await surveillancePdf(summary, twin.name, toHex(sm3(twin.content)));
  const { raised, toCase, dismissed, waiting } = summary.totals;
  return {
    files: [{ name: `surveillance-${period.label}.pdf`, mediaType: PDF, content: pdf }, twin],
    counts: { alerts: String(raised), cases: String(toCase), dismissed: String(dismissed), waiting: String(waiting) },
  };
}

async function buildAccessSummary(ground: BuildGround): Promise<BuiltReport> {
  const { tx, period } = ground;
  const summary = accessSummary(period, await listAccess(tx, period), await feedSpan('access-summary', ground));
  const twin = jsonFile(`access-${period.label}.json`, summary);
  const pdf = await accessPdf(summary, twin.name, toHex(sm3(twin.content)));
  const { entries, opened, reads } = summary.totals;
  return {
    files: [{ name: `access-${period.label}.pdf`, mediaType: PDF, content: pdf }, twin],
    counts: { acts: String(entries), openings: String(opened), reads: String(reads) },
  };
}

async function buildHead({ head, cutoff }: BuildGround): Promise<BuiltReport> {
  return {
    files: [jsonFile(`ledger-head-${head.height}.json`, { schema: 'daoju.ledger-head/1', at: toIso(cutoff), checkpoint: head.checkpoint })],
    counts: { height: String(head.height) },
  };
}

/** Header and finality as they are: whoever has the chain's fingerprint verifies them alone. */
export function checkpointDocument(block: {
  readonly height: bigint;
  readonly header: Parameters<typeof encodeHeader>[0];
  readonly finality: Parameters<typeof encodeFinality>[0];
  readonly signers: readonly string[];
}): Json {
  return {
    height: String(block.height),
    logSize: String(block.header.logSize),
    logRoot: toHex(block.header.logRoot),
    stateRoot: toHex(block.header.stateRoot),
    header: toHex(encodeHeader(block.header)),
    finality: toHex(encodeFinality(block.finality)),
    signers: [...block.signers],
  };
}

/** What the feed said of the same period: first and last number, for the completeness statement. */
export async function completenessOf(kind: ReportKind, ground: BuildGround): Promise<Json> {
  return { ...(await feedSpan(kind, ground)) };
}

async function feedSpan(kind: ReportKind, { tx, period }: BuildGround): Promise<FeedSpan> {
  const { room } = REPORT_KINDS[kind];
  const numbers = await facts.feedNumbers(tx, room, period);
  return numbers === null ? { room, first: null, last: null, count: 0 } : { room, ...numbers };
}
