import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { concat, toHex } from '#ledger/primitives/bytes.ts';
import { stanzaBytes, stanzas, vectorText } from '#test/support/published-vectors.ts';
import { sm4Ctr, sm4EncryptBlock } from './sm4.ts';

test('all published blocks of Botan', () => {
  const cases = stanzas(vectorText('crypto-sm/botan/sm4.vec')).filter((stanza) => stanza.has('Out'));
  expect(cases.length).toBe(22);
  for (const stanza of cases) {
    const input = stanzaBytes(stanza, 'In');
    const blocks = Array.from({ length: input.length / 16 }, (_, at) => input.slice(at * 16, at * 16 + 16));
    const out = blocks.map((block) => sm4EncryptBlock(stanzaBytes(stanza, 'Key'), block));
    expect(toHex(concat(...out))).toBe(toHex(stanzaBytes(stanza, 'Out')));
  }
});

test('the published counter mode case of Tongsuo, in both directions', () => {
  const ctr = stanzas(vectorText('crypto-sm/tongsuo/evpciph_sm4.txt')).filter((stanza) => stanza.get('Cipher') === 'SM4-CTR');
  expect(ctr.length).toBe(1);
  for (const stanza of ctr) {
    const [key, iv, plain, cipher] = ['Key', 'IV', 'Plaintext', 'Ciphertext'].map((name) => stanzaBytes(stanza, name));
    if (key === undefined || iv === undefined || plain === undefined || cipher === undefined) throw new Error('a field is missing');
    expect(toHex(sm4Ctr(key, iv, plain))).toBe(toHex(cipher));
    expect(toHex(sm4Ctr(key, iv, cipher))).toBe(toHex(plain));
  }
});

test('agrees with OpenSSL for lengths 0 to 70 and when the counter runs over', () => {
  const key = Uint8Array.from({ length: 16 }, (_, at) => at * 3);
  const iv = new Uint8Array(16).fill(0xff);
  for (let length = 0; length <= 70; length++) {
    const plain = Uint8Array.from({ length }, (_, at) => at);
    const cipher = createCipheriv('sm4-ctr', key, iv);
    expect(toHex(sm4Ctr(key, iv, plain))).toBe(toHex(concat(cipher.update(plain), cipher.final())));
  }
});
