/** What each tile of supervisors sums (product V-05): one relation a tile. Its figure is an aggregate of it and its list its pages, so that the two cannot differ. */
import { query } from '#server/journal/rows.repo.ts';
import type { StoredTile } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

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

const span = ({ from, before }: TileScope) => [from, before];
const KIND_OF = 'left join catalogue.item_classes c on c.class_id = t.class_id';
const NAMES = 'c.name_zh as zh, c.name_en as en';
/** A reversed trade is none, on whatever day it was settled. */
const SETTLED = "t.settled_at >= $1::timestamptz and t.settled_at < $2::timestamptz and t.state <> 'reversed'";
const LABELLED = 'select 1 from market.trade_labels l where l.trade_id = t.trade_id and l.removed_at is null';

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

const SOURCES: Readonly<Record<StoredTile, Source>> = {
  trades: ofTrades('t.gross_fen'),
  turnover: ofTrades('t.gross_fen'),
  filtered: ofTrades('t.gross_fen', `and not exists (${LABELLED})`),
  cost: ofTrades('t.fee_fen + t.royalty_fen'),
  certify: ofTrades('round(extract(epoch from t.certified_at - t.settled_at) * 1000)', 'and t.certified_at is not null'),
  sellers: {
    rows: `select t.seller as id, max(t.settled_at) as at, null as zh, null as en, t.seller as person, sum(t.gross_fen) as value, count(*)::text as detail
      from market.trades t where ${SETTLED} group by t.seller`,
    args: span,
  },
  // The newest version of each trade: gifts are assessed, too, and have no kind of a trade.
  assessed: {
    rows: `select n.trade_id as id, n.at, ${NAMES}, n.seller as person, n.total_fen as value, n.version::text as detail
      from (select distinct on (trade_id) * from compliance.assessments where day >= $1 and day < $2 order by trade_id, version desc) n
      left join market.trades t on t.trade_id = n.trade_id ${KIND_OF}`,
    args: ({ fromDate, beforeDate }) => [fromDate, beforeDate],
  },
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

export async function sumTile({ tx }: Snapshot, tile: StoredTile, scope: TileScope): Promise<TileSum> {
  const { rows, args } = SOURCES[tile];
  const middle = (share: string) =>
    tile === 'certify' ? `percentile_cont(${share}) within group (order by value)::float8` : 'null::float8';
  const [row] = await query<TileSum>(
    tx,
    `select count(*)::int as rows, coalesce(sum(value), 0)::text as sum, ${middle('0.5')} as p50, ${middle('0.95')} as p95 from (${rows}) r`,
    args(scope),
  );
  return row ?? { rows: 0, sum: '0', p50: null, p95: null };
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
};

/** What five tiles sum of one span's trades, read once. */
export async function tradeFigures({ tx }: Snapshot, scope: TileScope): Promise<TradeFigures> {
  const ms = 'round(extract(epoch from t.certified_at - t.settled_at) * 1000)';
  const [row] = await query<TradeFigures>(
    tx,
    `select count(*)::int as trades, coalesce(sum(gross_fen), 0)::text as turnover, count(distinct seller)::int as sellers,
       coalesce(sum(fee_fen + royalty_fen), 0)::text as cost, coalesce(sum(gross_fen) filter (where not exists (${LABELLED})), 0)::text as filtered,
       (percentile_cont(0.5) within group (order by ${ms}))::float8 as p50, (percentile_cont(0.95) within group (order by ${ms}))::float8 as p95
     from market.trades t where ${SETTLED}`,
    span(scope),
  );
  return row ?? { trades: 0, turnover: '0', filtered: '0', sellers: 0, cost: '0', p50: null, p95: null };
}

/** The newest first; rows of one instant by id. */
export async function listTile(
  { tx }: Snapshot,
  tile: StoredTile,
  scope: TileScope,
  page: { readonly after: { readonly at: string; readonly id: string } | null; readonly limit: number },
): Promise<readonly TileRowRecord[]> {
  const { rows, args } = SOURCES[tile];
  const values = args(scope);
  const first = values.length + 1;
  return query<TileRowRecord>(
    tx,
    `select id, at, coalesce(at, 'epoch')::text as place, zh, en, person, value::text as value, detail from (${rows}) r
     where $${first}::timestamptz is null or (coalesce(at, 'epoch'), id) < ($${first}::timestamptz, $${first + 1}::text)
     order by coalesce(at, 'epoch') desc, id desc limit ${page.limit}`,
    [...values, page.after?.at ?? null, page.after?.id ?? null],
  );
}
