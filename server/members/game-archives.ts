/**
 * The end of a game (product T-27, `ledger.md` 13.3): every member writes down by itself what outlives studio and market, proofs, terms and art,
 * as one static file that `cli verify` proves alone. Whoever may says its SM3 on the ledger (Attest, kind 3).
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { z } from 'zod';
import {
  ARCHIVE_MANIFEST,
  ARCHIVE_SCHEMA,
  ARCHIVE_TRUST,
  type ArchivedFile,
  type ArchiveManifest,
  ATTEST_ARCHIVE,
} from '#ledger/archive/manifest.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { GameProofs } from '#ledger/node/game-proofs.ts';
import type { CertifiedBlock, LedgerReader } from '#ledger/node/types.ts';
import { type Bytes, fromHex, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { Clock } from '#server/clock.ts';
import { every, type Ticking } from '#server/every.ts';
import type { Log } from '#server/log.ts';
import { parseArtList } from '#server/studio/art-list.ts';
import type { GameArchiveView } from '#server/trpc/views.ts';

export type GameArchive = {
  /** In hex. */
  readonly studio: string;
  readonly height: number;
  /** SM3 of the manifest. */
  readonly sm3: string;
  readonly size: number;
  /** Of the LedgerTx that states it; null: this organisation states nothing, or has not yet. */
  readonly txId: string | null;
};

export type ArchiveSources = {
  /** Bytes whose SM3 this is; `cls`: the kind whose terms they are. */
  readonly document: (sm3: string, cls: number | null) => Promise<Bytes | null>;
  readonly art: (sm3: string) => Promise<Bytes | null>;
};

export type GameArchivesOptions = ArchiveSources & {
  readonly ledger: Pick<LedgerReader, 'certified' | 'config' | 'game'> & {
    onCertified(listener: (block: CertifiedBlock) => void): () => void;
  };
  readonly clock: Clock;
  /** Of the files that this member serves. */
  readonly exportDir: string;
  readonly log: Log;
  /** Says it on the ledger, and again after a crash in between; resolves with the txId. Null: this organisation has no role that may. */
  readonly attest: (op: Op & { readonly kind: 'attest' }) => Promise<Bytes | null>;
};

export interface GameArchives {
  start(): void;
  stop(): Promise<void>;
  /** Once through all ends that are recorded. */
  turn(): Promise<void>;
  /** What is kept here of an ended game, by its issuing account in hex. */
  of(studio: string): GameArchive | null;
}

/** As pages show it. */
export function archiveView({ studio, height, sm3: hash, size, txId }: GameArchive): GameArchiveView {
  return { height, sm3: hash, size, txId, href: `/ledger/v1/archive/${studio}` };
}

const TURN_MS = 60_000;
const LEVEL = 6;

export function openGameArchives(options: GameArchivesOptions): GameArchives {
  const { ledger, log, clock } = options;
  const dir = path.join(options.exportDir, 'archive');
  const kept = readKept(dir, log);
  let ticking: Ticking | null = null;
  let leave: (() => void) | null = null;
  let running = Promise.resolve();

  /** Ends that have come, by this member's clock or the ledger's, and are not done with here. */
  const due = (): readonly Bytes[] => {
    const { header, state } = ledger.certified;
    const now = BigInt(clock.now());
    const time = now > header.sealedAt ? now : header.sealedAt;
    return state.recordsOfKind(RECORD.sunset).flatMap(({ a, key }) => (a <= time && !kept.has(toHex(key)) ? [key] : []));
  };
  const archiveAll = async (): Promise<void> => {
    for (const studio of due()) {
      const made = (await readMade(dir, studio)) ?? (await make(options, dir, studio));
      if (made === null) continue;
      const doc = fromHex(made.sm3, 32);
      const txId = await options.attest({ kind: 'attest', subject: { kind: 'account', acct: studio }, attestKind: ATTEST_ARCHIVE, doc });
      const archive = { ...made, txId: txId === null ? null : toHex(txId) };
      // Last: until it stands, the next turn says it again.
      await writeWhole(path.join(dir, `${archive.studio}.json`), canonicalBytes(archive));
      kept.set(archive.studio, archive);
      log.info({ ...archive }, 'an ended game is archived');
    }
  };
  const turn = (): Promise<void> => {
    running = running.then(archiveAll).catch((error: unknown) => log.error({ error }, "couldn't archive an ended game"));
    return running;
  };
  return {
    turn,
    of: (studio) => kept.get(studio) ?? null,
    start: () => {
      ticking = every(TURN_MS, turn);
      leave = ledger.onCertified(() => {
        if (due().length > 0) void turn();
      });
      void turn();
    },
    stop: async () => {
      leave?.();
      ticking?.stop();
      await running;
    },
  };
}

const archiveFile = z.strictObject({
  studio: z.string(),
  height: z.int(),
  sm3: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int(),
  txId: z.string().nullable(),
});

function readKept(dir: string, log: Log): Map<string, GameArchive> {
  mkdirSync(dir, { recursive: true });
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  return new Map(
    names.flatMap((name) => {
      const parsed = archiveFile.safeParse(JSON.parse(readFileSync(path.join(dir, name), 'utf8')));
      if (!parsed.success) log.error({ name }, 'what an archive says of itself is unreadable; it is written anew');
      return parsed.success ? [[parsed.data.studio, parsed.data] as const] : [];
    }),
  );
}

/** Written before a restart and not stated yet. */
async function readMade(dir: string, studio: Bytes): Promise<GameArchive | null> {
  const text = await readFile(path.join(dir, `${toHex(studio)}.made`), 'utf8').catch(() => null);
  return text === null ? null : archiveFile.parse(JSON.parse(text));
}

async function make(options: GameArchivesOptions, dir: string, studio: Bytes): Promise<GameArchive | null> {
  const game = await options.ledger.game(studio);
  if (game === null) return null;
  const name = toHex(studio);
  const file = path.join(dir, `${name}.zip`);
  // The exporter clears its folder when it begins a chain.
  await mkdir(dir, { recursive: true });
  const manifest = await writeArchive(options, game, name, `${file}.new`);
  await rename(`${file}.new`, file);
  const hash = toHex(sm3(canonicalBytes(manifest)));
  const archive = { studio: name, height: Number(game.header.height), sm3: hash, size: (await stat(file)).size, txId: null };
  await writeWhole(path.join(dir, `${name}.made`), canonicalBytes(archive));
  return archive;
}

/** The manifest is the last file of the zip: it names all the others. */
async function writeArchive(options: GameArchivesOptions, game: GameProofs, studio: string, file: string): Promise<ArchiveManifest> {
  const zip = await openZip(file, options.clock.now());
  try {
    const files: ArchivedFile[] = [];
    const missing: string[] = [];
    const add = async (name: string, bytes: Uint8Array, isPacked = true) => {
      if (files.some((each) => each.path === name)) return;
      files.push({ path: name, sm3: toHex(sm3(bytes)), size: bytes.length });
      await zip.add(name, bytes, isPacked);
    };
    await add(ARCHIVE_TRUST, game.trust);
    for (const { path: name, bytes } of game.proofs) await add(name, bytes);
    for await (const { folder, name, bytes } of named(options, game)) {
      if (bytes === null) missing.push(name);
      else await add(`${folder}/${name}`, bytes, folder === 'documents');
    }
    const { header, leaves } = game;
    const manifest: ArchiveManifest = {
      schema: ARCHIVE_SCHEMA,
      chain: toHex(header.chain),
      studio,
      height: String(header.height),
      header: toHex(headerHash(header)),
      sealedAt: String(header.sealedAt),
      endedAt: String(leaves.sunset.a),
      classes: leaves.classes.length,
      items: leaves.items.length,
      entries: game.entries,
      entriesFrom: String(game.entriesFrom),
      missing: [...new Set(missing)].sort(),
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
    await zip.add(ARCHIVE_MANIFEST, canonicalBytes(manifest), true);
    await zip.end();
    return manifest;
  } catch (error) {
    await zip.abandon();
    await rm(file, { force: true });
    throw error;
  }
}

type Named = { readonly folder: 'documents' | 'media'; readonly name: string; readonly bytes: Bytes | null };

/** Terms and art of every kind, each hash once. What somebody gives for a hash is held against it. */
async function* named({ document, art, ledger }: GameArchivesOptions, { leaves }: GameProofs): AsyncGenerator<Named> {
  const seen = new Set<string>();
  const isNew = (name: string): boolean => !seen.has(name) && seen.add(name) !== null;
  const held = (name: string, bytes: Bytes | null): Bytes | null => (bytes !== null && toHex(sm3(bytes)) === name ? bytes : null);
  for (const { serial, terms, media } of leaves.classes) {
    const termsName = toHex(terms);
    if (!isZero(terms) && isNew(termsName))
      yield { folder: 'documents', name: termsName, bytes: held(termsName, await document(termsName, Number(serial))) };
    const listName = toHex(media);
    if (isZero(media) || !isNew(listName)) continue;
    const list = held(listName, await document(listName, null));
    yield { folder: 'documents', name: listName, bytes: list };
    for (const { sm3: name } of (list === null ? null : parseArtList(list, ledger.config.limits.mediaBytes)) ?? [])
      if (isNew(name)) yield { folder: 'media', name, bytes: held(name, await art(name)) };
  }
}

/** Straight to the disk: a game's art need not fit in memory. */
async function openZip(file: string, now: number) {
  const out = await open(file, 'w');
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error;
    ready.push(bytes);
  });
  const flush = async () => {
    for (const bytes of ready.splice(0)) await out.write(bytes);
  };
  return {
    add: async (name: string, bytes: Uint8Array, isPacked: boolean): Promise<void> => {
      const entry = isPacked ? new ZipDeflate(name, { level: LEVEL }) : new ZipPassThrough(name);
      entry.mtime = now;
      zip.add(entry);
      entry.push(bytes, true);
      await flush();
    },
    end: async (): Promise<void> => {
      zip.end();
      await flush();
      await out.sync();
      await out.close();
    },
    abandon: () => out.close().catch(() => undefined),
  };
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, bytes);
  await rename(`${file}.new`, file);
}
