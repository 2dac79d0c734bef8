import { expect, test } from 'vitest';
import { digestOf, generatePrivateKey, portableSm2, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { systemRandom } from './sm2-openssl.ts';
import { openSm2Tables, type TabledKey } from './sm2-tables.ts';

const sm2 = portableSm2(systemRandom);
type Signer = { readonly key: TabledKey; verify(isGood?: boolean): { readonly answer: boolean; readonly wasSlow: boolean } };

function signer(tables: ReturnType<typeof openSm2Tables>): Signer {
  const d = generatePrivateKey(systemRandom);
  const key: TabledKey = { publicKey: publicKeyOf(d), uses: 0, slot: null };
  const message = systemRandom(20);
  const good = sm2.sign(d, message);
  const bad = good.slice();
  bad[63] = (bad[63] ?? 0) ^ 1;
  const digest = digestOf(key.publicKey, message);
  return {
    key,
    verify: (isGood = true) => {
      let wasSlow = false;
      const slow = () => {
        wasSlow = true;
        return isGood;
      };
      return { answer: tables.verify(key, () => digest, isGood ? good : bad, slow), wasSlow };
    },
  };
}

test('a key gets its table by good signatures alone; from then on the table answers, for bad ones too', () => {
  const tables = openSm2Tables(2);
  const amy = signer(tables);
  for (let i = 0; i < 40; i++) expect(amy.verify(false)).toEqual({ answer: false, wasSlow: true });
  let until = 0;
  while (amy.verify().wasSlow) until += 1;
  expect(until).toBe(12);
  expect(amy.verify()).toEqual({ answer: true, wasSlow: false });
  expect(amy.verify(false)).toEqual({ answer: false, wasSlow: false });
});

test('the key that was used longest ago makes room, and earns its table again', () => {
  const tables = openSm2Tables(2);
  const [amy, bob, cid] = [signer(tables), signer(tables), signer(tables)];
  const earn = (who: Signer) => {
    while (who.verify().wasSlow);
  };
  earn(amy);
  earn(bob);
  amy.verify();
  earn(cid);
  expect([amy.key.slot === null, bob.key.slot === null, cid.key.slot === null]).toEqual([false, true, false]);
  expect(bob.verify()).toEqual({ answer: true, wasSlow: true });
  earn(bob);
  expect(bob.verify()).toEqual({ answer: true, wasSlow: false });
});

test('a table that does not agree with the first answer is never asked', () => {
  const tables = openSm2Tables(1);
  const amy = signer(tables);
  const wrong = new Uint8Array(32);
  for (let i = 0; i < 30; i++)
    expect(
      tables.verify(
        amy.key,
        () => wrong,
        new Uint8Array(64).fill(1),
        () => true,
      ),
    ).toBe(true);
  expect(amy.key.slot).toBe(null);
});
