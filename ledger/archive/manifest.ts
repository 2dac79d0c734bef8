/**
 * `manifest.json` of a game's archive (product T-27): what the members keep of a game whose studio has gone. RFC 8785; an Attest of kind 3 states
 * its SM3. The proofs beside it are receipts like any other, so that each can be taken out and verified alone.
 */
import type { Json } from '#ledger/codec/canonical-json.ts';
import { listOf, readJson, recordOf, textOf } from '#ledger/evidence/manifest.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

export const ARCHIVE_SCHEMA = 'daoju.game-archive/1';
export const ARCHIVE_MANIFEST = 'manifest.json';
export const ARCHIVE_TRUST = 'trust.pltrust';
/** Attest (op 14): an archive. */
export const ATTEST_ARCHIVE = 3;

export type ArchivedFile = { readonly path: string; readonly sm3: string; readonly size: number };
export type ArchiveManifest = {
  readonly schema: typeof ARCHIVE_SCHEMA;
  readonly chain: string;
  /** The issuing account whose end this is. */
  readonly studio: string;
  /** The certified header that every proof inside is of. */
  readonly height: string;
  readonly header: string;
  /** Milliseconds since 1970, as on the ledger. */
  readonly sealedAt: string;
  readonly endedAt: string;
  readonly classes: number;
  readonly items: number;
  readonly entries: number;
  /** Index from which the log is here: 0, or where a store began that joined by a snapshot. */
  readonly entriesFrom: string;
  /** What the ledger names and whoever made this could not get: SM3 of documents and art. */
  readonly missing: readonly string[];
  /** By path; the manifest itself is not among them. */
  readonly files: readonly ArchivedFile[];
};

const PATH = /^(?:trust\.pltrust|(?:items|entries)\/\d{4,6}\.plproof|(?:documents|media)\/[0-9a-f]{64})$/;
const HEX = /^[0-9a-f]{64}$/;
const WHOLE = /^(?:0|[1-9]\d{0,18})$/;

/** @throws {ParseError} `manifest_malformed` */
export function parseArchiveManifest(bytes: Uint8Array): ArchiveManifest {
  const found = recordOf(readJson(bytes));
  if (found.schema !== ARCHIVE_SCHEMA) throw malformed('schema');
  const files = listOf(found.files).map(readFile);
  const paths = files.map((each) => each.path);
  if (paths.some((each, at) => at > 0 && each <= (paths[at - 1] ?? ''))) throw malformed('files out of order');
  return {
    schema: ARCHIVE_SCHEMA,
    chain: matching(found.chain, HEX),
    studio: matching(found.studio, HEX),
    height: matching(found.height, WHOLE),
    header: matching(found.header, HEX),
    sealedAt: matching(found.sealedAt, WHOLE),
    endedAt: matching(found.endedAt, WHOLE),
    classes: countOf(found.classes),
    items: countOf(found.items),
    entries: countOf(found.entries),
    entriesFrom: matching(found.entriesFrom, WHOLE),
    missing: listOf(found.missing).map((each) => matching(each, HEX)),
    files,
  };
}

/** Tells an archive from an evidence package by what its manifest calls itself. */
export function isArchiveManifest(bytes: Uint8Array): boolean {
  try {
    return recordOf(readJson(bytes)).schema === ARCHIVE_SCHEMA;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}

function readFile(value: Json): ArchivedFile {
  const { path, sm3, size } = recordOf(value);
  return { path: matching(path, PATH), sm3: matching(sm3, HEX), size: countOf(size) };
}

function matching(value: Json | undefined, pattern: RegExp): string {
  const text = textOf(value);
  if (!pattern.test(text)) throw malformed('a value');
  return text;
}

function countOf(value: Json | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed('a count');
  return value;
}

const malformed = (what: string): ParseError => new ParseError('manifest_malformed', { what });
