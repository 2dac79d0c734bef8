import { createHash, createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { concat, equalBytes, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { stanzaBytes, stanzas, vectorText } from '#test/support/published-vectors.ts';
import { hmacSm3, kdf, setNativeSm3, sm3, sm3Portable } from './sm3.ts';

afterEach(() => setNativeSm3(null));

const filled = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 0xff);
const openssl = (bytes: Uint8Array) => new Uint8Array(createHash('sm3').update(bytes).digest());

describe('SM3', () => {
  const botan = stanzas(vectorText('crypto-sm/botan/sm3.vec')).filter((stanza) => stanza.has('Out'));
  test('all published digests of Botan', () => {
    expect(botan.length).toBe(139);
    for (const stanza of botan) expect(toHex(sm3(stanzaBytes(stanza, 'In')))).toBe(toHex(stanzaBytes(stanza, 'Out')));
  });

  const tongsuo = stanzas(vectorText('crypto-sm/tongsuo/evpmd_sm3.txt')).filter(
    (stanza) => stanza.get('Digest') === 'SM3' && stanza.has('Input'),
  );
  test('all published digests of Tongsuo', () => {
    expect(tongsuo.length).toBe(8);
    for (const stanza of tongsuo) {
      const repeat = Number(stanza.get('Count') ?? 1);
      const input = concat(...Array.from({ length: repeat }, () => stanzaBytes(stanza, 'Input')));
      expect(toHex(sm3(input))).toBe(toHex(stanzaBytes(stanza, 'Output')));
    }
  });

  test('agrees with OpenSSL for every length 0 to 130 and around block ends, in one part or many', () => {
    for (const length of [...Array(131).keys(), 447, 448, 511, 512, 513, 4_096, 70_000]) {
      const bytes = filled(length);
      expect(toHex(sm3(bytes))).toBe(toHex(openssl(bytes)));
      for (const cut of [1, 31, 63, 64, 65]) {
        if (cut < length) expect(toHex(sm3(bytes.subarray(0, cut), bytes.subarray(cut)))).toBe(toHex(openssl(bytes)));
      }
    }
  });

  test('an installed hash gets the parts and their length, and changes nothing', () => {
    const asked: number[] = [];
    setNativeSm3((parts, length) => {
      asked.push(length);
      return openssl(concat(...parts));
    });
    for (const length of [0, 64, 512, 5_000]) expect(equalBytes(sm3(filled(length)), sm3Portable(filled(length)))).toBe(true);
    expect(toHex(sm3(filled(300), filled(400)))).toBe(toHex(sm3Portable(filled(300), filled(400))));
    expect(asked).toEqual([0, 64, 512, 5_000, 700]);
  });
});

describe('HMAC-SM3', () => {
  test('published values of Tongsuo (GM/T 0042-2015 D.3)', () => {
    const macs = stanzas(vectorText('crypto-sm/tongsuo/evpmac_sm3.txt')).filter((stanza) => stanza.get('MAC') === 'HMAC');
    expect(macs.length).toBe(4);
    for (const stanza of macs) {
      expect(toHex(hmacSm3(stanzaBytes(stanza, 'Key'), stanzaBytes(stanza, 'Input')))).toBe(toHex(stanzaBytes(stanza, 'Output')));
    }
  });

  type Case = { readonly tcId: number; readonly key: string; readonly msg: string; readonly tag: string; readonly result: string };
  const file: { readonly testGroups: readonly { readonly tagSize: number; readonly tests: readonly Case[] }[] } = JSON.parse(
    vectorText('crypto-sm/wycheproof/hmac_sm3_test.json.gz'),
  );
  test('all 174 cases of Wycheproof, 108 of them refused', () => {
    let refused = 0;
    let total = 0;
    for (const group of file.testGroups) {
      for (const { tcId, key, msg, tag, result } of group.tests) {
        const holds = equalBytes(hmacSm3(fromHex(key), fromHex(msg)).subarray(0, group.tagSize / 8), fromHex(tag));
        expect({ tcId, holds }).toEqual({ tcId, holds: result === 'valid' });
        total += 1;
        if (!holds) refused += 1;
      }
    }
    expect({ total, refused }).toEqual({ total: 174, refused: 108 });
  });

  test('a key longer than a block is hashed first', () => {
    for (const length of [63, 64, 65, 200]) {
      const mac = new Uint8Array(createHmac('sm3', filled(length)).update(utf8('x')).digest());
      expect(toHex(hmacSm3(filled(length), utf8('x')))).toBe(toHex(mac));
    }
  });
});

test('the KDF counts from 1 and cuts the last block', () => {
  const shared = filled(64);
  const whole = concat(sm3(shared, fromHex('00000001')), sm3(shared, fromHex('00000002')), sm3(shared, fromHex('00000003')));
  for (const length of [1, 32, 33, 64, 90]) expect(toHex(kdf(shared, length))).toBe(toHex(whole.subarray(0, length)));
});
