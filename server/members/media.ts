/**
 * Art that this member holds for its issuers' sake (product T-04): a mirror endorses no Mint of a kind and no ClassUpdate before every file
 * of the kind's list is here, so that art outlives the operator. Asked from whoever answers, believed by its hash, kept as files.
 */
import { mkdirSync, renameSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { Log } from '#server/log.ts';
import { type ArtFile, readArtFormat } from '#server/studio/art-format.ts';
import { type ListedFile, parseArtList } from '#server/studio/art-list.ts';
import type { Documents } from './documents.ts';

export interface Media {
  /** Whether every file of this list is here. What is not is fetched; after `HOLD_MS` the answer is no, and the fetching goes on. */
  hold(list: Bytes): Promise<boolean>;
  /** Without asking anybody: whether `hold` has found it whole since this program began. */
  has(list: Bytes): boolean;
  /** A picture of a held list, whose bytes are what its name says. */
  find(sm3: string): Promise<ArtFile | null>;
}

export type MediaOptions = {
  readonly dir: string;
  readonly documents: Pick<Documents, 'get'>;
  /** Base addresses, the likeliest first. */
  readonly sources: () => readonly string[];
  /** Of one kind together. */
  readonly bytesMax: () => bigint;
  readonly log: Log;
};

/** A block waits this long for art; the next proposal of it finds what came meanwhile. */
const HOLD_MS = 1_000;
const ASK_MS = 20_000;

export function openMedia({ dir, documents, sources, bytesMax, log }: MediaOptions): Media {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const held = new Set<string>();
  const running = new Map<string, Promise<boolean>>();
  const fileOf = (name: string): string => path.join(dir, name);

  async function holdFile({ sm3: name, size }: ListedFile): Promise<boolean> {
    // Nothing is ever half written under its own name.
    if ((await stat(fileOf(name)).catch(() => null))?.size === size) return true;
    for (const base of sources()) {
      const bytes = await ask(new URL(`/media/${name}`, base), size);
      if (bytes === null || toHex(sm3(bytes)) !== name) continue;
      await writeFile(`${fileOf(name)}.new`, bytes, { mode: 0o600 });
      renameSync(`${fileOf(name)}.new`, fileOf(name));
      return true;
    }
    log.warn({ art: name }, 'art that the ledger names is not to be had');
    return false;
  }

  async function holdList(list: Bytes, name: string): Promise<boolean> {
    const bytes = await documents.get(list, null);
    const files = bytes === null ? null : parseArtList(bytes, bytesMax());
    if (files === null) return false;
    for (const file of files) if (!(await holdFile(file))) return false;
    held.add(name);
    return true;
  }

  const has = (list: Bytes): boolean => isZero(list) || held.has(toHex(list));
  return {
    has,
    hold: async (list) => {
      const name = toHex(list);
      if (has(list)) return true;
      const fetching = running.get(name) ?? holdList(list, name).finally(() => running.delete(name));
      running.set(name, fetching);
      return withinMs(fetching, HOLD_MS);
    },
    find: async (name) => {
      const bytes = await readFile(fileOf(name)).catch(() => null);
      const format = bytes === null ? null : readArtFormat(bytes);
      if (bytes === null || format === null) return null;
      if (toHex(sm3(bytes)) === name) return { type: format.type, bytes };
      log.error({ art: name }, 'art kept here is not what its name says');
      return null;
    },
  };
}

/** False when it takes longer; a fetch that fails says so in the log and is no. */
async function withinMs(fetching: Promise<boolean>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isHeld = await Promise.race([fetching.catch(() => false), late]);
  clearTimeout(timer);
  return isHeld;
}

async function ask(url: URL, size: number): Promise<Bytes | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) !== size) return null;
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    return null; // whoever is away is one of several
  }
}
