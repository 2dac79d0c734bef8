/** A disclosed field as people read it (`ledger.md` 15.1): its name and its value. */
import { Reader } from '#ledger/codec/reader.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { formatYuan } from '#ledger/primitives/fen.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';

const PAY = [
  'schema',
  'grossFen',
  'currency',
  'feeFen',
  'royaltyFen',
  'taxLines',
  'taxTotalFen',
  'sellerNetFen',
  'costBasisFen',
  'assessmentHash',
  'paymentRef',
  'sellerRef',
  'buyerRef',
  'mechanism',
  'orderedAt',
  'extension',
] as const;
const TERMS = [
  'schema',
  'limitPriceFen',
  'currency',
  'orderType',
  'timeInForce',
  'feeBpsMax',
  'quoteHash',
  'disclosureVersion',
  'expression',
  'smallestFill',
] as const;
const IDENTITY = ['schema', 'name', 'idType', 'idNumber', 'adult', 'realNameLevel', 'provider', 'verifiedAt', 'organisationCode'] as const;

const NAMES: readonly (readonly string[])[] = [PAY, TERMS, TERMS, IDENTITY];
const SLOTS = ['pay', 'sell', 'buy', 'identity'] as const;
const U16: ReadonlySet<string> = new Set(['schema', 'feeBpsMax', 'smallestFill']);
const U8: ReadonlySet<string> = new Set(['adult', 'realNameLevel']);

/** `pay.grossFen = 1,010.00 yuan`; a value that is not of its type is shown in hex. */
export function fieldText(slot: number, id: number, value: Uint8Array): string {
  const name = NAMES[slot]?.[id] ?? `field${id}`;
  return `${SLOTS[slot] ?? slot}.${name} = ${value.length === 0 ? '–' : valueText(name, value)}`;
}

function valueText(name: string, value: Uint8Array): string {
  const reader = new Reader(value);
  try {
    const text = readValue(reader, name, value);
    reader.end();
    return text;
  } catch (error) {
    if (error instanceof ParseError) return toHex(value);
    throw error;
  }
}

/** The last millisecond that a date can have in JavaScript; a commitment may hold any u64. */
const LAST_MS = 8_640_000_000_000_000n;

function timeText(at: bigint): string {
  return at > LAST_MS ? `${at} ms` : toIso(instant(Number(at)));
}

function readValue(reader: Reader, name: string, value: Uint8Array): string {
  if (name.endsWith('Fen')) return `${formatYuan(reader.u64())} yuan`;
  if (name.endsWith('At')) return timeText(reader.u64());
  if (name.endsWith('Hash') || name === 'extension') return toHex(reader.fixed(value.length));
  if (U16.has(name)) return String(reader.u16());
  if (U8.has(name)) return String(reader.u8());
  if (name === 'taxLines') {
    const lines = reader.vec((r) => `${r.string()} ${formatYuan(r.u64())} yuan`, { smallest: 9 });
    return lines.join(', ');
  }
  return JSON.stringify(reader.string());
}
