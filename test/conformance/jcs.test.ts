/** RFC 8785 against the published vectors: what documents off the ledger are hashed by. */
import { expect, test } from 'vitest';
import { canonicalBytes, canonicalText } from '#ledger/codec/canonical-json.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { vectorFiles, vectorText } from '#test/support/published-vectors.ts';

const files = vectorFiles('jcs/input').map((name) => name.replace('.json', ''));

test('six published documents', () => expect(files).toEqual(['arrays', 'french', 'structures', 'unicode', 'values', 'weird']));

test.each(files)('%s', (name) => {
  const input: unknown = JSON.parse(vectorText(`jcs/input/${name}.json`));
  expect(canonicalText(input)).toBe(vectorText(`jcs/output/${name}.json`));
  const published = vectorText(`jcs/outhex/${name}.txt`).trim().split(/\s+/).join('');
  expect(toHex(canonicalBytes(input))).toBe(toHex(fromHex(published)));
});

test('what JSON cannot carry is refused, not dropped', () => {
  for (const value of [undefined, 1n, Number.NaN, { amount: undefined }, [() => 1], '\ud800']) {
    expect(() => canonicalText(value)).toThrow('json_not_canonical');
  }
});
