/** `cli backup`, `cli restore FILE` (product O-07): data in one file, keys in another under a passphrase; a restore ends with verify and reconcile. */
import { createReadStream, createWriteStream, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { audit } from '#ledger/node/audit.ts';
import { LedgerDamage } from '#ledger/node/damage.ts';
import { holdNode } from '#ledger/node/node-lock.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { systemClock } from '#server/clock.ts';
import { migrate } from '#server/db.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { type BackedUp, linesOf, readBackup, writeBackup } from '#server/operations/backup.repo.ts';
import { insertBackup } from '#server/operations/backups.repo.ts';
import { openKeys, sealKeys } from '#server/operations/key-backup.ts';
import { systemRandom } from '#server/random.ts';
import { type Installation, withDatabase, withInstitution } from './database.ts';

export type BackupAnswer = BackedUp & { readonly data: string; readonly keys: string; readonly seconds: number };

const readPassphrase = (file: string): string => readFileSync(file, 'utf8').split('\n', 1)[0]?.trim() ?? '';
const secondsSince = (begun: number): number => Math.round((performance.now() - begun) / 100) / 10;

/** The market may run meanwhile: what is written is of one moment. */
export async function backUp({ sql, keysDir }: Installation, to: string, passphraseFile: string): Promise<BackupAnswer> {
  const begun = performance.now();
  const at = toIso(systemClock.now());
  const name = `daoju-${at.replaceAll(/[:.]/g, '-')}`;
  const [data, keys] = [path.join(to, `${name}.backup`), path.join(to, `${name}.keys`)];
  writeFileSync(keys, sealKeys(keysDir, readPassphrase(passphraseFile), systemRandom), { mode: 0o600 });
  const gzip = createGzip();
  const out = gzip.pipe(createWriteStream(`${data}.new`, { mode: 0o600 }));
  const done = await writeBackup(sql, gzip, at);
  gzip.end();
  await finished(out);
  renameSync(`${data}.new`, data);
  await insertBackup(sql, at, done);
  return { ...done, data, keys, seconds: secondsSince(begun) };
}

export type RestoreAnswer = BackedUp & {
  /** Of the moment that the backup is of. */
  readonly at: string;
  readonly verified: { readonly height: bigint } | { readonly broken: string };
  readonly breaks: number;
  readonly seconds: number;
};

/** Into a data folder that holds nothing. What other members certified after the backup they have: the next start fetches it from them. */
export async function restore(dataDir: string, file: string, keysFile: string, passphraseFile: string): Promise<RestoreAnswer> {
  const begun = performance.now();
  const keysDir = path.join(dataDir, 'keys');
  openKeys(readFileSync(keysFile, 'utf8'), readPassphrase(passphraseFile), keysDir);
  try {
    return await restoreData(file, begun);
  } catch (error) {
    // Nothing was restored: keys without their chain would bar the next attempt.
    rmSync(keysDir, { recursive: true, force: true });
    throw error;
  }
}

function restoreData(file: string, begun: number): Promise<RestoreAnswer> {
  return withDatabase(async ({ sql, environment }) => {
    await migrate(sql);
    const lock = await holdNode(sql);
    try {
      const done = await readBackup(sql, linesOf(createReadStream(file).pipe(createGunzip())));
      await insertBackup(sql, done.at, done);
      const verified = await verifyAll(sql);
      const breaks = await withInstitution(sql, environment.institutionUrl, (provider) =>
        reconcile({ sql, clock: systemClock, random: systemRandom, ledger: null, provider }),
      );
      return { ...done, verified, breaks: breaks.length, seconds: secondsSince(begun) };
    } finally {
      await lock.release();
    }
  });
}

async function verifyAll(sql: Installation['sql']): Promise<RestoreAnswer['verified']> {
  try {
    const { height } = await audit(sql, startSm2().sm2);
    return { height };
  } catch (error) {
    if (error instanceof LedgerDamage) return { broken: error.message };
    throw error;
  }
}
