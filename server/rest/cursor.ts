/** Opaque list cursors: where a list goes on and the snapshot it belongs to. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { fromBase64, fromUtf8, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { Problem } from './problems.ts';

export type Cursor = {
  readonly after: bigint;
  readonly below: bigint;
  readonly height: bigint;
  readonly at: number;
  /** Digest of the conditions: a place in one list is none in another. */
  readonly list: string;
};

export function listDigest(name: string, where: string): string {
  return toHex(sm3(utf8(`${name} ${where}`)).subarray(0, 8));
}

const SNAPSHOT_MS = 15 * 60_000;

export function writeCursor(cursor: Cursor): string {
  return toBase64(utf8([cursor.after, cursor.below, cursor.height, cursor.at, cursor.list].join('.')));
}

/** @throws {Problem} `cursor_malformed`, `snapshot_gone` */
export function readCursor(text: string, list: string, now: Instant): Cursor {
  let match: RegExpExecArray | null = null;
  try {
    match = /^(\d{1,18})\.(\d{1,18})\.(\d{1,18})\.(\d{1,15})\.([0-9a-f]{16})$/.exec(fromUtf8(fromBase64(text)));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
  }
  if (match === null) throw new Problem('cursor_malformed');
  const [, after = '0', below = '0', height = '0', at = '0', given = ''] = match;
  if (given !== list) throw new Problem('cursor_malformed');
  if (now - Number(at) > SNAPSHOT_MS) throw new Problem('snapshot_gone');
  return { after: BigInt(after), below: BigInt(below), height: BigInt(height), at: Number(at), list };
}
