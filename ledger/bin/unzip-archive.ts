/** Unpacks a game's archive within limits of its own: it holds a game's art. */
import { unzipSync } from 'fflate';
import { ARCHIVE_MANIFEST, isArchiveManifest } from '#ledger/archive/manifest.ts';
import { unzipWithin } from './unzip.ts';

const MAX_FILES = 200_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** A zip whose manifest says that it is one. */
export function isArchive(zip: Uint8Array): boolean {
  try {
    const found = unzipSync(zip, { filter: ({ name, originalSize }) => name === ARCHIVE_MANIFEST && originalSize <= MAX_MANIFEST_BYTES });
    const manifest = found[ARCHIVE_MANIFEST];
    return manifest !== undefined && isArchiveManifest(manifest);
  } catch {
    return false; // no zip: whoever unpacks it says so
  }
}

/** @throws {ParseError} `package_malformed` */
export const unzipArchive = (zip: Uint8Array): ReadonlyMap<string, Uint8Array> => unzipWithin(zip, { files: MAX_FILES, bytes: MAX_BYTES });
