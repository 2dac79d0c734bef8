/** The keys of this browser: sealed in IndexedDB, open in memory for 15 minutes, never anywhere else (P-04). */
import { browserStore, settled } from '../browser-store.ts';
import { browserClock } from '../clock.ts';
import { openKeys, type PlayerKeys, parseSealedKeys, type SealedKeys } from './sealed-keys.ts';

export const UNLOCKED_MS = 15 * 60_000;

const openStore = browserStore({ database: 'daoju', store: 'keys', key: 'acct' });

export async function storeKeys(record: SealedKeys): Promise<void> {
  await settled((await openStore('readwrite')).put(record));
}

export async function listStoredKeys(): Promise<readonly SealedKeys[]> {
  const rows: readonly unknown[] = await settled((await openStore('readonly')).getAll());
  return rows.map((row) => parseSealedKeys(JSON.stringify(row)));
}

type Unlocked = { readonly acct: string; readonly keys: PlayerKeys; readonly until: number };
let unlocked: Unlocked | null = null;

/** The account's keys if they are open now; each use does not prolong the 15 minutes. */
export function unlockedKeys(acct: string): PlayerKeys | null {
  if (unlocked !== null && unlocked.until <= browserClock.machineMs()) lockKeys();
  return unlocked?.acct === acct ? unlocked.keys : null;
}

export function holdUnlocked(acct: string, keys: PlayerKeys): void {
  lockKeys();
  unlocked = { acct, keys, until: browserClock.machineMs() + UNLOCKED_MS };
}

export function lockKeys(): void {
  unlocked?.keys.privateKey.fill(0);
  unlocked?.keys.encPrivateKey.fill(0);
  unlocked = null;
}

/** @throws {KeyError} `wrong_passphrase` */
export async function unlockStored(acct: string, passphrase: string): Promise<PlayerKeys> {
  const record = (await listStoredKeys()).find((row) => row.acct === acct);
  if (record === undefined) throw new Error('no key of this account in this browser');
  const keys = await openKeys(record, passphrase);
  holdUnlocked(acct, keys);
  return keys;
}
