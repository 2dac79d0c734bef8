/** What supervisors see at a glance and by day (product V-05, V-06). */

import { assert } from '#ledger/primitives/assert.ts';
import { parseAccountId, parseItemId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import { type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { dueDate } from '#sandbox/tax/filing-calendar.ts';
import { countCases } from '#server/cases/cases.repo.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import { countOpenAlerts } from '#server/compliance/alerts.repo.ts';
import { listSellerNotices } from '#server/compliance/seller-years.repo.ts';
import { noticeView } from '#server/compliance/seller-years.ts';
import { query } from '#server/journal/rows.repo.ts';
import { parseSaleId, type SaleId } from '#server/settlement/sale-id.ts';
import type { Names, SupervisorTiles, TaxDay } from '#server/trpc/views.ts';
import type { SupervisorRole } from './audience.ts';
import { listExperimentViews } from './experiments.ts';
import { DAY_MS } from './figures.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

type DayFigures = {
  readonly trades: number;
  readonly turnover: string;
  readonly filtered: string;
  readonly sellers: number;
  /** Fees and royalties. */
  readonly cost: string;
};

export async function getTiles({ ledger }: ReadGround, snapshot: Snapshot, role: SupervisorRole): Promise<SupervisorTiles> {
  const { tx, now } = snapshot;
  const day = beijingDate(now);
  const dayBefore = beijingDate(instant(startOfBeijingDate(day) - DAY_MS));
  const [today, before, assessed, assessedBefore, [frozen], [speed], [books], experiments, alerts, cases] = await Promise.all([
    dayFigures(snapshot, day),
    dayFigures(snapshot, dayBefore),
    assessedOn(snapshot, day),
    assessedOn(snapshot, dayBefore),
    query<{ items: number }>(tx, 'select count(*)::int as items from custody.items where frozen_until > $1', [toIso(now)]),
    query<{ p50: number | null; p95: number | null }>(
      tx,
      `select percentile_cont(0.5) within group (order by ms)::float8 as p50, percentile_cont(0.95) within group (order by ms)::float8 as p95
       from (select extract(epoch from certified_at - settled_at) * 1000 as ms from market.trades
         where settled_at >= $1 and certified_at is not null) t`,
      [toIso(startOfBeijingDate(day))],
    ),
    // Ours and the institution's, with what is on its way between them.
    query<{ difference: string }>(
      tx,
      `select ((select coalesce(sum(balance_fen), 0) from psp.accounts where pot <> 'bank')
         + (select coalesce(sum((m.movement->>'amount')::bigint), 0) from payments.instructions i, jsonb_array_elements(i.movements) m(movement)
             where i.instruction_id > (select last_id from psp.cursor where name = 'instructions'))
         + (select coalesce(sum(case t.kind when 'deposit' then -t.amount_fen else t.amount_fen end), 0) from payments.transfers t
             join psp.requests r on r.client_ref = t.transfer_id and r.state = 'done' where t.ended_at is null)
         - (select coalesce(sum(balance_fen), 0) from journal.accounts where account_id <> 'provider'))::text as difference`,
    ),
    listExperimentViews(snapshot),
    countOpenAlerts(tx, AUDIENCE_OF[role], now),
    countCases(tx, AUDIENCE_OF[role], now),
  ]);
  const total = ledger.config.members.length;
  return {
    day,
    trades: today.trades,
    tradesBefore: before.trades,
    turnoverFen: today.turnover,
    turnoverBeforeFen: before.turnover,
    filteredFen: today.filtered,
    filteredBeforeFen: before.filtered,
    alertsOpen: alerts.open,
    alertsOverdue: alerts.overdue,
    casesOpen: cases.open,
    casesOverdue: cases.overdue,
    costPerTradeFen: today.trades === 0 ? null : String(BigInt(today.cost) / BigInt(today.trades)),
    assessedFen: assessed,
    assessedBeforeFen: assessedBefore,
    sellers: today.sellers,
    frozen: frozen?.items ?? 0,
    certifyP50Ms: roundOrNull(speed?.p50),
    certifyP95Ms: roundOrNull(speed?.p95),
    reconciliationFen: books?.difference ?? '0',
    capsUsed: experiments.flatMap(({ experimentId, caps }) =>
      caps.map(({ name, used, reserved, limit }) => ({
        name: `${experimentId} ${name}`,
        ratio: ratioText(BigInt(used) + BigInt(reserved), BigInt(limit)),
      })),
    ),
    membersUp: membersUp(ledger, now),
    membersTotal: total,
  };
}

async function dayFigures({ tx }: Snapshot, day: string): Promise<DayFigures> {
  const start = startOfBeijingDate(day);
  const [row] = await query<DayFigures>(
    tx,
    `select count(*)::int as trades, coalesce(sum(gross_fen), 0)::text as turnover, count(distinct seller)::int as sellers,
       coalesce(sum(fee_fen + royalty_fen), 0)::text as cost,
       coalesce(sum(gross_fen) filter (where not exists (select 1 from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null)), 0)::text as filtered
     from market.trades t where settled_at >= $1 and settled_at < $2 and state <> 'reversed'`,
    [toIso(start), toIso(instant(start + DAY_MS))],
  );
  return row ?? { trades: 0, turnover: '0', filtered: '0', sellers: 0, cost: '0' };
}

/** A member that has said nothing for so long is not counted as up. */
const SILENT_MS = 30_000;

/** Alone, the operator's node is the only member, and it is this process. */
function membersUp(ledger: ReadGround['ledger'], now: number): number {
  if (ledger.health().halted !== null) return 0;
  const members = ledger.consortium()?.members;
  if (members === undefined) return ledger.config.members.length;
  return members.filter(({ isSelf, seenAt, failure }) => isSelf || (failure === null && seenAt !== null && now - seenAt < SILENT_MS))
    .length;
}

/** The newest version of each trade of the day. */
async function assessedOn({ tx }: Snapshot, day: string): Promise<string> {
  const [row] = await query<{ total: string }>(
    tx,
    `select coalesce(sum(total_fen), 0)::text as total from (
       select distinct on (trade_id) total_fen from compliance.assessments where day = $1 order by trade_id, version desc
     ) newest`,
    [day],
  );
  return row?.total ?? '0';
}

type DayRow = {
  item_id: string | null;
  trade_id: string;
  at: Date;
  seller: string;
  gross_fen: string;
  total_fen: string;
  is_taxable: boolean;
  version: number;
  pack_hash: string;
  lines: readonly { readonly id: string; readonly amountFen: string }[];
};
type CrossingRow = { acct: string; at: Date; gross_fen: string; sales_fen: string; by_trade_id: string; reassessed: readonly string[] };

type GroupSums = { trades: number; gross: string; tax: string };
type SellerRow = GroupSums & { seller: string };
type GameRow = GroupSums & { game_id: string; zh: string | null; en: string };

const MOST_TRADES = 5_000;
const MOST_GROUPS = 50;
const NEWEST = 'select distinct on (trade_id) * from compliance.assessments where day >= $1 and day < $2 order by trade_id, version desc';
const GROUP_SUMS = 'count(*)::int as trades, sum(n.gross_fen)::text as gross, sum(n.total_fen)::text as tax';

/** A day, month, quarter or year: `2026-11-27`, `2026-11`, `2026-Q4`, `2026`. A day's view and a year's are one question over other dates. */
export async function getTaxDay({ tx, now }: Snapshot, label: string): Promise<TaxDay> {
  const period = parsePeriod(label);
  const { fromDate, beforeDate } = period;
  const dates = [fromDate, beforeDate];
  const [trades, sums, crossings, sellers, games, [counted], filed, notices] = await Promise.all([
    query<DayRow>(
      tx,
      `select n.trade_id, coalesce(t.settled_at, n.at) as at, n.seller, n.gross_fen, n.total_fen, n.is_taxable, n.version,
         encode(n.pack_hash, 'hex') as pack_hash, n.lines, g.item_id
       from (select distinct on (trade_id) * from compliance.assessments where day >= $1 and day < $2 order by trade_id, version desc) n
       left join market.trades t on t.trade_id = n.trade_id left join market.gifts g on g.gift_id = n.trade_id order by coalesce(t.settled_at, n.at) desc, n.trade_id limit ${MOST_TRADES}`,
      dates,
    ),
    query<{ id: string; amount: string; pack_hash: string }>(
      tx,
      `select l.line->>'id' as id, sum((l.line->>'amountFen')::bigint)::text as amount, min(encode(n.pack_hash, 'hex')) as pack_hash
       from (select distinct on (trade_id) lines, pack_hash from compliance.assessments where day >= $1 and day < $2 order by trade_id, version desc) n,
         jsonb_array_elements(n.lines) l(line) group by 1 order by 1`,
      dates,
    ),
    query<CrossingRow>(
      tx,
      'select acct, at, gross_fen, sales_fen, by_trade_id, reassessed from compliance.crossings where day >= $1 and day < $2 order by at desc, by_trade_id limit 500',
      dates,
    ),
    query<SellerRow>(
      tx,
      `select seller, ${GROUP_SUMS} from (${NEWEST}) n group by seller order by sum(total_fen) desc, seller limit ${MOST_GROUPS}`,
      dates,
    ),
    query<GameRow>(
      tx,
      `select g.game_id, g.name_zh as zh, g.name_en as en, ${GROUP_SUMS} from (${NEWEST}) n join market.trades t on t.trade_id = n.trade_id
       join catalogue.item_classes c on c.class_id = t.class_id join catalogue.games g on g.game_id = c.game_id
       group by g.game_id order by sum(n.total_fen) desc, g.game_id limit ${MOST_GROUPS}`,
      dates,
    ),
    query<{ trades: number }>(tx, `select count(*)::int as trades from (${NEWEST}) n`, dates),
    query<{ kind: string; report_id: string; version: number; at: Date }>(
      tx,
      "select distinct on (kind) kind, report_id, version, at from reports.reports where period = $1 and kind in ('decree-810', 'auth-034') order by kind, version desc",
      [label],
    ),
    listSellerNotices(tx, { from: period.from, before: period.before, acct: null }),
  ]);
  return {
    day: label,
    notices: notices.map(noticeView),
    tradesTotal: counted?.trades ?? 0,
    bySeller: sellers.map((row) => ({ sellerRef: parseAccountId(row.seller), trades: row.trades, grossFen: row.gross, taxFen: row.tax })),
    byGame: games.map((row) => ({
      gameId: row.game_id,
      names: { zh: row.zh, en: row.en },
      trades: row.trades,
      grossFen: row.gross,
      taxFen: row.tax,
    })),
    due: dueOf(period, sums[0]?.pack_hash ?? null, { now, isFiled: filed.some(({ kind }) => kind === QUARTER_REPORT) }),
    filed: filed.map((row) => ({ kind: row.kind, reportId: row.report_id, version: row.version, at: row.at.toISOString() })),
    lines: sums.map(({ id, amount, pack_hash: hash }) => ({ id, label: lineLabel(hash, id), amountFen: amount })),
    totalFen: String(sums.reduce((sum, row) => sum + BigInt(row.amount), 0n)),
    trades: trades.map((row) => ({
      tradeId: parseSaleId(row.trade_id),
      giftedItemId: row.item_id === null ? null : parseItemId(row.item_id),
      at: row.at.toISOString(),
      sellerRef: parseAccountId(row.seller),
      grossFen: row.gross_fen,
      taxFen: row.total_fen,
      isVatTaxable: row.is_taxable,
      version: row.version,
    })),
    crossings: crossings.map((row) => ({
      sellerRef: parseAccountId(row.acct),
      at: row.at.toISOString(),
      grossFen: row.gross_fen,
      salesFen: row.sales_fen,
      byTradeId: parseSaleId(row.by_trade_id),
      reassessed: row.reassessed.map((id): SaleId => parseSaleId(id)),
    })),
  };
}

const QUARTER_REPORT = 'decree-810';

/** The day itself is still in time. */
function dueOf({ kind, before }: Period, packHash: string | null, at: { readonly now: Instant; readonly isFiled: boolean }): TaxDay['due'] {
  if (kind !== 'quarter' || packHash === null) return null;
  const pack = getPackByHash(packHash);
  if (pack.dueRules?.QUARTER_REPORT === undefined) return null;
  const on = dueDate(pack, 'QUARTER_REPORT', beijingDate(instant(before - DAY_MS)).slice(0, 'yyyy-mm'.length));
  return { kind: QUARTER_REPORT, on, isOverdue: !at.isFiled && beijingDate(at.now) > on };
}

function lineLabel(packHash: string, id: string): Names {
  const line = getPackByHash(packHash).lines.find((each) => each.id === id);
  assert(line !== undefined, 'an assessed line stands in its pack');
  return line.name;
}

function roundOrNull(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms);
}

/** `0.125`: three digits, rounded down. */
function ratioText(part: bigint, whole: bigint): string {
  if (whole === 0n) return '0.000';
  const thousandths = (part * 1_000n) / whole;
  return `${thousandths / 1_000n}.${String(thousandths % 1_000n).padStart(3, '0')}`;
}
