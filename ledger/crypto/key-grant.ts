/** Key grants (ledger.md 15.2): a 32-byte key given once per recipient and period, encrypted to the recipient, signed by the issuer's node key. */
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { encodeKeyGrant, type KeyGrant, type Recipient, type SignedKeyGrant } from './envelope-codec.ts';
import type { RandomBytes, Sm2 } from './sm2.ts';
import { sm2Decrypt, sm2Encrypt } from './sm2-encryption.ts';
import { signedMessage } from './tagged-hash.ts';

export type GrantInput = {
  readonly chain: Bytes;
  readonly kid: Bytes;
  readonly issuer: number;
  readonly recipient: Recipient;
  readonly from: bigint;
  readonly until: bigint;
  /** K_kid, 32 bytes. */
  readonly key: Uint8Array;
  /** `encPub` of a member or `encKey` of an account. */
  readonly recipientKey: Uint8Array;
  readonly issuerPrivateKey: Uint8Array;
};

export function grantKey(sm2: Sm2, input: GrantInput, random: RandomBytes): SignedKeyGrant {
  const { key, recipientKey, issuerPrivateKey, ...head } = input;
  assert(key.length === 32, 'a granted key has 32 bytes');
  const grant: KeyGrant = { ...head, wrap: sm2Encrypt(recipientKey, key, random) };
  return { grant, sig: sm2.sign(issuerPrivateKey, grantMessage(grant)) };
}

/** True when the grant is of this issuer's node key. */
export function verifyGrant(sm2: Sm2, issuerPublicKey: Uint8Array, signed: SignedKeyGrant): boolean {
  return sm2.verify(issuerPublicKey, grantMessage(signed.grant), signed.sig);
}

/** K_kid, 32 bytes; `null` when the wrap is not for this private key. */
export function openGrant(privateKey: Uint8Array, grant: KeyGrant): Bytes | null {
  const key = sm2Decrypt(privateKey, grant.wrap);
  return key?.length === 32 ? key : null;
}

function grantMessage(grant: KeyGrant): Bytes {
  return signedMessage('PLP1/grant', grant.chain, encodeKeyGrant(grant));
}
