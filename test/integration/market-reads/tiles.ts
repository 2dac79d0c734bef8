/** What supervisors see at a glance: every tile is the sum of the rows that it opens (V-05), whatever span it is of. */
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { PERIOD_KINDS, parsePeriod } from '#sandbox/reports/period.ts';
import { spanAround } from '#sandbox/reports/span.ts';
import { followDays } from '#server/market/closed-days.repo.ts';
import { listSupplyRows } from '#server/market/returns.repo.ts';
import { sumSupplies } from '#server/market/supplies.repo.ts';
import type { TaxFit } from '#server/market/tax-sums.repo.ts';
import { getTaxDay } from '#server/market/tax-view.ts';
import { getTiles, listTileRows } from '#server/market/tiles.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import type { SupervisorTiles, TaxDay, TileName, TileRow } from '#server/trpc/views.ts';
import { at, items, list, look, m, sword, take } from './world.ts';

const CASES = 53;
const DAY_MS = 86_400_000;
/** The first of `FIGURES`: those of a span. */
const SPAN_TILES = 7;
const sum = (rows: readonly TileRow[]) => String(rows.reduce((total, { value }) => total + BigInt(value), 0n));
const count = (rows: readonly TileRow[]) => rows.length;
const middle = (rows: readonly TileRow[], share: number): number | null => {
  const sorted = rows.map(({ value }) => Number(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * share;
  const [low = 0, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return Math.round(low + (high - low) * (place - Math.floor(place)));
};

/** By tile: its figure, and what its rows come to. */
const FIGURES: readonly (readonly [
  tile: TileName,
  figure: (tiles: SupervisorTiles) => unknown,
  ofRows: (rows: readonly TileRow[]) => unknown,
])[] = [
  ['trades', ({ of }) => of.trades, count],
  ['turnover', ({ of }) => of.turnoverFen, sum],
  ['filtered', ({ of }) => of.filteredFen, sum],
  ['assessed', ({ of }) => of.assessedFen, sum],
  ['sellers', ({ of }) => of.sellers, count],
  ['cost', ({ of }) => of.costPerTradeFen, (rows) => (rows.length === 0 ? null : String(BigInt(sum(rows)) / BigInt(rows.length)))],
  ['certify', ({ of }) => [of.certifyP50Ms, of.certifyP95Ms], (rows) => [middle(rows, 0.5), middle(rows, 0.95)]],
  ['alerts', ({ alertsOpen }) => alertsOpen, count],
  ['alertsOverdue', ({ alertsOverdue }) => alertsOverdue, count],
  ['cases', ({ casesOpen }) => casesOpen, count],
  ['casesOverdue', ({ casesOverdue }) => casesOverdue, count],
  ['frozen', ({ frozen }) => frozen, count],
  ['reconciliation', ({ reconciliationFen }) => reconciliationFen, sum],
  ['caps', ({ capsUsed }) => capsUsed.map(({ ratio }) => ratio), (rows) => rows.map(({ value }) => value)],
  ['members', ({ membersUp, membersTotal }) => [membersUp, membersTotal], (rows) => [Number(sum(rows)), rows.length]],
];

async function walk(tile: TileName, period: string) {
  const rows: TileRow[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await look(null, (s) => listTileRows(m, s, 'sup_tax', { tile, period, cursor }));
    rows.push(...page.rows);
    if (page.nextCursor === null) return { rows, page };
    cursor = page.nextCursor;
  }
}

/** The same question where nothing is kept: every figure is read from the assessments themselves. */
async function readDirectly(label: string, fit: TaxFit): Promise<TaxDay | undefined> {
  let answer: TaxDay | undefined;
  const undone = new Error('undone');
  await m.sql
    .begin(async (tx) => {
      await tx`delete from market.figures_cursor`;
      answer = await getTaxDay({ tx, now: m.clock.now(), height: 0, viewer: null }, label, fit);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return answer;
}

/** Each period around a day, and a quarter by each of its sellers, games and lines. */
async function holdTaxes(day: string): Promise<TaxDay> {
  for (const kind of PERIOD_KINDS) {
    const label = spanAround(kind, day);
    const all = await look(null, (s) => getTaxDay(s, label));
    const [game, seller] = [all.byGame.at(0)?.gameId, all.bySeller.at(0)?.sellerRef];
    const parts: readonly TaxFit[] = [
      ...all.bySeller.map(({ sellerRef }) => ({ seller: sellerRef })),
      ...all.byGame.map(({ gameId }) => ({ game: gameId })),
      ...all.lines.map(({ id }) => ({ line: id })),
      ...all.lines.map(({ id }) => ({ line: id, game })),
      ...all.lines.map(({ id }) => ({ line: id, game, seller })),
      { game: 'none' },
    ];
    for (const fit of [{}, ...(kind === 'quarter' ? parts : [])]) {
      const view = await look(null, (s) => getTaxDay(s, label, fit));
      expect([label, fit, view]).toEqual([label, fit, await readDirectly(label, fit)]);
    }
  }
  return look(null, (s) => getTaxDay(s, spanAround('year', day)));
}

/** What returns add up of earlier months, against the trades themselves, for whoever could have taken something. */
async function holdSupplies(): Promise<ReadonlyMap<string | null, bigint>> {
  const until = beijingDate(instant(m.clock.now() + 2 * DAY_MS));
  const span = { from: startOfBeijingDate(`${until.slice(0, 4)}-01-01`), before: startOfBeijingDate(until) };
  const studios = await m.sql<{ acct: string }[]>`select distinct studio_acct as acct from catalogue.item_classes`;
  return look(null, async ({ tx }) => {
    const sums = await sumSupplies(tx, span.from, span.before);
    for (const payer of [null, ...studios.map(({ acct }) => parseAccountId(acct))]) {
      const { sumFen } = await listSupplyRows(tx, { ...parsePeriod(until), ...span }, payer, 1);
      expect([payer, sums.get(payer) ?? 0n]).toEqual([payer, sumFen]);
    }
    expect(sums.get(null)).toBeGreaterThan(0n);
    return sums;
  });
}

export function tileCases(): void {
  describe('tiles of supervisors', () => {
    let today: string;
    beforeAll(async () => {
      const now = toIso(m.clock.now());
      today = beijingDate(m.clock.now());
      // A second trade that surveillance has labelled, one that was reversed, and one of the day before.
      const sales: string[] = [];
      for (const [place, price] of [11_100n, 12_300n, 14_500n].entries()) {
        const item = at(items, 2 + place);
        const listing = await list(m.amy, sword, item, price);
        sales.push(at((await take(m.bob, sword, item, listing.order.orderId)).trades, 0).tradeId);
      }
      await m.certify();
      const [labelled = '', reversed = '', early = ''] = sales;
      const yesterday = toIso(instant(m.clock.now() - 86_400_000));
      await m.sql`insert into market.trade_labels (trade_id, label, at, source) values (${labelled}, 'wash', ${now}, 'alr_1'), (${labelled}, 'circular', ${now}, 'alr_2')`;
      await m.sql`update market.trades set state = 'reversed' where trade_id = ${reversed}`;
      await m.sql`update market.trades set settled_at = ${yesterday} where trade_id = ${early}`;
      await m.sql`update custody.items set frozen_until = ${toIso(instant(m.clock.now() + 3_600_000))} where item_id = ${at(items, 5)}`;
      for (const [scope, until] of [
        ['payout', 3_600_000],
        ['account', -1],
      ] as const)
        await m.sql`insert into cases.freezes (freeze_id, scope, target_id, holder, reason_code, reason, is_secret, state, set_by, proposed_at, since, starts_at, until, tx_id)
          values (${`frz_${(scope === 'payout' ? 'a' : 'b').repeat(32)}`}, ${scope}, ${m.amy.acct}, ${m.amy.acct}, 'other', 'a reason of ten', false, 'active', 'x', ${now}, ${now}, ${now}, ${toIso(instant(m.clock.now() + until))}, ${new Uint8Array(32)})`;
      // More than a page of them, every second overdue, all due at one of two instants; one of another audience, one closed.
      for (let place = 0; place < CASES + 2; place += 1)
        await m.sql`insert into cases.cases (case_id, source, topic, title, ground, audience, state, owner_staff, opened_by, opened_at, due_at, closed_at, outcome)
          values (${`cas_${place.toString(16).padStart(32, '0')}`}, 'own_motion', 'tax', 'a case', 'a ground', ${m.sql.json(place === CASES ? ['market'] : ['tax'])},
            ${place > CASES ? 'closed' : place % 5 === 0 ? 'referred' : 'open'}, 'x', 'x', ${yesterday}, ${place % 2 === 0 ? yesterday : toIso(instant(m.clock.now() + 60_000))},
            ${place > CASES ? now : null}, ${place > CASES ? 'no_breach' : null})`;
    });

    test('are the sums of exactly the rows that they open, today and over every span', async () => {
      const spans = (['day', 'week', 'month', 'quarter', 'year'] as const).map((kind) => spanAround(kind, today));
      const dayBefore = beijingDate(instant(m.clock.now() - 86_400_000));
      for (const period of [...spans, dayBefore, `${dayBefore}..${today}`, '2020-01-01']) {
        const tiles = await look(null, (s) => getTiles(m, s, 'sup_tax', period));
        for (const [tile, figure, ofRows] of FIGURES) {
          const { rows, page } = await walk(tile, period);
          expect([period, tile, ofRows(rows)]).toEqual([period, tile, figure(tiles)]);
          // The head of the list says of all rows what the rows come to, and no row is there twice.
          expect([tile, page.count, new Set(rows.map(({ id }) => id)).size]).toEqual([tile, rows.length, rows.length]);
          if (tile !== 'caps') expect([tile, BigInt(page.sum)]).toEqual([tile, BigInt(sum(rows))]);
        }
      }
    });

    test('days that are over are kept, and a label, a reversal or another assessment works them out anew', async () => {
      const dayBefore = beijingDate(instant(m.clock.now() - DAY_MS));
      const spans = [
        ...(['day', 'week', 'month', 'quarter', 'year'] as const).map((kind) => spanAround(kind, today)),
        dayBefore,
        `${dayBefore}..${today}`,
      ];
      const tilesOf = (period: string) => look(null, (s) => getTiles(m, s, 'sup_tax', period));
      const hold = async (period: string) => {
        const tiles = await tilesOf(period);
        for (const [tile, figure, ofRows] of FIGURES.slice(0, SPAN_TILES)) {
          const { rows, page } = await walk(tile, period);
          expect([period, tile, ofRows(rows)]).toEqual([period, tile, figure(tiles)]);
          expect([tile, page.count, BigInt(page.sum)]).toEqual([tile, rows.length, BigInt(sum(rows))]);
        }
        return tiles.of;
      };
      const raw = await Promise.all(spans.map(async (period) => (await tilesOf(period)).of));
      // Two days on, with both days over; one that waits for the members would hold them open.
      const waits = m.sql`update market.trades set state = 'settled' where trade_id = (select min(trade_id) from market.trades where state = 'certified' or state = 'protected') returning trade_id, state`;
      const [waiting] = await waits;
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      const kept = () => m.sql<{ day: string }[]>`select day from market.day_figures order by day`;
      expect((await kept()).map(({ day }) => day)).not.toContain(today);
      await m.sql`update market.trades set state = 'protected' where trade_id = ${waiting?.trade_id ?? ''}`;
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      expect((await kept()).map(({ day }) => day)).toEqual([dayBefore, today]);
      for (const [place, period] of spans.entries()) expect([period, await hold(period)]).toEqual([period, raw[place]]);
      // What is kept is what is shown, until something of the day changes.
      const taxes = await holdTaxes(today);
      expect([taxes.bySeller.length, taxes.byGame.length, taxes.lines.length].every((groups) => groups > 0)).toBe(true);
      expect(BigInt(taxes.totalFen)).toBeGreaterThan(0n);
      await holdSupplies();
      await m.sql`update market.day_figures set turnover_fen = turnover_fen + 1 where day = ${today}`;
      expect(BigInt((await tilesOf(today)).of.turnoverFen)).toBe(BigInt(raw[0]?.turnoverFen ?? '0') + 1n);
      const [sale] = await m.sql<{ trade_id: string; gross: string }[]>`
        select t.trade_id, t.gross_fen::text as gross from market.trades t join market.trade_labels l using (trade_id) where l.removed_at is null limit 1`;
      await m.sql`update market.trade_labels set removed_at = at where trade_id = ${sale?.trade_id ?? ''}`;
      await m.sql.begin((tx) =>
        appendOutbox(tx, [{ room: 'sup:market', type: 'mkt.trade.corrected', at: m.clock.now(), body: { tradeId: sale?.trade_id ?? '' } }]),
      );
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      const unlabelled = await hold(spanAround('year', today));
      expect(unlabelled.filteredFen).toBe(unlabelled.turnoverFen);
      expect(unlabelled.turnoverFen).toBe(raw[4]?.turnoverFen);
      await m.sql`update market.trades set state = 'reversed' where trade_id = ${sale?.trade_id ?? ''}`;
      await m.sql.begin((tx) =>
        appendOutbox(tx, [{ room: 'sup:tax', type: 'tax.trade.corrected', at: m.clock.now(), body: { tradeId: sale?.trade_id ?? '' } }]),
      );
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      const reversed = await hold(spanAround('year', today));
      expect(BigInt(reversed.turnoverFen)).toBe(BigInt(unlabelled.turnoverFen) - BigInt(sale?.gross ?? '0'));
      expect(reversed.trades).toBe(unlabelled.trades - 1);
      for (const period of spans) await hold(period);
      // What is given back stands against what was taken, on its own day.
      const taken = await holdSupplies();
      const [back] = await m.sql<{ trade_id: string; fee: string }[]>`
        insert into market.trade_states (trade_id, step, state, at)
        select t.trade_id, max(s.step) + 1, 'reversed', ${new Date(`${dayBefore}T15:00:00Z`)} from market.trades t join market.trade_states s using (trade_id)
        where t.trade_id = ${sale?.trade_id ?? ''} group by t.trade_id returning trade_id, (select fee_fen::text from market.trades f where f.trade_id = trade_states.trade_id) as fee`;
      await m.sql.begin((tx) =>
        appendOutbox(tx, [{ room: 'sup:tax', type: 'tax.trade.corrected', at: m.clock.now(), body: { tradeId: sale?.trade_id ?? '' } }]),
      );
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      expect(BigInt(back?.fee ?? '0')).toBeGreaterThan(0n);
      expect((await holdSupplies()).get(null)).toBe((taken.get(null) ?? 0n) - BigInt(back?.fee ?? '0'));
      await m.sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`delete from market.trade_states where trade_id = ${sale?.trade_id ?? ''} and at = ${new Date(`${dayBefore}T15:00:00Z`)}`;
      });
      // A sale that is assessed anew: one line more of a fen.
      const [anew] = await m.sql<{ trade_id: string; line: string }[]>`
        insert into compliance.assessments (trade_id, version, at, cause, seller, day, gross_fen, is_taxable, total_fen, pack_hash, assessment_hash, input, lines)
        select a.trade_id, a.version + 1, a.at, 'day_line', a.seller, a.day, a.gross_fen, a.is_taxable, a.total_fen + 1, a.pack_hash, a.assessment_hash, a.input,
          (select jsonb_agg(case place when 1 then jsonb_build_object('id', l->>'id', 'amountFen', ((l->>'amountFen')::bigint + 1)::text) else l end)
            from jsonb_array_elements(a.lines) with ordinality as e(l, place))
        from compliance.assessments a where a.trade_id = ${sale?.trade_id ?? ''} order by a.version desc limit 1
        returning trade_id, lines->0->>'id' as line`;
      const amountOf = ({ lines }: TaxDay) => BigInt(lines.find(({ id }) => id === anew?.line)?.amountFen ?? '-1');
      // Not before the feed has told of it.
      expect(amountOf(await look(null, (s) => getTaxDay(s, spanAround('year', today))))).toBe(amountOf(taxes));
      await m.sql.begin((tx) =>
        appendOutbox(tx, [{ room: 'sup:tax', type: 'tax.trade.corrected', at: m.clock.now(), body: { tradeId: sale?.trade_id ?? '' } }]),
      );
      await followDays(m.sql, instant(m.clock.now() + 2 * DAY_MS));
      const corrected = await holdTaxes(today);
      expect([amountOf(corrected), BigInt(corrected.totalFen)]).toEqual([amountOf(taxes) + 1n, BigInt(taxes.totalFen) + 1n]);
      // As it was, for the cases after this one.
      await m.sql`update market.trades set state = 'protected' where trade_id = ${sale?.trade_id ?? ''}`;
      await m.sql`update market.trade_labels set removed_at = null where trade_id = ${sale?.trade_id ?? ''}`;
      await m.sql`delete from market.figures_cursor`;
      await m.sql`delete from market.day_taxes`;
      await m.sql`delete from market.day_supplies`;
      await m.sql`delete from market.seller_tax_months`;
      await m.sql`delete from market.day_figures`;
      await m.sql`delete from market.day_latencies`;
      await m.sql`delete from market.seller_months`;
    });

    test('count neither what was reversed nor what is another’s, and leave the labelled out of the filtered turnover', async () => {
      const tiles = await look(null, (s) => getTiles(m, s, 'sup_tax'));
      expect(BigInt(tiles.of.turnoverFen) - BigInt(tiles.of.filteredFen)).toBe(11_100n);
      expect(tiles.dayBefore).toMatchObject({ trades: 1, turnoverFen: '14500', filteredFen: '14500', sellers: 1 });
      expect(tiles).toMatchObject({ casesOpen: CASES, casesOverdue: 27, frozen: 2, period: today, day: today });
      const market = await look(null, (s) => getTiles(m, s, 'sup_market'));
      expect(market).toMatchObject({ casesOpen: 1, of: tiles.of });
      const year = await look(null, (s) => getTiles(m, s, 'sup_tax', today.slice(0, 4)));
      expect(year.today).toEqual(tiles.of);
      expect(year.dayBefore).toEqual(tiles.dayBefore);
    });

    test('taxes of single sales open to who reads tax lines', async () => {
      const ask = { tile: 'assessed', period: today } as const;
      for (const role of ['sup_market', 'sup_finance'] as const)
        await expect(look(null, (s) => listTileRows(m, s, role, ask))).rejects.toMatchObject({ code: 'role_missing' });
      await expect(look(null, (s) => listTileRows(m, s, 'sup_tax', { ...ask, cursor: 'nonsense' }))).rejects.toMatchObject({
        code: 'cursor_malformed',
      });
    });

    test('the tax view lists the sales of one line, game or seller, and projects a period that still runs', async () => {
      const all = await look(null, (s) => getTaxDay(s, today));
      const fits = [
        ...all.bySeller.map(({ sellerRef, trades, taxFen }) => [{ seller: sellerRef }, trades, taxFen] as const),
        ...all.byGame.map(({ gameId, trades, taxFen }) => [{ game: gameId }, trades, taxFen] as const),
        [{ seller: m.bob.acct }, 0, '0'] as const,
      ];
      for (const [fit, trades, taxFen] of fits) {
        const view = await look(null, (s) => getTaxDay(s, today, fit));
        expect(view).toMatchObject({ tradesTotal: trades, tradesTaxFen: taxFen, totalFen: all.totalFen, lines: all.lines });
        expect(view.trades).toHaveLength(trades);
      }
      for (const { id, amountFen } of all.lines) {
        const { tradesTotal } = await look(null, (s) => getTaxDay(s, today, { line: id }));
        expect([id, tradesTotal > 0]).toEqual([id, amountFen !== '0']);
      }
      const { from } = { from: Date.parse(`${today}T00:00:00+08:00`) };
      const quarterOfIt = await look(null, (s) => getTaxDay({ ...s, now: instant(from + 21_600_000) }, today));
      expect(quarterOfIt.estimatedFen).toBe(String(BigInt(all.totalFen) * 4n));
      expect((await look(null, (s) => getTaxDay({ ...s, now: instant(from + 86_400_000) }, today))).estimatedFen).toBeNull();
    });
  });
}
