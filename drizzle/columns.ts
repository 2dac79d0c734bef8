/** Columns that read themselves: a row is input like any other, so it enters through the parsers of the ledger's primitives. */
import { customType } from 'drizzle-orm/pg-core';
import { type Fen, parseFen } from '#ledger/primitives/fen.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';

export const fenColumn = customType<{ data: Fen; driverData: string }>({
  dataType: () => 'bigint',
  fromDriver: parseFen,
  toDriver: (amount) => amount.toString(),
});

export const bytesColumn = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/** jsonb: postgres.js writes and reads the JSON itself; Drizzle's own column would make text of it a second time. */
export const jsonColumn = customType<{ data: unknown; driverData: unknown }>({ dataType: () => 'jsonb' });

export const instantColumn = customType<{ data: Instant; driverData: string | Date }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => instant(new Date(value).getTime()),
  toDriver: (at) => new Date(at).toISOString(),
});
