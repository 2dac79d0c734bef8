/** A snapshot in a folder or at a node, as `verifySnapshot` reads it. Whoever serves it is untrusted: sizes are bounded before anything is kept. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CHUNK_LEAVES, type SnapshotFile } from '#ledger/codec/snapshot.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { LEAF_BYTES } from '#ledger/state/decode-state-leaf.ts';
import { SnapshotFault, type SnapshotSource } from '#ledger/verify/verify-snapshot.ts';
import { SNAPSHOT_PREFIX } from '../peer/peer-door.ts';
import { fileName, MANIFEST, RECENT, TRUST } from './take-snapshot.ts';

const unpack = promisify(gunzip);
const MAX_PLAIN = 64 * 1024 * 1024;
const MAX_RECENT = 1024 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

export function folderSource(folder: string): SnapshotSource {
  return sourceOf(async (name) => new Uint8Array(await readFile(path.join(folder, name))));
}

export function peerSource(endpoint: string): SnapshotSource {
  return sourceOf(async (name, max) => {
    const response = await fetch(new URL(`${SNAPSHOT_PREFIX}${name}`, endpoint), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new NoSnapshot(`${endpoint} has no snapshot (${response.status})`);
    if (Number(response.headers.get('content-length') ?? 0) > max) throw new SnapshotFault('snapshot_malformed', { file: name });
    return new Uint8Array(await response.arrayBuffer());
  });
}

/** Nothing is wrong: this node has none. */
export class NoSnapshot extends Error {}

function sourceOf(read: (name: string, max: number) => Promise<Bytes>): SnapshotSource {
  const unpacked = async (name: string, max: number): Promise<Bytes> => {
    const packed = await read(name, max);
    try {
      return new Uint8Array(await unpack(packed, { maxOutputLength: max }));
    } catch {
      throw new SnapshotFault('snapshot_malformed', { file: name });
    }
  };
  return {
    manifest: () => read(MANIFEST, MAX_PLAIN),
    trust: () => read(TRUST, MAX_PLAIN),
    file: (file: SnapshotFile) => unpacked(fileName(file), (LEAF_BYTES[file.reg] ?? 4096) * CHUNK_LEAVES),
    recent: () => unpacked(RECENT, MAX_RECENT),
  };
}
