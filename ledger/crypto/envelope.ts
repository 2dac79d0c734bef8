/**
 * Envelopes (ledger.md 15.2): the opened fields of a trade, each part for one audience under a fresh key, that key wrapped
 * under the keys granted to its recipients. Encrypt, then authenticate; the tag is checked before anything is decrypted.
 */

import { type CommittedField, FIELD_SETS, FIELDS, fieldLeaf, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import {
  type AUDIENCE,
  type Disclosure,
  decodeDisclosures,
  type Envelope,
  encodeDisclosures,
  encodeEnvelope,
  MAX_PART_CIPHERTEXT,
  MAX_WRAPS,
  type Part,
  SLOT,
} from './envelope-codec.ts';
import type { RandomBytes } from './sm2.ts';
import { hmacSm3, kdf } from './sm3.ts';
import { sm4Ctr } from './sm4.ts';
import { tag16, taggedHash } from './tagged-hash.ts';

/** A granted key: `kid` 8 bytes, `key` 32 bytes (K_kid). */
export type GrantedKey = { readonly kid: Uint8Array; readonly key: Uint8Array };
export type PartToSeal = {
  readonly audience: (typeof AUDIENCE)[keyof typeof AUDIENCE];
  readonly recipients: readonly GrantedKey[];
  readonly disclosures: readonly Disclosure[];
};

export const ENVELOPE_REFUSALS = ['part_unknown', 'wrap_unknown', 'mac_invalid', 'plaintext_malformed'] as const;
export type EnvelopeRefusal = (typeof ENVELOPE_REFUSALS)[number];
export type OpenedPart =
  | { readonly kind: 'opened'; readonly disclosures: readonly Disclosure[] }
  | { readonly kind: 'rejected'; readonly code: EnvelopeRefusal };

/** Name of an envelope on the ledger. */
export function envHash(envelope: Envelope): Bytes {
  return taggedHash('PLP1/env', encodeEnvelope(envelope));
}

/** Seals 1 to 3 parts, one per audience. `ref` is the tradeId or the salt of the LedgerTx, 16 bytes. */
export function sealEnvelope(
  input: { readonly chain: Uint8Array; readonly ref: Uint8Array; readonly parts: readonly PartToSeal[] },
  random: RandomBytes,
): Envelope {
  const audiences = new Set(input.parts.map((part) => part.audience));
  assert(input.parts.length >= 1 && audiences.size === input.parts.length, 'an envelope has one part per audience');
  const header = { chain: new Uint8Array(input.chain), nonce: new Uint8Array(random(16)), ref: new Uint8Array(input.ref) };
  const parts = [...input.parts].sort((a, b) => a.audience - b.audience).map((part) => sealPart(header, part, random));
  return { ...header, parts };
}

type Header = Pick<Envelope, 'chain' | 'nonce' | 'ref'>;

function sealPart(header: Header, part: PartToSeal, random: RandomBytes): Part {
  assert(part.recipients.length >= 1 && part.recipients.length <= MAX_WRAPS, 'a part has 1 to 32 recipients');
  const dk = random(32);
  const keys = partKeys(dk);
  const ct = sm4Ctr(keys.encryption, keys.iv, encodeDisclosures(part.disclosures));
  assert(ct.length <= MAX_PART_CIPHERTEXT, 'a part has at most 16 KiB of ciphertext');
  return {
    audience: part.audience,
    wraps: part.recipients.map(({ kid, key }) => ({ kid: new Uint8Array(kid), c: xor(dk, wrapMask(key, header, part.audience)) })),
    ct,
    mac: macOf(keys.mac, header, part.audience, ct),
  };
}

/** Opens one audience's part with a granted key. The caller compares `commitmentOf` with the ledger: an envelope proves nothing by itself. */
export function openPart(envelope: Envelope, audience: number, granted: GrantedKey): OpenedPart {
  const part = envelope.parts.find((candidate) => candidate.audience === audience);
  if (part === undefined) return { kind: 'rejected', code: 'part_unknown' };
  const wrap = part.wraps.find((candidate) => equalBytes(candidate.kid, granted.kid));
  if (wrap === undefined) return { kind: 'rejected', code: 'wrap_unknown' };
  const keys = partKeys(xor(wrap.c, wrapMask(granted.key, envelope, audience)));
  if (!equalBytes(macOf(keys.mac, envelope, audience, part.ct), part.mac)) return { kind: 'rejected', code: 'mac_invalid' };
  try {
    return { kind: 'opened', disclosures: decodeDisclosures(sm4Ctr(keys.encryption, keys.iv, part.ct)) };
  } catch (error) {
    if (error instanceof ParseError) return { kind: 'rejected', code: 'plaintext_malformed' };
    throw error;
  }
}

/** The field set that a slot of a Disclosure opens. */
export function fieldSetOf(slot: number): number {
  if (slot === SLOT.pay) return FIELD_SETS.pay;
  return slot === SLOT.identity ? FIELD_SETS.identity : FIELD_SETS.terms;
}

/** What the ledger must hold for a Disclosure: the root over its open and hidden fields. */
export function commitmentOf(disclosure: Disclosure): Bytes {
  const fields: readonly CommittedField[] = [...disclosure.open, ...disclosure.hidden].sort((a, b) => a.id - b.id);
  return fieldRoot(fieldSetOf(disclosure.slot), fields);
}

/** Opens the named fields of a set and hides the others; `openIds` not given opens all 16. */
export function discloseFields(slot: number, fields: readonly OpenField[], openIds?: readonly number[]): Disclosure {
  assert(fields.length === FIELDS, 'a set has exactly 16 fields');
  const all = fields.map((field, id) => ({ id, salt: new Uint8Array(field.salt), value: new Uint8Array(field.value) }));
  const isOpen = (id: number): boolean => openIds === undefined || openIds.includes(id);
  return {
    slot,
    open: all.filter((field) => isOpen(field.id)),
    hidden: all.filter((field) => !isOpen(field.id)).map((field) => ({ id: field.id, hash: fieldLeaf(fieldSetOf(slot), field.id, field) })),
  };
}

/** K1(16) ‖ IV(16) ‖ K2(32) from dk. */
function partKeys(dk: Uint8Array): { readonly encryption: Bytes; readonly iv: Bytes; readonly mac: Bytes } {
  const keys = kdf(dk, 64);
  return { encryption: keys.slice(0, 16), iv: keys.slice(16, 32), mac: keys.slice(32) };
}

function macOf(key: Uint8Array, header: Header, audience: number, ct: Uint8Array): Bytes {
  return hmacSm3(key, tag16('PLP1/mac'), header.chain, header.nonce, header.ref, Uint8Array.of(audience), ct);
}

function wrapMask(key: Uint8Array, header: Header, audience: number): Bytes {
  assert(key.length === 32, 'a granted key has 32 bytes');
  return hmacSm3(key, tag16('PLP1/wrap'), header.chain, header.nonce, Uint8Array.of(audience));
}

function xor(a: Uint8Array, b: Uint8Array): Bytes {
  return Uint8Array.from(a, (byte, at) => byte ^ (b[at] ?? 0));
}
