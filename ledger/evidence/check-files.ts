/** Step 1: every file of the manifest is there and unchanged, and there is no other. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { MANIFEST_FILE, type Manifest, parseManifest, SIGNATURE_FILE, TIME_STAMP_FILE } from './manifest.ts';
import { EvidenceFailure, requireEvidence } from './steps.ts';

/** A package as it was unpacked: path to bytes. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

const OUTSIDE: ReadonlySet<string> = new Set([MANIFEST_FILE, SIGNATURE_FILE, TIME_STAMP_FILE]);

/** @throws {EvidenceFailure} */
export function checkFiles(files: PackageFiles): Manifest {
  const bytes = files.get(MANIFEST_FILE);
  requireEvidence(bytes !== undefined, 'file_missing', { path: MANIFEST_FILE });
  const manifest = readManifest(bytes);
  const listed = new Set<string>();
  for (const { path, sm3: expected, size } of manifest.items) {
    const file = files.get(path);
    requireEvidence(!listed.has(path) && !OUTSIDE.has(path), 'manifest_malformed', { path });
    listed.add(path);
    requireEvidence(file !== undefined, 'file_missing', { path });
    requireEvidence(file.length === size && toHex(sm3(file)) === expected, 'file_changed', { path });
  }
  for (const path of files.keys()) requireEvidence(listed.has(path) || OUTSIDE.has(path), 'file_unlisted', { path });
  return manifest;
}

function readManifest(bytes: Uint8Array): Manifest {
  try {
    return parseManifest(bytes);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new EvidenceFailure('manifest_malformed', error.facts);
  }
}

/** @throws {EvidenceFailure} `file_missing` */
export function fileOf(files: PackageFiles, path: string): Uint8Array {
  const file = files.get(path);
  requireEvidence(file !== undefined, 'file_missing', { path });
  return file;
}
