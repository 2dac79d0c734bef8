/** What the program is, for those who ask about its environment (rulebook CN-EV-05): versions and hashes, read once at the start. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, toHex } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import type { Environment } from './build-package.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What decides which code runs. */
const BUILD_FILES = ['package.json', 'package-lock.json', '.next/BUILD_ID'] as const;

export async function readEnvironment(sql: Sql): Promise<Omit<Environment, 'filingNo'>> {
  const [row] = await sql<{ server_version: string }[]>`show server_version`;
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const verifier = path.join(ROOT, 'public/verifier/verify.html');
  const present = BUILD_FILES.map((file) => path.join(ROOT, file)).filter((file) => existsSync(file));
  return {
    versions: {
      daoju: version,
      node: process.version,
      openssl: process.versions.openssl ?? '-',
      postgresql: row?.server_version ?? '-',
      platform: `${process.platform} ${process.arch}`,
    },
    verifierSm3: existsSync(verifier) ? toHex(sm3(new Uint8Array(readFileSync(verifier)))) : '-',
    buildSm3: toHex(sm3(concat(...present.map((file) => new Uint8Array(readFileSync(file)))))),
  };
}
