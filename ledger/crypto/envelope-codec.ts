/** Envelope, Disclosure and KeyGrant (ledger.md 15.2): types and their one encoding. */
import { decodeWith, type Reader, requireAscending } from '#ledger/codec/reader.ts';
import { readVersion, readVersionAndSuite, SUITE, VERSION } from '#ledger/codec/version.ts';
import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export const AUDIENCE = { supervisors: 0, seller: 1, buyer: 2 } as const;
export const SLOT = { pay: 0, sellTerms: 1, buyTerms: 2, identity: 3 } as const;
export const MAX_PART_CIPHERTEXT = 16_384;
export const MAX_WRAPS = 32;
export const MAX_FIELD_VALUE = 1_024;
const FIELD_COUNT = 16;

export interface Wrap {
  readonly kid: Bytes;
  readonly c: Bytes;
}
export interface Part {
  readonly audience: number;
  readonly wraps: readonly Wrap[];
  readonly ct: Bytes;
  readonly mac: Bytes;
}
export interface Envelope {
  readonly chain: Bytes;
  readonly nonce: Bytes;
  /** tradeId, or salt of the LedgerTx. */
  readonly ref: Bytes;
  /** Ascend strictly by audience, so that nobody can read another part than his neighbour. */
  readonly parts: readonly Part[];
}
export interface OpenedField {
  readonly id: number;
  readonly salt: Bytes;
  readonly value: Bytes;
}
export interface HiddenField {
  readonly id: number;
  readonly hash: Bytes;
}
export interface Disclosure {
  readonly slot: number;
  readonly open: readonly OpenedField[];
  readonly hidden: readonly HiddenField[];
}
export type Recipient = { readonly kind: 'member'; readonly member: number } | { readonly kind: 'account'; readonly acct: Bytes };
export interface KeyGrant {
  readonly chain: Bytes;
  readonly kid: Bytes;
  /** Member id. */
  readonly issuer: number;
  readonly recipient: Recipient;
  /** Milliseconds, `from ≤ t < until`. */
  readonly from: bigint;
  readonly until: bigint;
  /** SM2 encryption of the 32-byte key: C1 ‖ C3 ‖ C2, 128 bytes. */
  readonly wrap: Bytes;
}
export interface SignedKeyGrant {
  readonly grant: KeyGrant;
  readonly sig: Bytes;
}

export function writeEnvelope(writer: Writer, envelope: Envelope): void {
  writer.u8(VERSION).u8(SUITE).b32(envelope.chain).b16(envelope.nonce).b16(envelope.ref);
  writer.vec(envelope.parts, (w, part) => {
    w.u8(part.audience).vec(part.wraps, (v, wrap) => v.fixed(wrap.kid, 8).b32(wrap.c));
    w.bytes(part.ct).b32(part.mac);
  });
}

export function readEnvelope(reader: Reader): Envelope {
  readVersionAndSuite(reader);
  const [chain, nonce, ref] = [reader.b32(), reader.b16(), reader.b16()];
  const parts = reader.vec(readPart, { smallest: 75, min: 1, max: 3 });
  requireAscending(parts, (a, b) => a.audience - b.audience, 'parts');
  return { chain, nonce, ref, parts };
}

function readPart(reader: Reader): Part {
  const audience = reader.u8();
  if (audience > AUDIENCE.buyer) throw new ParseError('envelope_audience', { audience });
  return {
    audience,
    wraps: reader.vec((r) => ({ kid: r.fixed(8), c: r.b32() }), { smallest: 40, min: 1, max: MAX_WRAPS }),
    ct: reader.bytes(MAX_PART_CIPHERTEXT),
    mac: reader.b32(),
  };
}

export function writeDisclosures(writer: Writer, disclosures: readonly Disclosure[]): void {
  writer.vec(disclosures, (w, disclosure) => {
    w.u8(disclosure.slot);
    w.vec(disclosure.open, (v, field) => v.u8(field.id).b16(field.salt).bytes(field.value));
    w.vec(disclosure.hidden, (v, field) => v.u8(field.id).b32(field.hash));
  });
}

export function readDisclosures(reader: Reader): readonly Disclosure[] {
  const disclosures = reader.vec(readDisclosure, { smallest: 3, max: 4 });
  requireAscending(disclosures, (a, b) => a.slot - b.slot, 'disclosures');
  return disclosures;
}

function readDisclosure(reader: Reader): Disclosure {
  const slot = reader.u8();
  if (slot > SLOT.identity) throw new ParseError('envelope_slot', { slot });
  const open = reader.vec((r) => ({ id: r.u8(), salt: r.b16(), value: r.bytes(MAX_FIELD_VALUE) }), { smallest: 18, max: FIELD_COUNT });
  const hidden = reader.vec((r) => ({ id: r.u8(), hash: r.b32() }), { smallest: 33, max: FIELD_COUNT });
  requireAscending(open, (a, b) => a.id - b.id, 'open');
  requireAscending(hidden, (a, b) => a.id - b.id, 'hidden');
  const ids = new Set([...open, ...hidden].map((field) => field.id));
  // Open and hidden together are exactly 0–15: a field can neither be left out nor stand twice.
  if (open.length + hidden.length !== FIELD_COUNT || ids.size !== FIELD_COUNT || [...ids].some((id) => id >= FIELD_COUNT)) {
    throw new ParseError('envelope_fields', { slot });
  }
  return { slot, open, hidden };
}

export function writeKeyGrant(writer: Writer, grant: KeyGrant): void {
  writer.u8(VERSION).b32(grant.chain).fixed(grant.kid, 8).u16(grant.issuer);
  if (grant.recipient.kind === 'member') writer.u8(0).u16(grant.recipient.member);
  else writer.u8(1).b32(grant.recipient.acct);
  writer.u64(grant.from).u64(grant.until).fixed(grant.wrap, 128);
}

export function readKeyGrant(reader: Reader): KeyGrant {
  readVersion(reader);
  const [chain, kid, issuer] = [reader.b32(), reader.fixed(8), reader.u16()];
  const recipient = readRecipient(reader);
  return { chain, kid, issuer, recipient, from: reader.u64(), until: reader.u64(), wrap: reader.fixed(128) };
}

function readRecipient(reader: Reader): Recipient {
  const variant = reader.u8();
  if (variant === 0) return { kind: 'member', member: reader.u16() };
  if (variant === 1) return { kind: 'account', acct: reader.b32() };
  throw new ParseError('grant_recipient', { variant });
}

function writeSignedKeyGrant(writer: Writer, signed: SignedKeyGrant): void {
  writeKeyGrant(writer, signed.grant);
  writer.b64(signed.sig);
}

export const encodeEnvelope = (envelope: Envelope): Bytes => encodeWith(writeEnvelope, envelope);
/** @throws {ParseError} */
export const decodeEnvelope = (bytes: Uint8Array): Envelope => decodeWith(readEnvelope, bytes);
export const encodeDisclosures = (disclosures: readonly Disclosure[]): Bytes => encodeWith(writeDisclosures, disclosures);
/** @throws {ParseError} */
export const decodeDisclosures = (bytes: Uint8Array): readonly Disclosure[] => decodeWith(readDisclosures, bytes);
export const encodeKeyGrant = (grant: KeyGrant): Bytes => encodeWith(writeKeyGrant, grant);
/** @throws {ParseError} */
export const decodeKeyGrant = (bytes: Uint8Array): KeyGrant => decodeWith(readKeyGrant, bytes);
/** The grant, then the issuer's 64-byte signature. */
export const encodeSignedKeyGrant = (signed: SignedKeyGrant): Bytes => encodeWith(writeSignedKeyGrant, signed);
/** @throws {ParseError} */
export const decodeSignedKeyGrant = (bytes: Uint8Array): SignedKeyGrant =>
  decodeWith((reader) => ({ grant: readKeyGrant(reader), sig: reader.b64() }), bytes);
