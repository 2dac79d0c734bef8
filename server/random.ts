/** The one home of randomness: everything else receives a `Random`, so that a test can seed it. */
import { randomBytes } from 'node:crypto';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { TraceId } from '#ledger/primitives/ids.ts';

export interface Random {
  /** `count` bytes that nobody can foretell. */
  bytes(count: number): Bytes;
}

export const systemRandom: Random = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** What a user quotes to support: 16 bytes in hex, drawn here and never taken from a request. */
export function drawTraceId(random: Random): TraceId {
  return toHex(random.bytes(16)) as TraceId;
}

/** A whole number in `0 … below − 1`, without the bias of a remainder. */
export function drawBelow(random: Random, below: number): number {
  const limit = Math.floor(0x1_0000_0000 / below) * below;
  for (;;) {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
    const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (value < limit) return value % below;
  }
}
