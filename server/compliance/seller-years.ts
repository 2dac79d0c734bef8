/**
 * A person's year of sales (rulebook CN-RPT-13, CN-IIT-16; product P-41): against the line above which a seller registers, and whether trade
 * looks like a business. Over a line the seller is reminded and the supervisors of market and tax are told, once a year; nobody is stopped
 * or reclassified. One account is one person here, so all shops of a person are together.
 */
import { fromHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { fenOf, findConstant, packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { computeFigure, type FigureAnswer, figureOf, wholeOf } from '#sandbox/tax/figures.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { traceView } from '#server/exchange/assessment-view.ts';
import { message } from '#server/exchange/messages.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { SellerNoticeView, SellerYear } from '#server/trpc/views.ts';
import {
  insertSellerNotice,
  listBusySellers,
  readSellerSales,
  type SellerNotice,
  type SellerSales,
  type YearSpans,
} from './seller-years.repo.ts';

/** `null`: the pack has no such lines. */
export async function sellerYear(sql: Queryable, acct: AccountId, pack: RulePack, now: Instant): Promise<SellerYear | null> {
  if (!hasLines(pack)) return null;
  const spans = spansOf(now);
  const sales = await readSellerSales(sql, acct, spans);
  const { registration, business } = judge(pack, beijingDate(now), sales);
  return {
    year: spans.year,
    turnoverFen: String(sales.turnoverFen),
    lineFen: String(wholeOf(registration, 'line')),
    leftFen: String(wholeOf(registration, 'left')),
    isRegistrationDue: wholeOf(registration, 'due') === 1n,
    recent: {
      sales: Number(sales.recent.sales),
      grossFen: String(sales.recent.grossFen),
      itemsSold: Number(sales.recent.itemsSold),
      itemsBought: Number(sales.recent.itemsBought),
    },
    looksLikeBusiness: wholeOf(business, 'suggested') === 1n,
    steps: [...registration.trace, ...business.trace].map(traceView),
  };
}

function hasLines(pack: RulePack): boolean {
  const ids = (pack.figures ?? []).map(({ id }) => id);
  return ids.includes('REGISTRATION') && ids.includes('BUSINESS_TEST');
}

function judge(
  pack: RulePack,
  date: string,
  { turnoverFen, recent }: SellerSales,
): Readonly<Record<'registration' | 'business', FigureAnswer>> {
  const { sales, itemsSold, itemsBought, grossFen } = recent;
  // Registered traders have no accounts of their own here: whoever sells is a person without one.
  return {
    registration: computeFigure(pack, figureOf(pack, 'REGISTRATION'), date, { turnover: turnoverFen, registered: false }),
    business: computeFigure(pack, figureOf(pack, 'BUSINESS_TEST'), date, { sales, itemsSold, itemsBought, grossFen }),
  };
}

/** The calendar year in Beijing, and the twelve months that end with today. */
export function spansOf(now: Instant): YearSpans {
  const today = beijingDate(now);
  const [year = 0, month = 1, day = 1] = today.split('-').map(Number);
  const recent = new Date(Date.UTC(year - 1, month - 1, day + 1)).toISOString().slice(0, today.length);
  return {
    year,
    yearFrom: startOfBeijingDate(`${year}-01-01`),
    recentFrom: startOfBeijingDate(recent),
    before: instant(now + 1),
  };
}

type Ground = { readonly sql: Sql; readonly clock: Clock; readonly outbox: Pick<Outbox, 'append'>; readonly pack: () => RulePack | null };

export type SellerWatch = { turn(): Promise<number> };

/** A sale that was written by a transaction which was not over yet is found by the next turn. */
const OVERLAP_MS = 60_000;
const EVERY_MS = 10_000;

/** The first turn of a process looks at everybody of the year, later ones at who has sold since. */
export function watchSellers(ground: Ground): SellerWatch {
  let since: Instant | null = null;
  return {
    turn: async () => {
      const now = ground.clock.now();
      const pack = ground.pack();
      if (pack === null || !hasLines(pack) || (since !== null && now - since < OVERLAP_MS + EVERY_MS)) return 0;
      const told = await tellSellers(ground, pack, since ?? spansOf(now).recentFrom, now);
      since = instant(now - OVERLAP_MS);
      return told;
    },
  };
}

async function tellSellers({ sql, outbox }: Ground, pack: RulePack, since: Instant, now: Instant): Promise<number> {
  const spans = spansOf(now);
  const business = (name: string) => BigInt(findConstant(pack, name)?.value ?? '0');
  const lines = {
    turnoverFen: fenOf(pack, 'noRegistrationMaxYear'),
    grossFen: business('businessGrossMin'),
    sales: business('businessSalesMin'),
  };
  let told = 0;
  for (const acct of await listBusySellers(sql, since, spans, lines)) {
    const sales = await readSellerSales(sql, acct, spans);
    const answers = judge(pack, beijingDate(now), sales);
    const due: readonly SellerNotice['kind'][] = [
      ...(wholeOf(answers.registration, 'due') === 1n ? (['registration_due'] as const) : []),
      ...(wholeOf(answers.business, 'suggested') === 1n ? (['business_hint'] as const) : []),
    ];
    for (const kind of due) {
      const notice = { acct, year: spans.year, kind, at: now, turnoverFen: sales.turnoverFen, recentFen: sales.recent.grossFen };
      const { isNew } = await sql.begin(async (tx) => {
        const isNew = await insertSellerNotice(tx, notice, fromHex(packHash(pack), 32));
        if (isNew) await outbox.append(tx, noticeMessages(notice, lines.turnoverFen));
        return { isNew };
      });
      if (isNew) told += 1;
    }
  }
  return told;
}

function noticeMessages({ acct, year, kind, at, turnoverFen, recentFen }: SellerNotice, lineFen: bigint): readonly NewMessage[] {
  const body = { sellerRef: acct, year, turnoverFen: String(turnoverFen), recentFen: String(recentFen), lineFen: String(lineFen) };
  return [
    noticeTo(acct, kind, at, { year, turnoverFen: String(turnoverFen), lineFen: String(lineFen), link: '/tax' }),
    message('sup:tax', `tax.seller.${kind}`, at, body),
    // The market's supervisor reminds of registration; whether trade is a business is the tax office's alone.
    ...(kind === 'registration_due' ? [message('sup:market', 'mkt.seller.registration_due', at, body)] : []),
  ];
}

export function noticeView({ acct, kind, year, at, turnoverFen, recentFen }: SellerNotice): SellerNoticeView {
  return { sellerRef: acct, kind, year, at: toIso(at), turnoverFen: String(turnoverFen), recentFen: String(recentFen) };
}
