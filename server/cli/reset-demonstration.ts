/** Removes what a demonstration made, and nothing else: only our own folders below DATA_DIR, and only while nobody uses them. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '#server/embedded-postgres/start-postgres.ts';
import { parseEnvironment } from '#server/env.ts';

const OURS = ['keys', 'ledger-export', 'evidence', 'ca', 'members'];

/** @returns what was done, as a sentence */
export async function resetDemonstration(): Promise<string> {
  const environment = parseEnvironment(process.env);
  if (environment.databaseUrl !== null)
    throw new Error('DATABASE_URL names a database of your own: drop and create it yourself, then remove DATA_DIR/keys');
  const dataDir = path.resolve(environment.dataDir);
  const folder = path.join(dataDir, 'postgres');
  if (existsSync(folder)) {
    const server = await startPostgres({ dir: folder });
    // The server of a running market belongs to that process: its data stays.
    if (server.isForeign) throw new Error('The market is running: stop it first.');
    await server.destroy();
  }
  for (const name of OURS) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  return `Removed the market under ${environment.dataDir}. The next start begins another chain.`;
}
