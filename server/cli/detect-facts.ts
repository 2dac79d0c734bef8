/** Rows of the two tables of `cli detect` as facts. */
import { isCalendarDate } from '#ledger/primitives/instant.ts';
import type { Fact, PaymentFact, TradeFact } from '#sandbox/surveillance/facts.ts';
import { CsvRefusal, type CsvRow } from './read-csv.ts';

export const DETECT_KINDS = {
  trades: ['tradeId', 'ts', 'itemId', 'classId', 'sellerRef', 'buyerRef', 'priceFen', 'quantity'],
  transfers: ['id', 'ts', 'fromRef', 'toRef', 'amountFen'],
} as const;
export type DetectKind = keyof typeof DETECT_KINDS;

const DAY_MS = 86_400_000;
const MOST_DAY_NUMBER = 1_000_000;
const MOST_SECONDS = 100_000_000_000;

/** What rows name again and again is kept once: a million rows name few accounts, kinds and items. */
type Shared = {
  readonly text: (text: string) => string;
  readonly itemIds: (itemId: string) => readonly string[];
};

export function createFactReader(kind: DetectKind): (row: CsvRow) => Fact {
  const shared = createShared();
  return kind === 'trades' ? (row) => readTrade(row, shared) : (row) => readTransfer(row, shared);
}

function createShared(): Shared {
  const texts = new Map<string, string>();
  const items = new Map<string, readonly string[]>();
  return {
    text: (text) => {
      const known = texts.get(text);
      if (known === undefined) texts.set(text, text);
      return known ?? text;
    },
    itemIds: (itemId) => {
      const known = items.get(itemId);
      if (known !== undefined) return known;
      const itemIds = [itemId];
      items.set(itemId, itemIds);
      return itemIds;
    },
  };
}

function readTrade(row: CsvRow, shared: Shared): TradeFact {
  return {
    kind: 'trade',
    id: readRef(row, 'tradeId'),
    at: readTime(row),
    itemIds: shared.itemIds(readRef(row, 'itemId')),
    classId: shared.text(readRef(row, 'classId')),
    seller: readParty(row, 'sellerRef', shared),
    buyer: readParty(row, 'buyerRef', shared),
    priceFen: readPrice(row),
    quantity: Number(readDigits(row, 'quantity', /^[1-9]\d{0,8}$/, 'a whole number from 1')),
  };
}

function readTransfer(row: CsvRow, shared: Shared): PaymentFact {
  return {
    kind: 'payment',
    id: readRef(row, 'id'),
    at: readTime(row),
    from: shared.text(readRef(row, 'fromRef')),
    to: shared.text(readRef(row, 'toRef')),
    amountFen: readAmount(row, 'amountFen'),
  };
}

function malformed(row: CsvRow, column: string, expected: string): CsvRefusal {
  return new CsvRefusal(
    'row_value_malformed',
    row.line,
    `${column} ${JSON.stringify(row.value(column).slice(0, 40))}: expected ${expected}`,
  );
}

function readRef(row: CsvRow, column: string): string {
  const text = row.value(column);
  if (text === '' || text.length > 200) throw malformed(row, column, '1 to 200 characters');
  return text;
}

/** Empty, or an address of zeros alone: the source lost the party, as when the contract of cryptopunks accepted bids. */
function readParty(row: CsvRow, column: string, shared: Shared): string | null {
  const text = row.value(column);
  return text === '' || /^0x0+$/.test(text) ? null : shared.text(readRef(row, column));
}

function readDigits(row: CsvRow, column: string, pattern: RegExp, expected: string): string {
  const text = row.value(column);
  if (!pattern.test(text)) throw malformed(row, column, expected);
  return text;
}

function readAmount(row: CsvRow, column: string): bigint {
  return BigInt(readDigits(row, column, /^[1-9]\d{0,17}$/, 'whole fen from 1, digits only'));
}

/** Nothing is a price too: the item moves and the money, if any, elsewhere (typology 6 of rulebook 9.3). */
function readPrice(row: CsvRow): bigint {
  return BigInt(readDigits(row, 'priceFen', /^(?:0|[1-9]\d{0,17})$/, 'whole fen, digits only'));
}

/** ISO 8601 (without a zone: UTC), or a number: milliseconds, seconds, or below a million the number of a day. */
function readTime(row: CsvRow): number {
  const text = row.value('ts');
  const expected = 'ISO 8601, or milliseconds, seconds or days since 1970';
  if (/^\d{1,15}$/.test(text)) {
    const number = Number(text);
    if (number < MOST_DAY_NUMBER) return number * DAY_MS;
    return number < MOST_SECONDS ? number * 1_000 : number;
  }
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) throw malformed(row, 'ts', expected);
  const [, date = '', time = '00:00:00', zone = 'Z'] = match;
  if (!isCalendarDate(date)) throw malformed(row, 'ts', 'a date of the calendar');
  const at = Date.parse(`${date}T${time}${zone === 'UTC' ? 'Z' : zone}`);
  if (Number.isNaN(at) || at < 0) throw malformed(row, 'ts', expected);
  return at;
}
