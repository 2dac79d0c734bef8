/** SQL of a year of sales. A sale that was taken back or that the members refused is none; gifts are none either. */
import { fen } from '#ledger/primitives/fen.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { SellerSaleFact } from '#sandbox/replay/facts.ts';
import type { Tx } from '#server/db.ts';
import { at, bytea, insertRows, type Queryable, query } from '#server/journal/rows.repo.ts';

export type YearSpans = {
  readonly year: number;
  /** First instant of the calendar year, and of the twelve months that end now. */
  readonly yearFrom: Instant;
  readonly recentFrom: Instant;
  readonly before: Instant;
};
export type SellerSales = {
  readonly turnoverFen: bigint;
  readonly recent: { readonly sales: bigint; readonly grossFen: bigint; readonly itemsSold: bigint; readonly itemsBought: bigint };
};

/** The members refused it and the market undid it: it stands on no ledger. What due process reverses does. */
export const IS_UNDONE = `(t.state = 'reversed' and coalesce(
  (select l.status = 'refused' from ledger.ledger_txs l where l.tx_id = t.tx_id order by l.seq desc limit 1), false))`;

const IS_SALE = "t.settled_at is not null and t.state not in ('reversed', 'failed')";

export async function readSellerSales(sql: Queryable, acct: AccountId, spans: YearSpans): Promise<SellerSales> {
  const [row] = await query<{ turnover: string; sales: string; gross: string; sold: string; bought: string }>(
    sql,
    `with sold as (
       select t.trade_id, t.gross_fen, t.settled_at from market.trades t
       where t.seller = $1 and t.settled_at >= least($2::timestamptz, $3::timestamptz) and t.settled_at < $4 and ${IS_SALE}),
     units as (
       select count(*) as sold, count(*) filter (where exists (
           select from market.trade_items b join market.trades t on t.trade_id = b.trade_id
           where b.item_id = i.item_id and t.buyer = $1 and t.settled_at <= s.settled_at and ${IS_SALE})) as bought
       from sold s join market.trade_items i on i.trade_id = s.trade_id where s.settled_at >= $3)
     select coalesce(sum(s.gross_fen) filter (where s.settled_at >= $2), 0)::text as turnover,
       count(*) filter (where s.settled_at >= $3)::text as sales,
       coalesce(sum(s.gross_fen) filter (where s.settled_at >= $3), 0)::text as gross,
       (select sold::text from units) as sold, (select bought::text from units) as bought from sold s`,
    [acct, toIso(spans.yearFrom), toIso(spans.recentFrom), toIso(spans.before)],
  );
  return {
    turnoverFen: BigInt(row?.turnover ?? '0'),
    recent: {
      sales: BigInt(row?.sales ?? '0'),
      grossFen: BigInt(row?.gross ?? '0'),
      itemsSold: BigInt(row?.sold ?? '0'),
      itemsBought: BigInt(row?.bought ?? '0'),
    },
  };
}

type SaleRow = {
  trade_id: string;
  seller: string;
  settled_at: Date;
  reversed_at: Date | null;
  gross_fen: string;
  sold: number;
  bought: number;
};

/** For policy replay: the sales of everybody who sells between the first and the last instant, from years before on. One that was taken
 *  back later counted until then; what counts as bought is what was bought before and not taken back. */
export async function listYearSales(
  sql: Queryable,
  span: { readonly yearsFrom: Instant; readonly from: Instant; readonly before: Instant },
): Promise<readonly SellerSaleFact[]> {
  const rows = await query<SaleRow>(
    sql,
    `select t.trade_id, t.seller, t.settled_at, t.gross_fen::text,
       case when t.state = 'reversed' then coalesce(
         (select min(a.at) from compliance.assessments a where a.trade_id = t.trade_id and a.cause = 'reversed'), t.settled_at) end as reversed_at,
       (select count(*)::int from market.trade_items i where i.trade_id = t.trade_id) as sold,
       (select count(*)::int from market.trade_items i where i.trade_id = t.trade_id and exists (
          select from market.trade_items j join market.trades b on b.trade_id = j.trade_id
          where j.item_id = i.item_id and b.buyer = t.seller and b.settled_at <= t.settled_at and b.state not in ('reversed', 'failed'))) as bought
     from market.trades t join identity.players p on p.acct = t.seller
     where t.settled_at >= $1 and t.settled_at < $3 and t.state <> 'failed' and not ${IS_UNDONE}
       and t.seller in (select s.seller from market.trades s where s.settled_at >= $2 and s.settled_at < $3)
     order by t.seq`,
    [toIso(span.yearsFrom), toIso(span.from), toIso(span.before)],
  );
  return rows.map((row) => ({
    tradeId: row.trade_id,
    sellerRef: row.seller,
    at: at(row.settled_at),
    reversedAt: row.reversed_at === null ? null : at(row.reversed_at),
    grossFen: fen(BigInt(row.gross_fen)),
    items: row.sold,
    itemsBought: row.bought,
  }));
}

/** Sales that are enough to look closer: over one of these lines. */
export type WatchedLines = { readonly turnoverFen: bigint; readonly grossFen: bigint; readonly sales: bigint };

/** People who have sold since then, are over a line, and have not been told everything of this year. */
export async function listBusySellers(
  sql: Queryable,
  since: Instant,
  spans: YearSpans,
  lines: WatchedLines,
): Promise<readonly AccountId[]> {
  const rows = await query<{ seller: string }>(
    sql,
    `select t.seller from market.trades t join identity.players p on p.acct = t.seller
     where t.seller in (select seller from market.trades where settled_at >= $1) and t.settled_at >= least($2::timestamptz, $3::timestamptz)
       and ${IS_SALE} and (select count(*) from compliance.seller_notices n where n.acct = t.seller and n.year = $4) < 2
     group by t.seller
     having coalesce(sum(t.gross_fen) filter (where t.settled_at >= $2), 0) > $5::bigint
       or sum(t.gross_fen) >= $6::bigint or count(*) >= $7::bigint
     order by t.seller`,
    [
      toIso(since),
      toIso(spans.yearFrom),
      toIso(spans.recentFrom),
      spans.year,
      String(lines.turnoverFen),
      String(lines.grossFen),
      String(lines.sales),
    ],
  );
  return rows.map(({ seller }) => parseAccountId(seller));
}

export type SellerNotice = {
  readonly acct: AccountId;
  readonly year: number;
  readonly kind: 'registration_due' | 'business_hint';
  readonly at: Instant;
  readonly turnoverFen: bigint;
  readonly recentFen: bigint;
};

/** @returns whether it is told for the first time this year */
export async function insertSellerNotice(tx: Tx, notice: SellerNotice, packHash: Uint8Array): Promise<boolean> {
  const rows = await insertRows(
    tx,
    'compliance.seller_notices',
    [
      {
        acct: notice.acct,
        year: notice.year,
        kind: notice.kind,
        at: toIso(notice.at),
        turnover_fen: String(notice.turnoverFen),
        recent_fen: String(notice.recentFen),
        pack_hash: bytea(packHash),
      },
    ],
    'on conflict do nothing',
  );
  return rows > 0;
}

type NoticeRow = { acct: string; year: number; kind: SellerNotice['kind']; at: Date; turnover_fen: string; recent_fen: string };

/** Told from one date to the other, the newest first; of one person or of everybody. */
export async function listSellerNotices(
  sql: Queryable,
  { from, before, acct }: { readonly from: Instant; readonly before: Instant; readonly acct: AccountId | null },
): Promise<readonly SellerNotice[]> {
  const rows = await query<NoticeRow>(
    sql,
    `select acct, year, kind, at, turnover_fen::text, recent_fen::text from compliance.seller_notices
     where at >= $1 and at < $2 and ($3::text is null or acct = $3) order by at desc, acct, kind limit 500`,
    [toIso(from), toIso(before), acct],
  );
  return rows.map((row) => ({
    acct: parseAccountId(row.acct),
    year: row.year,
    kind: row.kind,
    at: at(row.at),
    turnoverFen: BigInt(row.turnover_fen),
    recentFen: BigInt(row.recent_fen),
  }));
}
