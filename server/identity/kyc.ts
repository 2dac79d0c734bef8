/** Field set 3 of the ledger (`ledger.md` 15.1): what is known of a person, committed to by one salted root and stored sealed. */
import { encodeWith, type Writer } from '#ledger/codec/writer.ts';
import { SLOT } from '#ledger/crypto/envelope-codec.ts';
import { FIELD_SETS, FIELDS, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import type { EnvelopeInput } from '#ledger/node/envelope-vault.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Random } from '#server/random.ts';

export type IdentityFacts = {
  readonly name: string;
  readonly idNumber: string;
  readonly isAdult: boolean;
  readonly level: 1 | 2 | 3;
  readonly provider: string;
  readonly verifiedAt: Instant;
};

export type Commitment = { readonly root: Bytes; readonly fields: readonly OpenField[] };

const SCHEMA = 1;

export function commitIdentity(facts: IdentityFacts, random: Random): Commitment {
  const text = (value: string) => encodeWith((writer: Writer, given: string) => void writer.string(given), value);
  const byte = (value: number) => encodeWith((writer: Writer, given: number) => void writer.u8(given), value);
  const values: readonly Bytes[] = [
    encodeWith((writer: Writer, given: number) => void writer.u16(given), SCHEMA),
    text(facts.name),
    text('resident_id'),
    text(facts.idNumber),
    byte(facts.isAdult ? 1 : 0),
    byte(facts.level),
    text(facts.provider),
    encodeWith((writer: Writer, given: bigint) => void writer.u64(given), BigInt(facts.verifiedAt)),
  ];
  const fields = Array.from({ length: FIELDS }, (_, id) => ({ salt: random.bytes(16), value: values[id] ?? new Uint8Array(0) }));
  return { root: fieldRoot(FIELD_SETS.identity, fields), fields };
}

/** One line per field, so that the sealed record opens the commitment by itself. */
export function fieldsToText(fields: readonly OpenField[]): string {
  return fields.map(({ salt, value }) => `${toHex(salt)} ${toHex(value)}`).join('\n');
}

export function fieldsFromText(text: string): readonly OpenField[] {
  return text.split('\n').map((line) => {
    const [salt, value] = line.split(' ');
    return { salt: fromHex(salt, 16), value: fromHex(value) };
  });
}

/** What supervisors may open of an AccountOpen (`ledger.md` 15.2, slot 3): the whole person, and nobody else any of it. The account does not
 *  exist yet, so it has no part of its own; its holder knows who they are. `ref` is the salt of the LedgerTx. */
export function identityEnvelope(ref: Bytes, fields: readonly OpenField[]): EnvelopeInput {
  const open = fields.map(({ salt, value }, id) => ({ id, salt: new Uint8Array(salt), value: new Uint8Array(value) }));
  return { ref, supervisors: [{ slot: SLOT.identity, open, hidden: [] }], seller: null, buyer: null };
}
