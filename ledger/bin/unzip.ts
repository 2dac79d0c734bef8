/** Unpacks an evidence package within limits that are checked before anything is inflated. Runs in browsers too. */
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { MAX_PACKAGE_BYTES, MAX_PACKAGE_FILES } from '#ledger/evidence/manifest.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

const MAX_ZIP_BYTES = 16 * 1024 * 1024;

/** By the first signature of a zip. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/** Path to content; folders are left out. @throws {ParseError} `package_malformed` */
export function unzipPackage(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (bytes.length > MAX_ZIP_BYTES) throw new ParseError('package_malformed', { what: 'more than 16 MiB' });
  return unzipWithin(bytes, { files: MAX_PACKAGE_FILES, bytes: MAX_PACKAGE_BYTES });
}

export function unzipWithin(bytes: Uint8Array, limit: { readonly files: number; readonly bytes: number }): ReadonlyMap<string, Uint8Array> {
  const seen = new Set<string>();
  let total = 0;
  const filter = ({ name, originalSize }: UnzipFileInfo): boolean => {
    total += originalSize;
    if (seen.has(name)) throw new ParseError('package_malformed', { what: 'a file twice' });
    seen.add(name);
    if (seen.size > limit.files || total > limit.bytes) throw new ParseError('package_malformed', { what: 'too much inside' });
    return !name.endsWith('/');
  };
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (error) {
    if (error instanceof ParseError) throw error;
    throw new ParseError('package_malformed', { what: error instanceof Error ? error.message : 'not a zip' });
  }
}
