/**
 * Compares each Beijing day with the institution's statement, at 01:00 and on demand (product V-11). Figures, breaks and the messages about
 * them are one database transaction: a comparison that is made again, by whoever, tells nothing twice.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { every, type Ticking } from '#server/every.ts';
import type { Log } from '#server/log.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { Break } from './breaks.repo.ts';
import * as repo from './statement.repo.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 30_000;
/** 01:00 of the next day. */
const DUE_AFTER_MS = 3_600_000;
/** After a long stop the days in between are compared too. */
const MOST_DAYS = 31;

export type StatementGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Pick<Outbox, 'append'>;
  /** Every book against the one that it must agree with; null: it could not be read. */
  compareBooks(): Promise<readonly Break[] | null>;
};
export type DayCompared = { readonly day: repo.StatementDay; readonly open: readonly repo.StoredBreak[] };
export interface StatementDesk {
  /** @returns null when the day has not begun */
  compare(day: string): Promise<DayCompared | null>;
  /** Days that are due. @returns how many */
  turn(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export function openStatementDesk(ground: StatementGround): StatementDesk {
  const { sql, clock, log } = ground;
  let ticking: Ticking | null = null;
  let working: Promise<unknown> = Promise.resolve();

  async function turn(): Promise<number> {
    const due = beijingDate(instant(clock.now() - DUE_AFTER_MS - DAY_MS));
    const first = await repo.firstBooking(sql);
    if (first === null) return 0;
    const [last] = await repo.listDays(sql, 1);
    let made = 0;
    for (let back = MOST_DAYS - 1; back >= 0; back -= 1) {
      const day = beijingDate(instant(startOfBeijingDate(due) - back * DAY_MS));
      if (day < beijingDate(instant(first.getTime())) || (last !== undefined && day < last.day)) continue;
      const known = await repo.findDay(sql, day);
      // What was compared while the day still ran is not the day.
      if (known !== null && known.at.getTime() >= startOfBeijingDate(day) + DAY_MS) continue;
      await compareDay(ground, day);
      made += 1;
    }
    return made;
  }
  const takeTurn = (): Promise<number> => {
    const next = working.then(turn);
    working = next.catch(() => 0);
    return next;
  };

  return {
    compare: async (day) => (startOfBeijingDate(day) > clock.now() ? null : compareDay(ground, day)),
    turn: takeTurn,
    start: () => {
      ticking = every(EVERY_MS, takeTurn, (error) =>
        log.error({ error }, "couldn't compare a day with the statement; the next turn tries again"),
      );
    },
    stop: async () => {
      ticking?.stop();
      await working;
    },
  };
}

async function compareDay({ sql, clock, outbox, compareBooks }: StatementGround, day: string): Promise<DayCompared> {
  const books = (await compareBooks()) ?? [];
  const from = startOfBeijingDate(day);
  const [start, before] = [new Date(from), new Date(instant(from + DAY_MS))];
  return sql.begin(async (tx) => {
    await repo.lockDays(tx);
    const now = clock.now();
    const figures = await repo.readDayBooks(tx, start, before);
    const difference = BigInt(figures.theirs.closingFen) - BigInt(figures.ours.closingFen) - BigInt(figures.onItsWayFen);
    const found = [...books, ...(await repo.listLineBreaks(tx, start, before)), ...dayBreaks(day, figures, difference)];
    const messages = await keepBreaks(tx, day, found, now);
    const known = await repo.findDay(tx, day);
    const isSame = known !== null && sameFigures(known.figures, figures) && BigInt(known.differenceFen) === difference;
    // The same figures of a day that is over are final: they are kept once more than the ones of a day that ran.
    const wasFinal = known !== null && known.at >= before;
    const isFinal = now >= before.getTime();
    const kept =
      isSame && (wasFinal || !isFinal)
        ? known
        : { day, run: (known?.run ?? 0) + 1, at: new Date(now), figures, differenceFen: String(difference) };
    if (kept !== known) await repo.insertDay(tx, kept);
    const open = await repo.listOpenBreaks(tx);
    await outbox.append(tx, kept === known ? messages : [...messages, dayMessage(kept, open.length, now)]);
    return { day: kept, open };
  });
}

function sameFigures(a: repo.DayBooks, b: repo.DayBooks): boolean {
  const flat = ({ ours, theirs, onItsWayFen }: repo.DayBooks) =>
    [ours, theirs]
      .flatMap((side) => [side.openingFen, side.inFen, side.outFen, side.closingFen, side.heldFen])
      .concat(onItsWayFen)
      .join(' ');
  return flat(a) === flat(b);
}

function dayBreaks(day: string, { ours, theirs }: repo.DayBooks, difference: bigint): readonly repo.LineBreak[] {
  const breaks: repo.LineBreak[] = [];
  if (difference !== 0n) breaks.push({ kind: 'day_differs', subject: day, expected: ours.closingFen, reported: theirs.closingFen });
  for (const [kind, side] of [
    ['day_unbalanced', ours],
    ['statement_unbalanced', theirs],
  ] as const) {
    if (side.closingFen !== side.heldFen) breaks.push({ kind, subject: day, expected: side.closingFen, reported: side.heldFen });
  }
  return breaks;
}

const isAmount = (text: string): boolean => /^-?\d{1,18}$/.test(text);
function differenceOf({ expected, reported }: repo.LineBreak): bigint {
  return isAmount(expected) && isAmount(reported) ? BigInt(reported) - BigInt(expected) : 0n;
}

/** Breaks of the books as a whole belong to no day; those of a day's statement are looked for on that day alone. */
const OF_A_DAY = /^(?:statement|day)_/;

/** Of one kind at one time: what makes a thousand of them is one fault, and the feed says so in one line. */
const MOST_OF_A_KIND = 200;

/** Those that are open already stay; beyond the limit a kind has one line that says how many more there are. */
function cappedByKind(found: readonly repo.LineBreak[], isOpen: (each: repo.LineBreak) => boolean): readonly repo.LineBreak[] {
  return [...Map.groupBy(found, ({ kind }) => kind)].flatMap(([kind, ofKind]) => {
    if (ofKind.length <= MOST_OF_A_KIND) return ofKind;
    const more = `${ofKind.length - MOST_OF_A_KIND} more`;
    const kept = [...ofKind.filter(isOpen), ...ofKind.filter((each) => !isOpen(each))].slice(0, MOST_OF_A_KIND);
    return [...kept, { kind, subject: more, expected: 'none', reported: more }];
  });
}

async function keepBreaks(
  tx: Parameters<Parameters<Sql['begin']>[1]>[0],
  day: string,
  all: readonly repo.LineBreak[],
  now: Instant,
): Promise<readonly NewMessage[]> {
  const at = new Date(now);
  const open = await repo.listOpenBreaks(tx);
  const nameOf = ({ kind, subject }: repo.LineBreak) => `${kind} ${subject}`;
  const known = new Map(open.map((each) => [nameOf(each), each]));
  const distinct = [...new Map(all.map((each) => [nameOf(each), each])).values()];
  const found = cappedByKind(distinct, (each) => known.has(nameOf(each)));
  const names = new Set(found.map(nameOf));
  const fresh = [...new Map(found.filter((each) => !known.has(nameOf(each))).map((each) => [nameOf(each), each])).values()].map((each) => ({
    ...each,
    // Found, closed and found again is another break.
    breakId: `brk_${toHex(sm3(utf8(`${nameOf(each)} ${now}`))).slice(0, 32)}`,
    day,
    differenceFen: String(differenceOf(each)),
    foundAt: at,
  }));
  const gone = open.filter((each) => !names.has(nameOf(each)) && (!OF_A_DAY.test(each.kind) || each.day === day));
  for (const each of fresh) await repo.insertBreak(tx, each);
  await repo.seeBreaks(
    tx,
    open.filter((each) => names.has(nameOf(each))).map(({ breakId }) => breakId),
    at,
  );
  await repo.closeBreaks(
    tx,
    gone.map(({ breakId }) => breakId),
    at,
  );
  return [...fresh.map((each) => breakMessage(each, 'open', now)), ...gone.map((each) => breakMessage(each, 'closed', now))];
}

function breakMessage(found: Omit<repo.StoredBreak, 'closedAt' | 'takenBy'>, state: 'open' | 'closed', at: Instant): NewMessage {
  const { breakId, kind, subject, day, expected, reported, differenceFen, foundAt } = found;
  const ageSeconds = Math.floor((at - foundAt.getTime()) / 1_000);
  return {
    room: 'sup:finance',
    type: 'fin.break',
    at,
    body: { breakId, kind, subject, day, expected, reported, diffFen: differenceFen, ageSeconds, state },
  };
}

function dayMessage({ day, run, figures, differenceFen }: repo.StatementDay, breaks: number, at: Instant): NewMessage {
  const { ours, theirs, onItsWayFen } = figures;
  return {
    room: 'sup:finance',
    type: 'fin.flow.day',
    at,
    body: {
      day,
      run,
      inFen: theirs.inFen,
      outFen: theirs.outFen,
      heldFen: theirs.heldFen,
      oursClosingFen: ours.closingFen,
      onItsWayFen,
      reconciliationDiffFen: differenceFen,
      breaks,
    },
  };
}
