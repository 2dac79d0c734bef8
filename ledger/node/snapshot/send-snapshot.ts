/** `GET /peer/v1/snapshot/<file>`: the newest snapshot of this node, file by file. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { newestSnapshot } from './snapshots.ts';

const NAME = /^(?:manifest|trust|recent\.gz|bodies-\d{1,6}\.gz|r[1-5]-\d{1,6}\.gz)$/;

/** Resolves false when there is no such file. */
export async function sendSnapshot(dir: string | undefined, name: string, response: ServerResponse): Promise<boolean> {
  const newest = dir === undefined || !NAME.test(name) ? null : newestSnapshot(dir);
  if (newest === null) return false;
  const file = path.join(newest.folder, name);
  const found = await stat(file).catch(() => null);
  if (found === null) return false;
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.size, 'cache-control': 'no-store' });
  createReadStream(file)
    .once('error', () => response.destroy())
    .pipe(response);
  return true;
}
