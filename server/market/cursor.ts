/** Opaque places in a list: what a page ended with, as base64url of JSON. A cursor that is not ours is refused, never guessed. */
import { z } from 'zod';
import { RefusalError } from '#server/refusal.ts';

export type CursorPart = string | number | null;
const parts = z.array(z.union([z.string().max(200), z.number(), z.null()])).max(6);

export function writeCursor(values: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(values), 'utf8').toString('base64url');
}

/** @throws {RefusalError} `cursor_malformed` */
export function readCursor(cursor: string | undefined, length: number): readonly CursorPart[] | null {
  if (cursor === undefined) return null;
  try {
    const values = parts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (values.length === length) return values;
  } catch {
    // Whatever is wrong with it, the answer is the one below.
  }
  throw new RefusalError('malformed', 'cursor_malformed', 'This page of the list cannot be found. Go back to its beginning.');
}

/** A list keyed by a descending sequence number: the number after which the page begins. */
export function readSeqCursor(cursor: string | undefined): string | null {
  const place = readCursor(cursor, 1);
  if (place === null) return null;
  const [seq] = place;
  if (typeof seq === 'string' && /^\d{1,19}$/.test(seq)) return seq;
  throw new RefusalError('malformed', 'cursor_malformed', 'This page of the list cannot be found. Go back to its beginning.');
}
