/** Signing in: a single-use challenge, signed here, checked there (P-06, V-01). */
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { fromBase64, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { DemonstrationAccount } from '#server/identity/identity.ts';
import type { Me, StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { holdOfficial } from './keys/held-official.ts';
import { holdUnlocked, storeKeys, unlockStored } from './keys/key-store.ts';
import { openKeys, type PlayerKeys, type SealedKeys } from './keys/sealed-keys.ts';
import { signPlayerChallenge, signStaffChallenge } from './signing.ts';

async function signInWith(acct: string, privateKey: Uint8Array): Promise<Me> {
  const challenge = await api.session.challenge();
  const signature = signPlayerChallenge(privateKey, acct, challenge);
  return api.session.signIn({ acct, challenge: challenge.challenge, issuedAt: challenge.issuedAt, signature });
}

async function signInStaff(certificate: string, privateKey: Uint8Array): Promise<StaffMe> {
  const challenge = await api.staff.challenge();
  const serial = toHex(parseCertificate(fromBase64(certificate)).serial);
  const signature = signStaffChallenge(privateKey, serial, challenge);
  return api.staff.signIn({ certificate, challenge: challenge.challenge, issuedAt: challenge.issuedAt, signature });
}

/** One click: the key is published, and worth nothing on another chain. */
export async function signInDemonstration(
  account: DemonstrationAccount,
): Promise<'player' | 'studio' | 'supervisor' | 'operator' | 'notary' | 'staff'> {
  const privateKey = fromHex(account.privateKey, 32);
  if (account.certificate !== null) {
    const staff = await signInStaff(account.certificate, privateKey);
    if (staff.role === 'studio' || staff.role === 'operator' || staff.role === 'notary') return staff.role;
    return staff.role.startsWith('sup_') ? 'supervisor' : 'staff';
  }
  if (account.acct !== null) await signInWith(account.acct, privateKey);
  return account.kind === 'studio' ? 'studio' : 'player';
}

export async function signInStored(acct: string, passphrase: string): Promise<Me> {
  const keys: PlayerKeys = await unlockStored(acct, passphrase);
  return signInWith(acct, keys.privateKey);
}

/** A recovery file on a new device: opened, kept in this browser under the same passphrase, signed in. */
export async function signInRecovered(file: SealedKeys, passphrase: string): Promise<Me> {
  const keys = await openKeys(file, passphrase);
  const me = await signInWith(file.acct, keys.privateKey);
  await storeKeys(file);
  holdUnlocked(file.acct, keys);
  return me;
}

type StaffFile = { readonly certificate: string; readonly keys: SealedKeys };
/** A staff file holds the certificate and its key, sealed like a recovery file; the key stays open for what the person signs. */
export async function signInStaffFile({ certificate, keys }: StaffFile, passphrase: string): Promise<StaffMe> {
  const { privateKey } = await openKeys(keys, passphrase);
  const staff = await signInStaff(certificate, privateKey);
  holdOfficial({ privateKey, serial: staff.certificateSerial, certificate });
  return staff;
}
