/** The quarter's files under Decree 810: the platform about itself, who sells on it, and what they had (rulebook 3). */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { getPack } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import {
  identityTable,
  incomeTable,
  incomeTotals,
  platformTable,
  type RegistrationStatus,
  type SellerIdentity,
  type SellerIncome,
} from '#sandbox/reports/decree-810.ts';
import type { Period } from '#sandbox/reports/period.ts';
import { jsonRows } from '#sandbox/reports/table.ts';
import { computeFigure, figureOf, wholeOf } from '#sandbox/tax/figures.ts';
import {
  INCOME_FORMAT,
  type IncomeOrder,
  type IncomeRecord,
  type IncomeRefund,
  incomeRecords,
  quarterOf,
} from '#sandbox/tax/income-record.ts';
import { reportScope } from '#sandbox/tax/report-scope.ts';
import type { Tx } from '#server/db.ts';
import type { BuildGround, BuiltReport } from './build-report.ts';
import { listRoyalties, listSellers, listStudios, type SellerFact, type StudioFact } from './decree-facts.repo.ts';
import { shopUrl } from './platform-facts.ts';
import * as facts from './report-facts.repo.ts';
import { jsonFile, tableFiles } from './report-file.ts';

const DECREE_SCHEMA = 'daoju.decree-810/2';

type Income = IncomeOrder & { readonly payee: string; readonly reversedAt: Instant | null };
type Reported = { readonly identity: SellerIdentity; readonly isToldAnew: boolean; readonly income: SellerIncome | null };

export async function buildDecree(ground: BuildGround): Promise<BuiltReport> {
  const { tx, period, platform } = ground;
  const inForce = await facts.findPackInForce(tx, 'CN', period.before);
  // A pack from before the figure was one has the same line of the same law.
  const pack = inForce?.figures?.some(({ id }) => id === 'REGISTRATION') === true ? inForce : getPack('CN');
  const incomes = Map.groupBy(await listIncomes(tx, period), ({ payee }) => payee);
  const accts = [...incomes.keys()];
  const reported: Reported[] = [];
  for (const seller of await listSellers(tx, period, accts)) {
    const one = await reportPerson(ground, pack, seller, recordOf(pack, incomes.get(seller.acct) ?? [], period));
    if (one !== null) reported.push(one);
  }
  for (const studio of await listStudios(tx, period, accts))
    reported.push(reportStudio(studio, recordOf(pack, incomes.get(studio.acct) ?? [], period), ground));
  const earners = reported.flatMap(({ income }) => (income === null ? [] : [income]));
  // Afterwards only what changed in the quarter (CN-RPT-03).
  const identities = reported.flatMap(({ identity, isToldAnew }) => (isToldAnew ? [identity] : []));
  const totals = incomeTotals(earners);
  const counts = {
    sellers: String(earners.length),
    identities: String(identities.length),
    orders: String(totals.orders),
  };
  const sums = {
    grossFen: String(totals.grossFen),
    refundFen: String(totals.refundFen),
    netFen: String(totals.netFen),
    feesFen: String(totals.feesFen),
  };
  const forms = {
    ...(platform === null ? {} : { platform: platformTable(platform) }),
    identity: identityTable(identities),
    income: incomeTable(earners),
  };
  const files = await Promise.all([
    ...(forms.platform === undefined ? [] : [tableFiles('platform', forms.platform)]),
    tableFiles('identity', forms.identity),
    tableFiles('income', forms.income),
  ]);
  const twin = jsonFile('report.json', {
    schema: DECREE_SCHEMA,
    period: period.label,
    totals: { ...counts, ...sums },
    platform: forms.platform === undefined ? [] : [...jsonRows(forms.platform)],
    identity: [...jsonRows(forms.identity)],
    income: [...jsonRows(forms.income)],
  });
  return { files: [...files.flat(), twin], counts: { ...counts, ...sums }, totals: sums };
}

/** Sales to their sellers, royalties to their studios. */
async function listIncomes(tx: Tx, period: Period): Promise<readonly Income[]> {
  const sales = (await facts.listSales(tx, period)).map(
    ({ tradeId, seller, paidAt, grossFen, feeBps, reversedAt }): Income => ({
      ...{ id: tradeId, txType: 'P2P', payee: seller, paidAt, grossFen, feeBps, reversedAt },
    }),
  );
  const royalties = (await listRoyalties(tx, period)).map(({ studio, ...order }): Income => ({ ...order, payee: studio }));
  return [...sales, ...royalties];
}

function recordOf(pack: RulePack, incomes: readonly Income[], { fromDate }: Period): IncomeRecord | null {
  const refunds = incomes.flatMap(({ id, reversedAt, grossFen }): IncomeRefund[] =>
    reversedAt === null ? [] : [{ id: `${id} reversed`, orderId: id, at: reversedAt, amountFen: grossFen, feeReturned: true }],
  );
  return incomeRecords(pack, incomes, refunds).get(quarterOf(fromDate)) ?? null;
}

/** Null: the pack does not want who sells now and then (`reportCasualSellers`). */
async function reportPerson(
  { tx, period, openPerson, platform }: BuildGround,
  pack: RulePack,
  seller: SellerFact,
  record: IncomeRecord | null,
): Promise<Reported | null> {
  const registration = await registrationOf(tx, seller.acct, period, pack);
  if (!isReported(pack, period, record, registration.status)) return null;
  const person = await openPerson(parseAccountId(seller.acct));
  const name = person?.name ?? seller.displayName;
  const isNew = seller.firstSaleAt >= period.from;
  const isWithin = (at: Instant | null) => at !== null && at >= period.from && at < period.before;
  const hasChanged =
    registration.hasChanged || isWithin(seller.verifiedAt) || isWithin(seller.card?.boundAt ?? null) || isWithin(seller.closedAt);
  return {
    isToldAnew: isNew || hasChanged,
    income: record === null ? null : { sellerCode: seller.acct, name, record },
    identity: {
      sellerCode: seller.acct,
      name,
      hasLicence: false,
      taxId: person?.idNumber ?? '',
      idType: 'ID_CARD',
      country: 'CN',
      phone: person?.phone ?? '',
      address: null,
      settlementAccount: seller.card === null ? null : masked(seller.card.lastDigits),
      shopName: seller.displayName,
      shopUrl: shopUrl(platform, seller.acct),
      operationStart: beijingDate(seller.firstSaleAt),
      operationEnd: seller.closedAt === null || seller.closedAt >= period.before ? null : beijingDate(seller.closedAt),
      registrationStatus: registration.status,
      infoStatus: isNew ? 'NEW' : 'CHANGED',
    },
  };
}

const SHOWN_DIGITS = 4;
const masked = (number: string): string => `****${number.slice(-SHOWN_DIGITS)}`;

/** A company is registered and has its own code; what it earns here are royalties, and sales of its own. */
function reportStudio(
  studio: StudioFact,
  record: IncomeRecord | null,
  { period: { from, before }, platform }: Pick<BuildGround, 'period' | 'platform'>,
): Reported {
  const isNew = studio.firstIncomeAt >= from;
  const isVerifiedAnew = studio.verifiedAt !== null && studio.verifiedAt >= from && studio.verifiedAt < before;
  return {
    isToldAnew: isNew || isVerifiedAnew,
    income: record === null ? null : { sellerCode: studio.acct, name: studio.name, record },
    identity: {
      sellerCode: studio.acct,
      name: studio.name,
      hasLicence: true,
      taxId: studio.creditCode ?? 'demonstration studio',
      idType: 'USCC',
      country: 'CN',
      phone: studio.phone ?? '',
      address: null,
      settlementAccount: studio.payoutNumber === null ? null : masked(studio.payoutNumber),
      shopName: studio.name,
      shopUrl: shopUrl(platform, studio.acct),
      operationStart: beijingDate(studio.firstIncomeAt),
      operationEnd: null,
      registrationStatus: 'REGISTERED',
      infoStatus: isNew ? 'NEW' : 'CHANGED',
    },
  };
}

function isReported(pack: RulePack, { before }: Period, record: IncomeRecord | null, status: RegistrationStatus): boolean {
  const rule = pack.reporting?.find(({ format }) => format === INCOME_FORMAT);
  if (rule === undefined) return true;
  // A quarter of refunds only is reported with its sign (3.2); a change of somebody without income goes by the person alone.
  const turned = record === null ? 1n : record.grossFen + record.refundFen;
  return reportScope(pack, rule, lastDate(before), {
    ...{ kind: 'P2P', count: BigInt(record?.orders ?? 0), grossFen: turned, isCasual: status === 'NONE_SMALL_SPORADIC' },
  }).isReported;
}

const lastDate = (before: Instant): string => beijingDate((before - 1) as Instant);

/** As of the end of the quarter; the year begins anew in January. */
async function registrationOf(tx: Tx, acct: AccountId | string, { fromDate, from, before }: Period, pack: RulePack) {
  const yearFrom = startOfBeijingDate(`${fromDate.slice(0, 'yyyy'.length)}-01-01`);
  const isDue = async (end: Instant) => {
    const turnover = await facts.sumTurnover(tx, acct, { from: yearFrom, before: end });
    const answer = computeFigure(pack, figureOf(pack, 'REGISTRATION'), fromDate, { turnover, registered: false });
    return wholeOf(answer, 'due') === 1n;
  };
  const [wasDue, due] = [await isDue(from), await isDue(before)];
  const status: RegistrationStatus = due ? 'NONE_REGISTRATION_DUE' : 'NONE_SMALL_SPORADIC';
  return { status, hasChanged: due !== wasDue };
}
