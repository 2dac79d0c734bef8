/** Lists travel as one text parameter per column: PostgreSQL splits a string of hex faster than any driver writes an array. */
import type { Bytes } from '#ledger/primitives/bytes.ts';

export const PAGE_ROWS = 1000;

export const hexList = (values: readonly Uint8Array[]): string =>
  values.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')).join(',');
export const list = (values: readonly (bigint | number | string)[]): string => values.join(',');
export const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
