/** What the ISO 20022 messages here have in common: names of at most 35 characters, amounts with their currency, dates. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { utf8 } from '#ledger/primitives/bytes.ts';
import type { Fen } from '#ledger/primitives/fen.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { plainYuan } from './table.ts';
import { el, type XmlNode } from './xml.ts';

const MAX_TEXT = 35;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const NAME_BYTES = 20;

/** Max35Text: the id itself where it fits, else RFC 4648 base32 of the first 20 bytes of its SM3 (rulebook 8.1). */
export function isoId(id: string): string {
  if (id.length <= MAX_TEXT) return id;
  let bits = '';
  for (const byte of sm3(utf8(id)).subarray(0, NAME_BYTES)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)] ?? '').join('');
}

/** Never negative: a direction stands beside it. */
export function amount(name: string, value: Fen, currency: string): XmlNode {
  return el(name, plainYuan(value), { Ccy: currency });
}

export function direction(isCredit: boolean): XmlNode {
  return el('CdtDbtInd', isCredit ? 'CRDT' : 'DBIT');
}

export function dateTime(name: string, at: Instant): XmlNode {
  return el(name, toIso(at));
}

/** A person without a name: the platform's reference. */
export function privateParty(name: string, ref: string): XmlNode {
  return el(name, [el('Pty', [el('Id', [el('PrvtId', [el('Othr', [el('Id', isoId(ref))])])])])]);
}

/** An organisation that goes by its name. */
export function namedParty(name: string, text: string): XmlNode {
  return el(name, [el('Pty', [el('Nm', text)])]);
}
