/**
 * One PostgreSQL and one migrated template database for the whole run. A run that needs no database (tidy, a unit test alone) pays about 0.6 s for it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate, openDatabase } from '#server/db.ts';
import { type EmbeddedPostgres, startPostgres } from '#server/embedded-postgres/start-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly templateUrl: string;
  }
}

/** Durability is what a test of durability switches on again for itself. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200', shared_buffers: '128MB' };

let running: Promise<{ readonly templateUrl: string; stop(): Promise<void> }> | undefined;
let users = 0;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  running ??= startTemplate();
  users += 1;
  const { templateUrl, stop } = await running;
  project.provide('templateUrl', templateUrl);
  return async () => {
    users -= 1;
    if (users === 0) await stop();
  };
}

async function startTemplate() {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-test-'));
  const server: EmbeddedPostgres = await startPostgres({ dir: folder, database: 'template_market', settings: FAST });
  try {
    const sql = openDatabase(server.url, { max: 1 });
    try {
      await migrate(sql);
    } finally {
      await sql.end();
    }
  } catch (error) {
    await server.destroy();
    throw error;
  }
  const stop = async () => {
    await server.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { templateUrl: server.url, stop };
}
