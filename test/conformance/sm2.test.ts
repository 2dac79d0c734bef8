/** One suite for every SM2 route: OpenSSL, the portable code, and sm-crypto as an outside opinion (ledger.md 19, appendix B 2). */
import { createSign, generateKeyPairSync } from 'node:crypto';
import smCrypto from 'sm-crypto';
import { describe, expect, test } from 'vitest';
import {
  digestOf,
  generatePrivateKey,
  isOnCurve,
  isSignatureInRange,
  portableSm2,
  publicKeyOf,
  type Sm2,
  signDigest,
  verifyDigest,
  zOf,
} from '#ledger/crypto/sm2.ts';
import { fromScalar, SM2_N, toScalar } from '#ledger/crypto/sm2-curve.ts';
import { signatureFromDer, signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { sm2Decrypt, sm2Encrypt } from '#ledger/crypto/sm2-encryption.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { openSslSm2, selfTest, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { startSm2Comb } from '#ledger/node/wasm/sm2-comb.ts';
import { type Bytes, concat, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { stanzaBytes, stanzas, vectorText } from '#test/support/published-vectors.ts';

/** sm-crypto as it is published, with its own hash and generator; never used outside tests. */
const outsideOpinion: Sm2 = {
  sign: (privateKey, message) => fromHex(smCrypto.sm2.doSignature([...message], toHex(privateKey), { hash: true, der: false }), 64),
  verify: (publicKey, message, signature) =>
    smCrypto.sm2.doVerifySignature([...message], toHex(signature), `04${toHex(publicKey)}`, { hash: true, der: false }),
};
const comb = startSm2Comb(1);
/** Every key by a table of its own from its first signature on. */
const tables: Sm2 = {
  sign: portableSm2(systemRandom).sign,
  verify: (publicKey, message, signature) => {
    if (!isSignatureInRange(signature) || !isOnCurve(publicKey)) return false;
    comb.load(0, publicKey);
    const digest = digestOf(publicKey, message);
    return comb.verify(0, digest, signature) ?? verifyDigest(publicKey, digest, signature);
  },
};
const ROUTES: readonly (readonly [string, Sm2])[] = [
  ['openssl', openSslSm2()],
  ['portable', portableSm2(systemRandom)],
  ['tables', tables],
];
const SIGNERS: readonly (readonly [string, Sm2])[] = [...ROUTES, ['sm-crypto', outsideOpinion]];

// Appendix B of ledger.md (GB/T 32918.2 example on the standard curve). Public: never reused.
const D = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const K = toScalar(fromHex('59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21'));
const XY = fromHex(
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const MESSAGE = utf8('message digest');
const SIGNATURE = fromHex(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
);

test('appendix B: key, Z, e and the signature with the published nonce', () => {
  expect(toHex(publicKeyOf(D))).toBe(toHex(XY));
  expect(toHex(zOf(XY))).toBe('b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3');
  expect(toHex(digestOf(XY, MESSAGE))).toBe('f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640');
  expect(toHex(signDigest(D, digestOf(XY, MESSAGE), K) ?? new Uint8Array())).toBe(toHex(SIGNATURE));
});

test("Botan's signature on the standard curve, with its own user id and nonce", () => {
  const all = stanzas(vectorText('crypto-sm/botan/sm2_sig.vec'));
  const start = all.findIndex((stanza) => stanza.get('Oid') === '1.2.156.10197.1.301');
  const [, sm3Case, shaCase] = all.slice(start);
  if (sm3Case === undefined || shaCase === undefined) throw new Error('the group has two signatures');
  const d = stanzaBytes(sm3Case, 'x');
  const publicKey = publicKeyOf(d);
  const e = sm3(zOf(publicKey, sm3Case.get('Ident')), stanzaBytes(sm3Case, 'Msg'));
  const signature = signDigest(d, e, toScalar(stanzaBytes(sm3Case, 'Nonce')));
  expect(toHex(signature ?? new Uint8Array())).toBe(toHex(stanzaBytes(sm3Case, 'Signature')));
  expect(verifyDigest(publicKey, e, stanzaBytes(sm3Case, 'Signature'))).toBe(true);
  // Another id or another hash is another signature.
  expect(verifyDigest(publicKey, digestOf(publicKey, stanzaBytes(sm3Case, 'Msg')), stanzaBytes(sm3Case, 'Signature'))).toBe(false);
  expect(verifyDigest(publicKey, e, stanzaBytes(shaCase, 'Signature'))).toBe(false);
});

describe("Tongsuo's published key", () => {
  const text = vectorText('crypto-sm/tongsuo/evppkey_sm2.txt');
  const pem = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1]?.replace(/\s/g, '') ?? '';
  const der = Uint8Array.from(atob(pem), (character) => character.charCodeAt(0));
  const d = der.slice(36, 68);
  const publicKey = publicKeyOf(d);
  const cases = stanzas(text);

  test('both SM3 digests verify', () => {
    const verified = cases.filter((stanza) => stanza.has('Verify') && stanza.get('Ctrl') === 'digest:SM3' && !stanza.has('Result'));
    expect(verified.length).toBe(2);
    for (const stanza of verified) {
      const signature = signatureFromDer(stanzaBytes(stanza, 'Output'));
      if (signature === null) throw new Error('the published signature is strict DER');
      expect(verifyDigest(publicKey, stanzaBytes(stanza, 'Input'), signature)).toBe(true);
      const altered = stanzaBytes(stanza, 'Input');
      altered[0] = (altered[0] ?? 0) ^ 1;
      expect(verifyDigest(publicKey, altered, signature)).toBe(false);
    }
  });

  test('every ciphertext decrypts, and not once a bit of it is changed', () => {
    const encrypted = cases.filter((stanza) => stanza.has('Decrypt') && !stanza.has('Result'));
    expect(encrypted.length).toBe(4);
    for (const stanza of encrypted) {
      const raw = rawCiphertext(stanzaBytes(stanza, 'Input'));
      expect(toHex(sm2Decrypt(d, raw) ?? new Uint8Array())).toBe(toHex(stanzaBytes(stanza, 'Output')));
      for (const at of [0, 63, 64, 95, 96, raw.length - 1]) {
        const altered = raw.slice();
        altered[at] = (altered[at] ?? 0) ^ 0x10;
        expect(sm2Decrypt(d, altered)).toBe(null);
      }
    }
  });
});

describe.each(ROUTES)('%s', (_name, sm2) => {
  test.each(SIGNERS)('verifies what %s signs, and nothing else', (_signer, signer) => {
    for (let round = 0; round < 3; round++) {
      const d = generatePrivateKey(systemRandom);
      const publicKey = publicKeyOf(d);
      const message = systemRandom(round * 40);
      const signature = signer.sign(d, message);
      expect(sm2.verify(publicKey, message, signature)).toBe(true);
      expect(sm2.verify(publicKey, concat(message, Uint8Array.of(0)), signature)).toBe(false);
      expect(sm2.verify(XY, message, signature)).toBe(false);
    }
  });

  test('the published signature verifies', () => expect(sm2.verify(XY, MESSAGE, SIGNATURE)).toBe(true));

  test('a fresh nonce each time', () => expect(toHex(sm2.sign(D, MESSAGE))).not.toBe(toHex(sm2.sign(D, MESSAGE))));

  const s = SIGNATURE.slice(32);
  const r = SIGNATURE.slice(0, 32);
  const zero = new Uint8Array(32);
  const n = fromScalar(SM2_N);
  const refused: Readonly<Record<string, Bytes>> = {
    'r = 0': concat(zero, s),
    's = 0': concat(r, zero),
    'r = n': concat(n, s),
    's = n': concat(r, n),
    'r = n − 1': concat(fromScalar(SM2_N - 1n), s),
    's = n − 1': concat(r, fromScalar(SM2_N - 1n)),
    'r + s = n': concat(r, fromScalar(SM2_N - toScalar(r))),
    'negated s': concat(r, fromScalar(SM2_N - toScalar(s))),
    'swapped halves': concat(s, r),
    'one byte short': SIGNATURE.slice(0, 63),
    'one byte long': concat(SIGNATURE, Uint8Array.of(0)),
    'DER instead of r‖s': signatureToDer(SIGNATURE),
    empty: new Uint8Array(),
  };
  test.each(Object.entries(refused))('refuses a signature with %s', (_case, signature) =>
    expect(sm2.verify(XY, MESSAGE, signature)).toBe(false),
  );

  const offCurve = XY.slice();
  offCurve[63] = (offCurve[63] ?? 0) ^ 1;
  const badKeys: Readonly<Record<string, Bytes>> = {
    'a point off the curve': offCurve,
    infinity: new Uint8Array(64),
    'a leading 04': concat(Uint8Array.of(4), XY),
    'a compressed key': concat(Uint8Array.of(3), XY.slice(0, 32)),
    'x above p': concat(new Uint8Array(32).fill(0xff), XY.slice(32)),
  };
  test.each(Object.entries(badKeys))('refuses %s as a key', (_case, key) => {
    expect(sm2.verify(key, MESSAGE, SIGNATURE)).toBe(false);
    expect(isOnCurve(key)).toBe(false);
  });

  test('refuses plain ECDSA on the same curve, and a signature with an empty user id', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const xy = new Uint8Array(spki.subarray(spki.length - 64));
    const ecdsa = signatureFromDer(new Uint8Array(createSign('sm3').update(zOf(xy)).update(MESSAGE).sign(privateKey)));
    expect(ecdsa === null || sm2.verify(xy, MESSAGE, ecdsa)).toBe(false);
    const emptyId = signDigest(D, sm3(zOf(XY, ''), MESSAGE), K);
    expect(emptyId === null || sm2.verify(XY, MESSAGE, emptyId)).toBe(false);
    const withoutZ = signDigest(D, sm3(MESSAGE), K);
    expect(withoutZ === null || sm2.verify(XY, MESSAGE, withoutZ)).toBe(false);
  });
});

test('the range check is the boundary of GB/T 32918.2 §7.1', () => {
  const pair = (r: bigint, s: bigint) => isSignatureInRange(concat(fromScalar(r), fromScalar(s)));
  expect([pair(1n, 1n), pair(SM2_N - 1n, SM2_N - 1n), pair(1n, SM2_N - 1n), pair(0n, 1n), pair(SM2_N, 1n)]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('DER has one spelling', () => {
  expect(toHex(signatureFromDer(signatureToDer(SIGNATURE)) ?? new Uint8Array())).toBe(toHex(SIGNATURE));
  const small = concat(fromScalar(1n), fromScalar(0x80n));
  expect(toHex(signatureToDer(small))).toBe('300702010102020080');
  for (const der of [
    '30080201010203000080',
    '3006020101020180',
    '30070201010202008000',
    '300702010102020081ff',
    '310702010102020080',
    '3003020101',
    '30810702010102020080',
    '',
  ]) {
    expect([der, signatureFromDer(fromHex(der))]).toEqual([der, null]);
  }
});

test('encryption: both implementations read each other', () => {
  const key = systemRandom(32);
  expect(toHex(sm2Decrypt(D, sm2Encrypt(XY, key, systemRandom)) ?? new Uint8Array())).toBe(toHex(key));
  const outside = fromHex(smCrypto.sm2.doEncrypt([...key], `04${toHex(XY)}`, 1));
  expect(outside.length).toBe(128);
  expect(toHex(sm2Decrypt(D, outside) ?? new Uint8Array())).toBe(toHex(key));
  expect(smCrypto.sm2.doDecrypt(toHex(sm2Encrypt(XY, key, systemRandom)), toHex(D), 1, { output: 'array' })).toEqual([...key]);
});

test('the start-up self-test finds OpenSSL sound', () => expect(selfTest()).toEqual({ route: 'openssl', failures: [] }));

/** C1 ‖ C3 ‖ C2 of `SEQUENCE { x, y, C3, C2 }`. */
function rawCiphertext(der: Uint8Array): Bytes {
  const parts: Uint8Array[] = [];
  let offset = der[1] === 0x81 ? 3 : 2;
  while (offset < der.length) {
    const length = der[offset + 1] ?? 0;
    parts.push(der.slice(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  const [x, y, c3, c2] = parts;
  if (x === undefined || y === undefined || c3 === undefined || c2 === undefined) throw new Error('a ciphertext has four parts');
  return concat(fromScalar(toScalar(x)), fromScalar(toScalar(y)), c3, c2);
}
