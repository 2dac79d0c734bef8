/** `cli match FILE.ndjson`: replays an order stream through the matching engine without a server, one event per line. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { createOrderBook } from '#server/matching/level-book.ts';
import type { MatchCommand, MatchEvent } from '#server/matching/order-book.ts';

export type MatchInput = string | Readable;
/** `malformed` beside the engine's own refusals: not JSON, or not a command of the format. */
type Refused = { readonly type: 'rejected'; readonly id: string | null; readonly code: 'malformed' | 'price_invalid' | 'quantity_invalid' };

const CHUNK = 65_536;

/** The exit code: 0, also for streams with refused lines; 2 if the file cannot be read. */
export async function runMatch(input: MatchInput, out: Writable): Promise<0 | 2> {
  const stream = typeof input === 'string' ? createReadStream(input) : input;
  const book = createOrderBook();
  let pending = '';
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const command = parseLine(line);
      for (const event of command.type === 'rejected' ? [command] : book.apply(command)) pending += `${eventLine(event)}\n`;
      if (pending.length >= CHUNK) {
        await write(out, pending);
        pending = '';
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    await write(out, pending);
    return 2;
  }
  await write(out, pending);
  return 0;
}

/** Resolves when the text was taken over, so that a slow reader slows the replay instead of filling memory. */
function write(out: Writable, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    out.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
}

function parseLine(line: string): MatchCommand | Refused {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { type: 'rejected', id: null, code: 'malformed' };
  }
  if (typeof value !== 'object' || value === null) return { type: 'rejected', id: null, code: 'malformed' };
  const { type, id, account, side, price, quantity, tif }: Partial<Record<string, unknown>> = { ...value };
  if (typeof id !== 'string' || id === '') return { type: 'rejected', id: null, code: 'malformed' };
  if (type === 'cancel') return { type, id };
  const isPlace =
    type === 'place' &&
    typeof account === 'string' &&
    account !== '' &&
    (side === 'buy' || side === 'sell') &&
    (tif === 'gtc' || tif === 'ioc' || tif === 'fok') &&
    typeof price === 'string' &&
    typeof quantity === 'string';
  if (!isPlace) return { type: 'rejected', id, code: 'malformed' };
  if (!isPositiveInteger(quantity)) return { type: 'rejected', id, code: 'quantity_invalid' };
  if (!isPositiveInteger(price)) return { type: 'rejected', id, code: 'price_invalid' };
  return { type, id, account, side, price: BigInt(price), quantity: BigInt(quantity), tif };
}

/** Up to 38 digits, without sign or leading zeros: longer ones would cost more to multiply than they can mean. */
function isPositiveInteger(text: string): boolean {
  return /^[1-9]\d{0,37}$/.test(text);
}

function eventLine(event: MatchEvent | Refused): string {
  if (event.type === 'fill') return JSON.stringify({ ...event, price: event.price.toString(), quantity: event.quantity.toString() });
  if (event.type === 'canceled') return JSON.stringify({ ...event, leavesQuantity: event.leavesQuantity.toString() });
  return JSON.stringify(event);
}
