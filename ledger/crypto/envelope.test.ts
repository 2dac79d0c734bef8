import { describe, expect, test } from 'vitest';
import { fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { openSslSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { commitmentOf, discloseFields, envHash, fieldSetOf, openPart, sealEnvelope } from './envelope.ts';
import {
  AUDIENCE,
  type Disclosure,
  decodeDisclosures,
  decodeEnvelope,
  decodeSignedKeyGrant,
  encodeDisclosures,
  encodeEnvelope,
  encodeKeyGrant,
  encodeSignedKeyGrant,
  SLOT,
} from './envelope-codec.ts';
import { grantKey, openGrant, verifyGrant } from './key-grant.ts';
import { generatePrivateKey, publicKeyOf } from './sm2.ts';

const sm2 = openSslSm2();
const chain = systemRandom(32);
const fields = (text: string): readonly OpenField[] =>
  Array.from({ length: 16 }, (_, id) => ({ salt: systemRandom(16), value: utf8(`${text} ${id}`) }));
const supervisor = { kid: systemRandom(8), key: systemRandom(32) };
const second = { kid: systemRandom(8), key: systemRandom(32) };
const seller = { kid: systemRandom(8), key: systemRandom(32) };

const pay = fields('pay');
const sell = fields('sell');
const buy = fields('buy');
const envelope = sealEnvelope(
  {
    chain,
    ref: systemRandom(16),
    parts: [
      {
        audience: AUDIENCE.seller,
        recipients: [seller],
        disclosures: [discloseFields(SLOT.pay, pay, [1, 3, 7]), discloseFields(SLOT.sellTerms, sell)],
      },
      {
        audience: AUDIENCE.supervisors,
        recipients: [supervisor, second],
        disclosures: [discloseFields(SLOT.pay, pay), discloseFields(SLOT.sellTerms, sell), discloseFields(SLOT.buyTerms, buy)],
      },
    ],
  },
  systemRandom,
);
const opened = (audience: number, key: typeof supervisor, of = envelope): readonly Disclosure[] => {
  const part = openPart(of, audience, key);
  assert(part.kind === 'opened', 'the part opens');
  return part.disclosures;
};

test('each supervisor opens everything, and it is what the ledger commits to', () => {
  for (const key of [supervisor, second]) {
    const [first, sellTerms, buyTerms] = opened(AUDIENCE.supervisors, key, decodeEnvelope(encodeEnvelope(envelope)));
    assert(first !== undefined && sellTerms !== undefined && buyTerms !== undefined, 'three disclosures');
    expect(toHex(first.open[1]?.value ?? new Uint8Array())).toBe(toHex(utf8('pay 1')));
    expect(toHex(commitmentOf(first))).toBe(toHex(fieldRoot(fieldSetOf(SLOT.pay), pay)));
    expect(toHex(commitmentOf(sellTerms))).toBe(toHex(fieldRoot(fieldSetOf(SLOT.sellTerms), sell)));
    expect(toHex(commitmentOf(buyTerms))).toBe(toHex(fieldRoot(fieldSetOf(SLOT.buyTerms), buy)));
  }
});

test('a party sees its own side: hidden fields keep the commitment and stay hidden', () => {
  const [first] = opened(AUDIENCE.seller, seller);
  assert(first !== undefined, 'one disclosure');
  expect(first.open.map((field) => field.id)).toEqual([1, 3, 7]);
  expect(toHex(commitmentOf(first))).toBe(toHex(fieldRoot(fieldSetOf(SLOT.pay), pay)));
  const altered: Disclosure = { ...first, open: first.open.map((field) => (field.id === 1 ? { ...field, value: utf8('pay 2') } : field)) };
  expect(toHex(commitmentOf(altered))).not.toBe(toHex(commitmentOf(first)));
});

describe('refused', () => {
  const codeOf = (of: typeof envelope, audience: number, key: typeof supervisor) => {
    const part = openPart(of, audience, key);
    return part.kind === 'opened' ? 'opened' : part.code;
  };
  test('a part that is not there, a key that was not granted, a key under another name', () => {
    expect(codeOf(envelope, AUDIENCE.buyer, supervisor)).toBe('part_unknown');
    expect(codeOf(envelope, AUDIENCE.seller, supervisor)).toBe('wrap_unknown');
    expect(codeOf(envelope, AUDIENCE.supervisors, { ...supervisor, key: systemRandom(32) })).toBe('mac_invalid');
  });

  test('any changed byte of chain, nonce, ref, wrap, ciphertext or mac', () => {
    const [part, ...others] = envelope.parts;
    assert(part !== undefined, 'the supervisors come first');
    const flip = (bytes: Uint8Array) => concat(Uint8Array.of((bytes[0] ?? 0) ^ 1), bytes.subarray(1));
    const withPart = (change: Partial<typeof part>) => ({ ...envelope, parts: [{ ...part, ...change }, ...others] });
    const altered = [
      { ...envelope, chain: flip(chain) },
      { ...envelope, nonce: flip(envelope.nonce) },
      { ...envelope, ref: flip(envelope.ref) },
      withPart({ ct: flip(part.ct) }),
      withPart({ ct: part.ct.slice(1) }),
      withPart({ mac: flip(part.mac) }),
      withPart({ wraps: part.wraps.map((wrap) => ({ ...wrap, c: flip(wrap.c) })) }),
    ];
    for (const of of altered) {
      expect(codeOf(of, AUDIENCE.supervisors, supervisor)).toBe('mac_invalid');
      expect(toHex(envHash(of))).not.toBe(toHex(envHash(envelope)));
    }
    expect(codeOf({ ...envelope, parts: [{ ...part, audience: AUDIENCE.buyer }] }, AUDIENCE.buyer, supervisor)).toBe('mac_invalid');
  });

  test('a field left out, given twice, out of order or beyond 15; two parts for one audience', () => {
    const [first] = opened(AUDIENCE.seller, seller);
    assert(first !== undefined, 'one disclosure');
    const malformed: readonly Disclosure[] = [
      { ...first, hidden: first.hidden.slice(1) },
      { ...first, open: [...first.open].reverse() },
      { ...first, hidden: first.hidden.map((field) => (field.id === 15 ? { ...field, id: 16 } : field)) },
      { ...first, hidden: first.hidden.map((field) => (field.id === 0 ? { ...field, id: 1 } : field)).sort((a, b) => a.id - b.id) },
      { ...first, hidden: [{ id: 1, hash: systemRandom(32) }, ...first.hidden].sort((a, b) => a.id - b.id) },
      { ...first, slot: 4 },
    ];
    for (const disclosure of malformed) expect(() => decodeDisclosures(encodeDisclosures([disclosure]))).toThrow();
    const twice = { ...envelope, parts: envelope.parts.map((part) => ({ ...part, audience: 1 })) };
    expect(() => decodeEnvelope(encodeEnvelope(twice))).toThrow('pce_not_sorted');
  });
});

describe('key grants', () => {
  const issuerPrivateKey = generatePrivateKey(systemRandom);
  const recipientPrivateKey = generatePrivateKey(systemRandom);
  const head = { chain, kid: supervisor.kid, issuer: 1, from: 1_790_000_000_000n, until: 1_790_086_400_000n };
  const grant = (recipient: Parameters<typeof grantKey>[1]['recipient']) =>
    grantKey(
      sm2,
      { ...head, recipient, key: supervisor.key, recipientKey: publicKeyOf(recipientPrivateKey), issuerPrivateKey },
      systemRandom,
    );

  test.each([
    { kind: 'member', member: 3 },
    { kind: 'account', acct: systemRandom(32) },
  ] as const)('to a $kind: survives the codec, verifies, opens', (recipient) => {
    const signed = decodeSignedKeyGrant(encodeSignedKeyGrant(grant(recipient)));
    expect(signed.grant.recipient).toEqual(recipient);
    expect(encodeKeyGrant(signed.grant).length).toBe(1 + 32 + 8 + 2 + (recipient.kind === 'member' ? 3 : 33) + 16 + 128);
    expect(verifyGrant(sm2, publicKeyOf(issuerPrivateKey), signed)).toBe(true);
    expect(toHex(openGrant(recipientPrivateKey, signed.grant) ?? new Uint8Array())).toBe(toHex(supervisor.key));
  });

  test('another issuer, another period and another private key are refused', () => {
    const signed = grant({ kind: 'member', member: 3 });
    expect(verifyGrant(sm2, publicKeyOf(recipientPrivateKey), signed)).toBe(false);
    expect(verifyGrant(sm2, publicKeyOf(issuerPrivateKey), { ...signed, grant: { ...signed.grant, until: signed.grant.until + 1n } })).toBe(
      false,
    );
    expect(openGrant(issuerPrivateKey, signed.grant)).toBe(null);
  });
});
