/** No single flipped byte in a receipt verifies (issue 2; product P-44): every byte, one bit each, the bit changing from byte to byte. */
import { expect, test } from 'vitest';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, buildItemPassport } from '#ledger/proof/build-receipt.ts';
import { encodeTrustBundle } from '#ledger/proof/receipt.ts';
import { BUY_TERMS, disclose, marketDay, PAY } from '#test/vectors/sealed-world.ts';
import { verifyReceipt } from './verify-receipt.ts';

const { world, at } = marketDay();
const { chain } = world;
// The memory skips only curve arithmetic for triples already known to be good, as it does in a node.
const sm2 = new SignatureMemory(portableSm2((length) => new Uint8Array(length)));
const fields = [disclose(at.trade, 0, 1, PAY, 1), disclose(at.trade, 2, 2, BUY_TERMS, 1)];

const FILES: readonly (readonly [string, () => Promise<Bytes | null>])[] = [
  ['a sale with disclosed fields', () => buildEntryReceipt(world.source(), at.trade, { fields })],
  ['a passport', () => buildItemPassport(world.source(), 0n)],
  ['a trust file', () => Promise.resolve(encodeTrustBundle(world.trust()))],
];

test.each(FILES)(
  '%s',
  async (_, make) => {
    const file = await make();
    expect(file).not.toBeNull();
    if (file === null) return;
    expect(verifyReceipt(file, { chain, sm2 }).outcome).toBe('proven');
    const survived: number[] = [];
    for (let place = 0; place < file.length; place++) {
      const bit = 1 << (place % 8);
      file[place] = (file[place] ?? 0) ^ bit;
      if (verifyReceipt(file, { chain, sm2 }).outcome === 'proven') survived.push(place);
      file[place] = (file[place] ?? 0) ^ bit;
    }
    expect(survived).toEqual([]);
  },
  120_000,
);
