import { expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { FIELD_SETS, fieldLeaf, fieldPath, fieldRoot, type OpenField, rootFromField } from './field-tree.ts';

const EMPTY = new Uint8Array(0);
const fields: readonly OpenField[] = Array.from({ length: 16 }, (_, id) => ({
  salt: new Uint8Array(16).fill(id),
  value: id === 1 ? Uint8Array.of(0x39, 0x30, 0, 0, 0, 0, 0, 0) : EMPTY,
}));

test('appendix B: set 1, salts id×16, field 1 = u64 12345', () => {
  expect(toHex(fieldRoot(FIELD_SETS.pay, fields))).toBe('055eb01d75c0a73eac984fc067af456fcf7f7f9b269fea127a5c1cda8dec7760');
});

test('each field opens alone with 4 hashes, and only as itself', () => {
  const root = toHex(fieldRoot(FIELD_SETS.pay, fields));
  for (const [id, field] of fields.entries()) {
    const path = fieldPath(FIELD_SETS.pay, fields, id);
    expect(path.length).toBe(4);
    expect(toHex(rootFromField(FIELD_SETS.pay, id, field, path))).toBe(root);
    expect(toHex(rootFromField(FIELD_SETS.terms, id, field, path))).not.toBe(root);
    expect(toHex(rootFromField(FIELD_SETS.pay, id ^ 1, field, path))).not.toBe(root);
    expect(toHex(rootFromField(FIELD_SETS.pay, id, { ...field, value: Uint8Array.of(1) }, path))).not.toBe(root);
    expect(toHex(rootFromField(FIELD_SETS.pay, id, { ...field, salt: new Uint8Array(16).fill(99) }, path))).not.toBe(root);
  }
});

test('hidden fields stand as their leaf hash', () => {
  const hidden = fields.map((field, id) => (id % 3 === 0 ? field : { hash: fieldLeaf(FIELD_SETS.pay, id, field) }));
  expect(toHex(fieldRoot(FIELD_SETS.pay, hidden))).toBe(toHex(fieldRoot(FIELD_SETS.pay, fields)));
});
