/**
 * The books of the kinds that somebody looks at (product P-15). A book is read from the tables when it is first asked for and follows every
 * commit from then on; each change of it gets the next number and goes to the kind's room. What is committed while a book is being read is
 * kept and put in afterwards: it says what an order is, not what was added, so that it does no harm twice.
 */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { Group } from '#server/settlement/group.ts';
import type { ClassRow, OrderRow } from '#server/settlement/model.ts';
import { isWanted } from '#server/settlement/wanted.ts';
import type { Depth, LevelChange } from '#server/trpc/views.ts';
import { DEPTH_INTENTS, listFrozenOrders, readDepthOrders } from './depth.repo.ts';
import { type BookOrder, DepthBook } from './depth-book.ts';
import { found } from './input.ts';
import { readSnapshot } from './snapshot.ts';

export type DepthGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  height(): number;
  findKind(classId: ClassId): Promise<ClassRow | null>;
  /** The matching experiment that runs for a kind. */
  experimentOf(classId: ClassId): string | null;
  publish(messages: readonly NewMessage[]): void;
};

export interface DepthBooks {
  /** @throws {RefusalError} `class_unknown` */
  get(classId: ClassId): Promise<Depth>;
  /** After the commit, in the order of commits. `settled`: trades that this group has settled. */
  follow(group: Pick<Group, 'now' | 'newOrders' | 'changedOrders' | 'loaded'>, settled: ReadonlySet<string>): void;
  /** What the clock changes; and books that nobody has asked for in a while are given up. */
  turn(): Promise<void>;
  /** A studio has changed a kind: what fits it may be another. Null: all kinds. */
  forget(classId: ClassId | null): void;
}

/** A page that is open asks every minute. */
const IDLE_MS = 10 * 60_000;

type Open = {
  readonly kind: ClassRow;
  readonly bookId: number;
  readonly experimentId: string | null;
  readonly book: DepthBook;
  bookSeq: number;
  askedAt: Instant;
  /** Commits since the reading began; null once it is over. */
  waiting: { readonly orders: readonly BookOrder[]; readonly now: Instant }[] | null;
};

export function createDepthBooks(ground: DepthGround): DepthBooks {
  const { sql, clock, publish } = ground;
  const open = new Map<ClassId, { readonly entry: Open; readonly ready: Promise<void> }>();
  let lastId = 0;

  async function openBook(classId: ClassId): Promise<Open> {
    const kind = found(await ground.findKind(classId), 'class_unknown');
    const known = open.get(classId);
    if (known !== undefined) return settled(known);
    // Business time never goes back, so a book of a later run has a higher number as well.
    lastId = Math.max(lastId + 1, clock.now());
    const experimentId = ground.experimentOf(classId);
    const entry: Open = { kind, bookId: lastId, experimentId, book: new DepthBook(), bookSeq: 0, askedAt: clock.now(), waiting: [] };
    const opening = { entry, ready: fill(entry) };
    open.set(classId, opening);
    opening.ready.catch(() => {
      if (open.get(classId)?.entry === entry) open.delete(classId);
    });
    return settled(opening);
  }

  async function settled({ entry, ready }: { readonly entry: Open; readonly ready: Promise<void> }): Promise<Open> {
    await ready;
    return entry;
  }

  async function fill(entry: Open): Promise<void> {
    const wish = { classId: entry.kind.classId, isMatched: entry.experimentId !== null };
    const { orders, frozen } = await readSnapshot({ sql, clock }, null, (snapshot) => readDepthOrders({ sql, clock }, snapshot, wish));
    entry.book.put(orders, clock.now());
    entry.book.turn(frozen, clock.now());
    for (const { orders: later, now } of entry.waiting ?? []) entry.book.put(later, now);
    entry.waiting = null;
  }

  function delta(
    { kind: { classId }, bookId, bookSeq }: Pick<Open, 'kind' | 'bookId' | 'bookSeq'>,
    changes: readonly LevelChange[],
  ): NewMessage {
    const body = { classId, bookId, bookSeq, height: ground.height(), changes };
    return { room: `class:${classId}`, type: 'book.delta', at: clock.now(), body };
  }

  function move(entry: Open, changes: readonly LevelChange[] | null): readonly NewMessage[] {
    if (changes === null) return [];
    entry.bookSeq += 1;
    return [delta(entry, changes)];
  }

  /** Whoever has it asks for another. */
  function close({ kind: { classId }, bookId }: Open): NewMessage {
    open.delete(classId);
    return { room: `class:${classId}`, type: 'book.closed', at: clock.now(), body: { classId, bookId } };
  }

  /** Every book only for an order that may fit anywhere: this runs behind each commit. */
  function booksOf(touched: readonly OrderRow[]) {
    if (touched.some(({ expression }) => expression !== '')) return [...open.values()];
    return [...new Set(touched.map(({ classId }) => classId))].flatMap((classId) => open.get(classId) ?? []);
  }

  /** An experiment that began or ended makes another book of it. */
  const isOutdated = ({ kind: { classId }, experimentId }: Open) => ground.experimentOf(classId) !== experimentId;

  return {
    get: async (classId) => {
      const entry = await openBook(classId);
      const { book, bookId, bookSeq, experimentId } = entry;
      entry.askedAt = clock.now();
      return {
        ...{ mechanism: experimentId === null ? 'fixed_price' : 'price_time', experimentId, bookId, bookSeq, height: ground.height() },
        ...{ sell: book.levels('sell'), buy: book.levels('buy') },
      };
    },
    follow: (group, settledTrades) => {
      const touched = [...new Set([...group.newOrders, ...group.changedOrders])].filter(isPublic);
      if (touched.length === 0) return;
      const messages: NewMessage[] = [];
      for (const { entry } of booksOf(touched)) {
        if (isOutdated(entry)) {
          messages.push(close(entry));
          continue;
        }
        const orders = touched.filter((order) => belongs(entry, order)).map((order) => bookOrder(order, group, settledTrades));
        if (orders.length === 0) continue;
        if (entry.waiting !== null) entry.waiting.push({ orders, now: group.now });
        else messages.push(...move(entry, entry.book.put(orders, group.now)));
      }
      for (const classId of new Set(touched.map((order) => order.classId))) {
        if (open.has(classId)) continue;
        const kind = group.loaded.classes.get(classId);
        if (kind !== undefined) messages.push(delta({ kind, bookId: 0, bookSeq: 0 }, []));
      }
      publish(messages);
    },
    turn: async () => {
      if (open.size === 0) return;
      const frozen = await listFrozenOrders(sql, clock.now());
      const now = clock.now();
      publish(
        [...open.values()].flatMap(({ entry }) => {
          if (entry.waiting !== null) return [];
          if (now - entry.askedAt > IDLE_MS || isOutdated(entry)) return [close(entry)];
          return move(entry, entry.book.turn(frozen, now));
        }),
      );
    },
    forget: (classId) => {
      const entries = [...open.values()].map(({ entry }) => entry);
      publish(entries.filter(({ kind }) => classId === null || kind.classId === classId).map(close));
    },
  };
}

const SHOWN: readonly string[] = [...DEPTH_INTENTS.people, ...DEPTH_INTENTS.matched];

function isPublic(order: OrderRow): boolean {
  return SHOWN.includes(order.intent) && (order.quote.document.namedBuyer ?? null) === null;
}

function belongs({ kind, experimentId }: Open, order: OrderRow): boolean {
  if ((order.intent === 'matched') !== (experimentId !== null)) return false;
  return isWanted(order, kind);
}

function bookOrder(order: OrderRow, { loaded }: Pick<Group, 'loaded'>, settledTrades: ReadonlySet<string>): BookOrder {
  const { orderId, side, priceFen, liveFrom } = order;
  const reservation = loaded.reservations.get(orderId);
  const isReserved = reservation !== undefined && !settledTrades.has(reservation.tradeId);
  return { orderId, side, priceFen, liveFrom, leaves: order.endedAt === null ? order.quantity - order.filled : 0, isReserved };
}
