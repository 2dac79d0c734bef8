/** Small questions about processes and ports of this machine. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The system's code of an error (`EEXIST`, `28P01`, …), or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM'; // it lives and belongs to someone else
  }
}

/** Resolves when the process has ended, or after about 10 s. */
export async function waitUntilGone(pid: number): Promise<void> {
  for (let round = 0; round < 200 && isAlive(pid); round++) await sleep(50);
}

/** A TCP port of 127.0.0.1 that was free a moment ago: another process can still take it first. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
