import { expect, test } from 'vitest';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { findNamePart, OID } from '#ledger/pki/certificate.ts';
import { verifyChain } from '#ledger/pki/verify-chain.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { demonstrationKeys } from './demonstration-keys.ts';
import {
  DEMONSTRATION_AUTHORITIES,
  demonstrationCertificate,
  demonstrationCrl,
  demonstrationHierarchy,
  demonstrationMemberCertificate,
} from './demonstration-pki.ts';
import { openSslSm2 } from './sm2-openssl.ts';

const sm2 = openSslSm2();
const AT = parseInstant('2026-11-27T00:00:00Z');
const { root, authorities } = demonstrationHierarchy();
const { publicKey, encPublicKey } = demonstrationKeys('staff-tax');
const subject = { commonName: '演示', organization: 'Supervisor (demonstration)', organizationalUnit: 'tax', serialNumber: 'STAFF-TAX' };

test('every authority issues two certificates per subject, and both chains hold with their lists', () => {
  const list = { number: 1, thisUpdate: AT, nextUpdate: parseInstant('2026-12-27T00:00:00Z'), revoked: [] };
  for (const authority of DEMONSTRATION_AUTHORITIES) {
    const der = authorities.get(authority);
    assert(der !== undefined, authority);
    const crls = [demonstrationCrl('root', list), demonstrationCrl(authority, list)];
    for (const [kind, key] of [
      ['signing', publicKey],
      ['encryption', encPublicKey],
    ] as const) {
      const leaf = demonstrationCertificate({ authority, subject, publicKey: key, profile: { kind }, at: AT });
      const result = verifyChain({ chain: [leaf, der, root], anchors: [sm3(root)], at: AT, use: kind, sm2, crls });
      expect(result.kind === 'rejected' ? result : result.kind).toBe('verified');
    }
  }
});

test('the root says that it is not licensed, and every byte is the same on every machine', () => {
  const member = { org: 'Operator', role: 0, pub: publicKey };
  const certificate = demonstrationMemberCertificate(member, AT);
  expect(toHex(demonstrationMemberCertificate(member, parseInstant('2026-01-01T00:00:00Z')))).toBe(toHex(certificate));
  expect(toHex(sm3(root))).toBe('41f8abb12d9eaf18d0722a93cd7ec4884c280696e3b809f09f1082d36a466dbb');
  const result = verifyChain({
    chain: [certificate, authorities.get('Operator CA') ?? root, root],
    anchors: [sm3(root)],
    at: AT,
    use: 'signing',
    sm2,
  });
  assert(result.kind === 'verified', 'the chain holds');
  expect(result.chain.map(({ issuer }) => findNamePart(issuer, OID.organization))).toEqual([
    'NOT_LICENSED',
    'NOT_LICENSED',
    'NOT_LICENSED',
  ]);
});
