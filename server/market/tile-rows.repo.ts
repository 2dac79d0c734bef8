/** What each tile of supervisors sums (product V-05): one relation a tile. Its list is its pages; its figure an aggregate of it, or, where days that are
 *  over are many, of what is kept of them (`closed-days.repo.ts`). */
import { beijingDate, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { StoredTile } from '#server/trpc/views.ts';
import { LABELLED, SETTLED } from './closed-days.repo.ts';
import { DAY_MS } from './figures.repo.ts';
import { NEWEST } from './newest-assessments.ts';
import type { Snapshot } from './snapshot.ts';
import { countSellers, dayWithEnough, middleOf, sellerRows, splitSpan, sumAssessed, sumTrades } from './span-figures.repo.ts';

export type TileRowRecord = {
  readonly id: string;
  readonly at: Date | null;
  /** Its place in the list, to the microsecond. */
  readonly place: string;
  readonly zh: string | null;
  readonly en: string | null;
  readonly person: string | null;
  /** Fen, milliseconds, or 1 where rows are counted. */
  readonly value: string;
  readonly detail: string | null;
};

export type TileScope = {
  readonly from: string;
  readonly before: string;
  readonly fromDate: string;
  readonly beforeDate: string;
  readonly now: string;
  readonly audience: string;
};
type Source = { readonly rows: string; readonly args: (scope: TileScope) => readonly string[] };
type Argument = string | null | readonly string[];

const span = ({ from, before }: TileScope) => [from, before];
const KIND_OF = 'left join catalogue.item_classes c on c.class_id = t.class_id';
const NAMES = 'c.name_zh as zh, c.name_en as en';

function ofTrades(value: string, where = ''): Source {
  return {
    rows: `select t.trade_id as id, t.settled_at as at, ${NAMES}, t.seller as person, ${value} as value,
      (select string_agg(distinct l.label, ' ' order by l.label) from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null) as detail
      from market.trades t ${KIND_OF} where ${SETTLED} ${where}`,
    args: span,
  };
}

function ofCases(where: string): Source {
  return {
    rows: `select case_id as id, due_at as at, title as zh, title as en, null as person, 1 as value, state as detail from cases.cases
      where state <> 'closed' and audience ? $1 and $2::timestamptz is not null ${where}`,
    args: ({ audience, now }) => [audience, now],
  };
}

function ofAlerts(where: string): Source {
  return {
    rows: `select alert_id as id, due_at as at, explanation_zh as zh, explanation_en as en, null as person, 1 as value, detector as detail
      from surveillance.alerts where state in ('new', 'triaged') and audience ? $1 and $2::timestamptz is not null ${where}`,
    args: ({ audience, now }) => [audience, now],
  };
}

type TradeTile = 'trades' | 'turnover' | 'filtered' | 'cost' | 'certify';
type SpanTile = TradeTile | 'sellers' | 'assessed';

const SOURCES: Readonly<Record<Exclude<StoredTile, 'sellers' | 'assessed'>, Source>> = {
  trades: ofTrades('t.gross_fen'),
  turnover: ofTrades('t.gross_fen'),
  filtered: ofTrades('t.gross_fen', `and not exists (${LABELLED})`),
  cost: ofTrades('t.fee_fen + t.royalty_fen'),
  certify: ofTrades('round(extract(epoch from t.certified_at - t.settled_at) * 1000)', 'and t.certified_at is not null'),
  alerts: ofAlerts(''),
  alertsOverdue: ofAlerts("and state = 'new' and due_at < $2::timestamptz"),
  cases: ofCases(''),
  casesOverdue: ofCases('and due_at < $2::timestamptz'),
  // What custody holds of items; whatever else can be frozen (a kind, an account, a payout) stands with the freezes themselves.
  frozen: {
    rows: `select t.item_id as id, t.frozen_until as at, ${NAMES}, t.owner as person, 1 as value,
        (select min(f.reason_code) from cases.freezes f where f.state = 'active' and f.scope = 'item' and f.target_id = t.item_id) as detail
        from custody.items t ${KIND_OF} where t.frozen_until > $1::timestamptz
      union all
      select f.freeze_id, f.until, null, null, f.holder, 1, f.reason_code from cases.freezes f
        where f.state = 'active' and f.scope <> 'item' and f.until > $1::timestamptz`,
    args: ({ now }) => [now],
  },
  // The institution's books and ours, with what is on its way between them: the sum must be nothing.
  reconciliation: {
    rows: `select 'institution' as id, null::timestamptz as at, null as zh, null as en, null as person,
        (select coalesce(sum(balance_fen), 0) from psp.accounts where pot <> 'bank') as value, null as detail
      union all select 'instructions', null, null, null, null,
        (select coalesce(sum((m.movement->>'amount')::bigint), 0) from payments.instructions i, jsonb_array_elements(i.movements) m(movement)
          where i.instruction_id > (select last_id from psp.cursor where name = 'instructions')), null
      union all select 'transfers', null, null, null, null,
        (select coalesce(sum(case t.kind when 'deposit' then -t.amount_fen else t.amount_fen end), 0) from payments.transfers t
          join psp.requests r on r.client_ref = t.transfer_id and r.state = 'done' where t.ended_at is null), null
      union all select 'journal', null, null, null, null,
        -(select coalesce(sum(balance_fen), 0) from journal.accounts where account_id <> 'provider'), null`,
    args: () => [],
  },
};

export type TileSum = { readonly rows: number; readonly sum: string; readonly p50: number | null; readonly p95: number | null };

const SPAN_TILES: readonly StoredTile[] = ['trades', 'turnover', 'filtered', 'cost', 'certify', 'sellers', 'assessed'];
const isSpanTile = (tile: StoredTile): tile is SpanTile => SPAN_TILES.includes(tile);

export async function sumTile(snapshot: Snapshot, tile: StoredTile, scope: TileScope): Promise<TileSum> {
  if (isSpanTile(tile)) return sumSpan(snapshot, tile, scope);
  const { rows, args } = SOURCES[tile];
  const [row] = await query<Pick<TileSum, 'rows' | 'sum'>>(
    snapshot.tx,
    `select count(*)::int as rows, coalesce(sum(value), 0)::text as sum from (${rows}) r`,
    args(scope),
  );
  return { rows: row?.rows ?? 0, sum: row?.sum ?? '0', p50: null, p95: null };
}

async function sumSpan(snapshot: Snapshot, tile: SpanTile, scope: TileScope): Promise<TileSum> {
  const split = await splitSpan(snapshot, scope);
  if (tile === 'assessed') {
    const { assessed, fen } = await sumAssessed(snapshot, split);
    return { rows: assessed, sum: fen, p50: null, p95: null };
  }
  const of = await sumTrades(snapshot, split);
  const plain = (rows: number, sum: string): TileSum => ({ rows, sum, p50: null, p95: null });
  if (tile === 'certify') return { ...plain(of.certified, of.certifyMs), ...(await middleOf(snapshot, split)) };
  if (tile === 'sellers') return plain(await countSellers(snapshot, split), of.turnover);
  if (tile === 'filtered') return plain(of.filteredTrades, of.filtered);
  return plain(of.trades, tile === 'cost' ? of.cost : of.turnover);
}

export type TradeFigures = {
  readonly trades: number;
  readonly turnover: string;
  readonly filtered: string;
  readonly sellers: number;
  /** Fees and royalties. */
  readonly cost: string;
  readonly p50: number | null;
  readonly p95: number | null;
  /** Taxes, gifts included. */
  readonly assessed: string;
};

/** What seven tiles sum of one span. */
export async function spanTiles(snapshot: Snapshot, scope: TileScope): Promise<TradeFigures> {
  const split = await splitSpan(snapshot, scope);
  const [{ trades, turnover, filtered, cost }, middle, sellers, { fen }] = await Promise.all([
    sumTrades(snapshot, split),
    middleOf(snapshot, split),
    countSellers(snapshot, split),
    sumAssessed(snapshot, split),
  ]);
  return { trades, turnover, filtered, cost, sellers, ...middle, assessed: fen };
}

type Page = { readonly after: { readonly at: string; readonly id: string } | null; readonly limit: number };

/** The newest first; rows of one instant by id. Where every row has a time, an index brings them in order. */
export async function listTile(snapshot: Snapshot, tile: StoredTile, scope: TileScope, page: Page): Promise<readonly TileRowRecord[]> {
  if (tile === 'assessed') return listAssessed(snapshot, scope, page);
  if (tile === 'sellers') {
    const { rows, args } = sellerRows(await splitSpan(snapshot, scope));
    return pageOf(snapshot, { rows, args, place: 'at' }, page);
  }
  const { rows, args } = SOURCES[tile];
  return pageOf(snapshot, { rows, args: args(scope), place: isSpanTile(tile) ? 'at' : "coalesce(at, 'epoch')" }, page);
}

async function pageOf(
  { tx }: Snapshot,
  { rows, args, place }: { readonly rows: string; readonly args: readonly Argument[]; readonly place: string },
  { after, limit }: Page,
): Promise<readonly TileRowRecord[]> {
  const first = args.length + 1;
  const rest = after === null ? '' : `where (${place}, id) < ($${first}::timestamptz, $${first + 1}::text)`;
  return query<TileRowRecord>(
    tx,
    `select id, at, ${place}::text as place, zh, en, person, value::text as value, detail from (${rows}) r
     ${rest} order by ${place} desc, id desc limit ${limit}`,
    after === null ? [...args] : [...args, after.at, after.id],
  );
}

/** A sale stands in the day that its tax counts in; one that was assessed again later stands at the end of it. */
const DAY_END = "(a.day::date + 1)::timestamp at time zone 'Asia/Shanghai' - interval '1 microsecond'";

/** Only days that can hold the page are read. */
async function listAssessed(snapshot: Snapshot, scope: TileScope, page: Page): Promise<readonly TileRowRecord[]> {
  const split = await splitSpan(snapshot, scope);
  const upTo = page.after === null ? scope.beforeDate : beijingDate(instant(Date.parse(page.after.at)));
  const from = await dayWithEnough(snapshot, split, upTo, page.limit);
  const rows = `select n.trade_id as id, n.at, n.place_at, ${NAMES}, n.seller as person, n.total_fen as value, n.version::text as detail
    from (select a.*, least(a.at, ${DAY_END}) as place_at ${NEWEST}) n left join market.trades t on t.trade_id = n.trade_id ${KIND_OF}`;
  const before = upTo < scope.beforeDate ? beijingDate(instant(startOfBeijingDate(upTo) + DAY_MS)) : scope.beforeDate;
  return pageOf(snapshot, { rows, args: [from, before], place: 'place_at' }, page);
}
