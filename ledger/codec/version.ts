/** Version bytes: `v` and `suite` are 1 in everything this program reads and writes; they are in the bytes, not in the types. */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Reader } from './reader.ts';

export const VERSION = 1;
export const SUITE = 1;

export function readVersion(reader: Reader): void {
  const version = reader.u8();
  if (version !== VERSION) throw new ParseError('pce_version', { version });
}

export function readVersionAndSuite(reader: Reader): void {
  readVersion(reader);
  const suite = reader.u8();
  if (suite !== SUITE) throw new ParseError('pce_suite', { suite });
}
