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

export const instantColumn = customType<{ data: Instant; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => instant(new Date(value).getTime()),
  toDriver: (at) => new Date(at).toISOString(),
});
