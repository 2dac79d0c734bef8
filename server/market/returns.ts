/** Returns of a month: the platform's on its fees, each studio's on its royalties (rulebook 0.4 FEE and ROYALTY, CN-ST-02; product V-06). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, toIso } from '#ledger/primitives/instant.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { RETURN_FIGURE, RETURN_VALUES, returnOf, type Taxpayer, vatStatusOf } from '#sandbox/tax/period-return.ts';
import { traceView } from '#server/exchange/assessment-view.ts';
import { RefusalError } from '#server/refusal.ts';
import { findPackInForce } from '#server/reports/report-facts.repo.ts';
import type { PeriodReturns, PeriodReturnView, ReturnTrades } from '#server/trpc/views.ts';
import { keptViews } from './kept-views.ts';
import { listStudioNames, listSupplies, listSupplyRows, nextEntry, type Payer, type SuppliesOf } from './returns.repo.ts';
import { type ReadGround, readSnapshot, type Snapshot } from './snapshot.ts';

const ROWS = 500;
/** No register of the tax office is asked here: everybody is taken for a company in a city, and for what its turnover makes it; the page says so. */
const taxpayerOf = (pack: RulePack, { payer, grossOfYearFen }: SuppliesOf): Taxpayer => ({
  role: payer === null ? 'PLATFORM' : 'STUDIO',
  vatStatus: vatStatusOf(pack, grossOfYearFen),
  citStatus: 'STANDARD',
  place: 'CITY',
});

/** Read anew when the books have another entry, or another day has begun. @throws {RefusalError} as `getReturns` */
export async function keptReturns(ground: Pick<ReadGround, 'sql' | 'clock'>, label: string, only?: AccountId): Promise<PeriodReturns> {
  const version = `${await nextEntry(ground.sql)} ${beijingDate(ground.clock.now())}`;
  return keptViews(ground.sql).get(`returns ${label} ${only ?? ''}`, version, () =>
    readSnapshot(ground, null, (snapshot) => getReturns(snapshot, label, only)),
  );
}

/** `only`: a studio that asks for its own. `pack` of the answer is null when none in force by then knows returns. */
export async function getReturns({ tx, now }: Snapshot, label: string, only?: AccountId): Promise<PeriodReturns> {
  const period = monthOf(label);
  const pack = await findPackInForce(tx, 'CN', period.before);
  if (pack?.figures?.some(({ id }) => id === RETURN_FIGURE) !== true)
    return { period: label, asOf: toIso(now), isOpen: period.before > now, returns: null };
  const all = await listSupplies(tx, period);
  const mine = only === undefined ? all : all.filter(({ payer }) => payer === only);
  const names = await listStudioNames(
    tx,
    mine.flatMap(({ payer }) => (payer === null ? [] : [payer])),
  );
  return {
    period: label,
    asOf: toIso(now),
    isOpen: period.before > now,
    returns: mine.map((each) => {
      const view = returnView(pack, period, each);
      const named = each.payer === null ? null : (names.get(each.payer) ?? { zh: null, en: each.payer });
      return { ...view, names: named, isDuePast: beijingDate(now) > view.due };
    }),
  };
}

function returnView(pack: RulePack, period: Period, of: SuppliesOf): Omit<PeriodReturnView, 'names' | 'isDuePast'> {
  const { payer, supplies } = of;
  const taxpayer = taxpayerOf(pack, of);
  const answer = returnOf(pack, taxpayer, period, supplies);
  return {
    payer,
    taxpayer,
    packId: pack.id,
    packVersion: pack.version,
    packHash: packHash(pack),
    supplies: supplies.map(({ unitFen, count }) => ({ unitFen: String(unitFen), count: String(count) })),
    grossFen: String(answer.grossFen),
    values: RETURN_VALUES.map((id) => ({ id, fen: String(answer.values[id]) })),
    totalFen: String(answer.totalFen),
    due: answer.due,
    steps: answer.trace.map(traceView),
  };
}

/** The trades that a return adds up: the sum of all is its gross. */
export async function getReturnTrades({ tx }: Snapshot, label: string, payer: Payer): Promise<ReturnTrades> {
  const { rows, total, sumFen } = await listSupplyRows(tx, monthOf(label), payer, ROWS);
  return {
    total,
    sumFen: String(sumFen),
    rows: rows.map(({ tradeId, type, at, amountFen }) => ({ tradeId, type, at: at.toISOString(), amountFen: String(amountFen) })),
  };
}

function monthOf(label: string): Period {
  const period = parsePeriod(label);
  if (period.kind === 'month') return period;
  throw new RefusalError('malformed', 'report_period_malformed', 'A return is of one month, such as 2026-11.');
}
