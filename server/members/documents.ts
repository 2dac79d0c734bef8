/**
 * Documents that this member needs to check what it endorses: terms of kinds, rule packs, experiments. Asked from whoever answers,
 * believed by their hash alone, kept as files, so that they are here when nobody else is.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Log } from '#server/log.ts';

export interface Documents {
  /** `cls`: the kind whose terms these are. Null: nobody who answers has it. */
  get(sm3: Bytes, cls: number | null): Promise<Bytes | null>;
  /** Only from here. */
  kept(sm3: string): Bytes | null;
}

export type DocumentsOptions = {
  readonly dir: string;
  /** Base addresses, the likeliest first. */
  readonly sources: () => readonly string[];
  readonly elapsed: () => number;
  readonly log: Log;
};

const ASK_MS = 2_000;
const MAX_BYTES = 1_048_576;
/** Rounds come several times a second: who had nothing is not asked again at once. */
const AGAIN_MS = 1_000;

export function openDocuments({ dir, sources, elapsed, log }: DocumentsOptions): Documents {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const known = new Map<string, Bytes>();
  const asked = new Map<string, number>();

  const kept = (name: string): Bytes | null => {
    const here = known.get(name);
    if (here !== undefined) return here;
    const bytes = readIfThere(path.join(dir, name));
    if (bytes === null) return null;
    if (toHex(sm3(bytes)) !== name) {
      log.error({ document: name }, 'a document kept here is not the one that its name says; it is fetched again');
      return null;
    }
    known.set(name, bytes);
    return bytes;
  };

  return {
    kept,
    get: async (hash, cls) => {
      const name = toHex(hash);
      const here = kept(name);
      if (here !== null) return here;
      const last = asked.get(name);
      if (last !== undefined && elapsed() - last < AGAIN_MS) return null;
      asked.set(name, elapsed());
      for (const base of sources()) {
        const bytes = await ask(new URL(`/ledger/v1/document/${name}${cls === null ? '' : `/${cls}`}`, base));
        if (bytes === null || toHex(sm3(bytes)) !== name) continue;
        keep(path.join(dir, name), bytes);
        known.set(name, bytes);
        asked.delete(name);
        return bytes;
      }
      log.warn({ document: name }, 'a document that the ledger names is not to be had');
      return null;
    },
  };
}

async function ask(url: URL): Promise<Bytes | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) return null;
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    return null; // whoever is away is one of several
  }
}

function readIfThere(file: string): Bytes | null {
  try {
    return new Uint8Array(readFileSync(file));
  } catch {
    return null;
  }
}

/** A half-written file never has its name. */
function keep(file: string, bytes: Bytes): void {
  writeFileSync(`${file}.new`, bytes, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
