/** The native SM4 route gives what the portable one gives, whatever the length; both meet the published vectors in ledger/crypto. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setNativeSm4Ctr, sm4Ctr, sm4CtrPortable } from '#ledger/crypto/sm4.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { startSm2 } from './sm2-openssl.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('both routes of SM4 agree', () => {
  startSm2();
  try {
    fc.assert(
      fc.property(bytes(16), bytes(16), fc.uint8Array({ maxLength: 200 }), (key, iv, input) => {
        expect(toHex(sm4Ctr(key, iv, input))).toBe(toHex(sm4CtrPortable(key, iv, input)));
      }),
    );
  } finally {
    setNativeSm4Ctr(null);
  }
});
