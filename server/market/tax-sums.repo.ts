/** What the taxes of a period come to (product V-06): days that are over from what is kept of them, the rest from the assessments themselves. */
import { query } from '#server/journal/rows.repo.ts';
import { NEWEST, SALES_OF } from './newest-assessments.ts';
import type { Snapshot } from './snapshot.ts';
import { type Split, sellerParts } from './span-figures.repo.ts';

type Ground = Pick<Snapshot, 'tx'>;
/** Sales of one seller, of one game, or with an amount on one line; all of them at once are those that fit each. */
export type TaxFit = { readonly seller?: string | undefined; readonly game?: string | undefined; readonly line?: string | undefined };
export type GroupSums = { readonly trades: number; readonly gross: string; readonly tax: string };

const MOST_GROUPS = 50;
const SUMS = 'sum(sales)::int as trades, sum(gross_fen)::text as gross, sum(tax_fen)::text as tax';
const SUMS_OF_ALL =
  'coalesce(sum(sales), 0)::int as trades, coalesce(sum(gross_fen), 0)::text as gross, coalesce(sum(tax_fen), 0)::text as tax';
const ONE_SALE = '1 as sales, n.gross_fen, n.total_fen as tax_fen';
/** Open days are `$1` to `$2`, kept ones `$3` to `$4`. */
const KEPT = 'market.day_taxes where day >= $3 and day < $4';
const OPEN = `select a.* ${NEWEST}`;
const OPEN_SALES = SALES_OF(OPEN);

const datesOf = ({ open, closed }: Split) => [open.from, open.before, closed.from, closed.before];

export type LineSum = { readonly id: string; readonly amount: string; readonly pack_hash: string };

export function sumLines({ tx }: Ground, split: Split): Promise<readonly LineSum[]> {
  return query<LineSum>(
    tx,
    `select id, sum(amount)::text as amount, min(pack_hash) as pack_hash from (
       select line as id, amount_fen as amount, encode(pack_hash, 'hex') as pack_hash from ${KEPT} and line <> ''
       union all select l.line->>'id', (l.line->>'amountFen')::bigint, encode(n.pack_hash, 'hex') from (${OPEN}) n, jsonb_array_elements(n.lines) l(line)
     ) each group by id order by id`,
    datesOf(split),
  );
}

/** Those with most taxes. */
export function topGames({ tx }: Ground, split: Split) {
  return query<GroupSums & { readonly game_id: string; readonly zh: string | null; readonly en: string }>(
    tx,
    `select g.game_id, g.name_zh as zh, g.name_en as en, ${SUMS} from (
       select game_id, sales, gross_fen, tax_fen from ${KEPT} and line = ''
       union all select n.game_id, ${ONE_SALE} from (${OPEN_SALES}) n
     ) each join catalogue.games g using (game_id) group by g.game_id order by sum(tax_fen) desc, g.game_id limit ${MOST_GROUPS}`,
    datesOf(split),
  );
}

/** Those with most taxes. */
export function topSellers({ tx }: Ground, split: Split) {
  const { months, ends } = sellerParts(split);
  const own = (from: number) =>
    `select n.seller, ${ONE_SALE} from (select a.* ${NEWEST.replaceAll('$1', `$${from}`).replaceAll('$2', `$${from + 1}`)}) n`;
  return query<GroupSums & { readonly seller: string }>(
    tx,
    `select seller, ${SUMS} from (
       select seller, sales, gross_fen, tax_fen from market.seller_tax_months where month = any($5) union all ${own(1)} union all ${own(3)}
     ) each group by seller order by sum(tax_fen) desc, seller limit ${MOST_GROUPS}`,
    [...ends, months],
  );
}

/** What the fitting sales of open days are, and of a seller's all: their number is small, and an index names them. */
export function fitting({ seller, game, line }: TaxFit, split: Split, first: string) {
  const dates = seller === undefined ? [first, split.open.before] : [split.closed.from, split.open.before];
  const args = [...dates, seller, game, line].flatMap((each) => (each === undefined ? [] : [each]));
  let place = dates.length;
  const next = (where: string) => where.replace('?', `$${++place}`);
  const newest = seller === undefined ? NEWEST : `${NEWEST} and ${next('a.seller = ?')}`;
  const wheres = [
    ...(game === undefined ? [] : [next('n.game_id = ?')]),
    ...(line === undefined
      ? []
      : [
          next(
            "exists (select 1 from jsonb_array_elements(n.lines) l(line) where l.line->>'id' = ? and (l.line->>'amountFen')::bigint <> 0)",
          ),
        ]),
  ];
  const where = wheres.length === 0 ? '' : `where ${wheres.join(' and ')}`;
  return { rows: `(${SALES_OF(`select a.* ${newest}`)}) n ${where}`, args };
}

export async function sumSales({ tx }: Ground, split: Split, fit: TaxFit): Promise<GroupSums> {
  const { rows, args } = fitting(fit, split, split.open.from);
  const open = `select ${ONE_SALE} from ${rows}`;
  const place = args.length;
  // A seller's own sales are all read.
  const kept =
    fit.seller !== undefined
      ? null
      : [split.closed.from, split.closed.before, fit.line ?? '', ...(fit.game === undefined ? [] : [fit.game])];
  const ofGame = fit.game === undefined ? '' : `and game_id = $${place + 4}`;
  const [row] = await query<GroupSums>(
    tx,
    kept === null
      ? `select ${SUMS_OF_ALL} from (${open}) each`
      : `select ${SUMS_OF_ALL} from (${open} union all select sales, gross_fen, tax_fen from market.day_taxes
           where day >= $${place + 1} and day < $${place + 2} and line = $${place + 3} ${ofGame}) each`,
    [...args, ...(kept ?? [])],
  );
  return row ?? { trades: 0, gross: '0', tax: '0' };
}

/** The first day that is read for the newest so many: on the days from it to the end there are enough. */
export async function firstDayListed({ tx }: Ground, { closed }: Split, fit: TaxFit, enough: number): Promise<string> {
  if (fit.seller !== undefined) return closed.from;
  const ofGame = fit.game === undefined ? '' : 'and game_id = $5';
  const [row] = await query<{ day: string | null }>(
    tx,
    `select max(day) as day from (
       select day, sum(sum(sales)) over (order by day desc) as upto from market.day_taxes
       where day >= $1 and day < $2 and line = $4 ${ofGame} group by day) d where upto >= $3`,
    [closed.from, closed.before, enough, fit.line ?? '', ...(fit.game === undefined ? [] : [fit.game])],
  );
  return row?.day ?? closed.from;
}
