/** Money: whole fen in a bigint. 1 yuan = 100 fen. */
import { ParseError } from './errors.ts';
import type { Branded } from './ids.ts';

export type Fen = Branded<bigint, 'Fen'>;

export function fen(amount: bigint): Fen {
  return amount as Fen;
}

export const ZERO_FEN: Fen = fen(0n);

/** Reads digits with an optional minus sign: no leading zeros, no `-0`, no separators. @throws {ParseError} `fen_malformed` */
export function parseFen(input: unknown): Fen {
  if (typeof input === 'bigint') return fen(input);
  if (typeof input === 'string' && /^(?:0|-?[1-9][0-9]{0,18})$/.test(input)) return fen(BigInt(input));
  throw new ParseError('fen_malformed', { expected: 'an integer number of fen as a decimal string' });
}

export function addFen(...amounts: readonly Fen[]): Fen {
  return fen(amounts.reduce((sum, amount) => sum + amount, 0n));
}

export function subtractFen(a: Fen, b: Fen): Fen {
  return fen(a - b);
}

/** `1,010.00`, with a true minus sign (U+2212); the unit is the screen's. Inverse of `parseYuan`. */
export function formatYuan(amount: bigint): string {
  const absolute = amount < 0n ? -amount : amount;
  const whole = (absolute / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0n ? '\u2212' : ''}${whole}.${(absolute % 100n).toString().padStart(2, '0')}`;
}

/** Reads yuan as people type and paste them: separators `,` and blanks, full-width digits, up to two decimals. @throws {ParseError} `yuan_malformed` */
export function parseYuan(input: string): Fen {
  const text = input
    .normalize('NFKC')
    .replace(/[,\s\u00a5\uffe5]/g, '')
    .replace(/^\u2212/, '-');
  const match = /^(-?)(\d{1,15})(?:\.(\d{0,2}))?$/.exec(text);
  if (match === null) throw new ParseError('yuan_malformed', { expected: 'yuan with at most two decimals' });
  const [, sign, whole = '0', cents = ''] = match;
  const amount = BigInt(whole) * 100n + BigInt(cents.padEnd(2, '0'));
  return fen(sign === '-' ? -amount : amount);
}
