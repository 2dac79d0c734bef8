/** The signer of the signed-in player: published keys on the demonstration, otherwise the sealed key of this browser. */
import { api } from '#app/_client/api.ts';
import type { Signer } from '#app/_client/signing.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import type { Me } from '#server/trpc/views.ts';
import { unlockedKeys, unlockStored } from './key-store.ts';

/** `null`: the passphrase has to be asked for. @throws {KeyError} `wrong_passphrase` */
export async function openSigner(me: Me, passphrase: string | null): Promise<Signer | null> {
  const open = unlockedKeys(me.acct);
  if (open !== null) return { me, keys: open };
  const published = await publishedKeys(me);
  if (published !== null) return published;
  return passphrase === null ? null : { me, keys: await unlockStored(me.acct, passphrase) };
}

/** The passphrase again, also while the key is open. @throws {KeyError} `wrong_passphrase` */
export async function openSignerAgain(me: Me, passphrase: string | null): Promise<Signer> {
  const published = await publishedKeys(me);
  return published ?? { me, keys: await unlockStored(me.acct, passphrase ?? '') };
}

async function publishedKeys(me: Me): Promise<Signer | null> {
  const accounts = await api.session.demoAccounts();
  const account = accounts.find(({ acct }) => acct === me.acct);
  if (account === undefined) return null;
  const privateKey = fromHex(account.privateKey, 32);
  return { me, keys: { privateKey, encPrivateKey: account.encPrivateKey === null ? privateKey : fromHex(account.encPrivateKey, 32) } };
}
