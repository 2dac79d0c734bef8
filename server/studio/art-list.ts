/**
 * A kind's `media` (`ledger.md` 3): the RFC 8785 list of `{ path, sm3, size }`, which the ledger holds by its SM3. Our studios' API writes
 * lists of one picture; a member reads any. Pure.
 */
import { z } from 'zod';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { type Bytes, fromUtf8 } from '#ledger/primitives/bytes.ts';
import type { ArtType } from './art-format.ts';

const artFile = z.strictObject({ path: z.string().min(1).max(200), sm3: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(1) });
export type ListedFile = z.infer<typeof artFile>;

const FILES_MAX = 1_000;
const artList = z.array(artFile).min(1).max(FILES_MAX);

export const pathOfArt = (type: ArtType): string => `art.${type.slice('image/'.length)}`;

export const artListBytes = (file: ListedFile): Bytes => canonicalBytes([file]);

/** Null: no list of files, or more together than `bytesMax` (`mediaBytes` of the configuration). */
export function parseArtList(bytes: Bytes, bytesMax: bigint): readonly ListedFile[] | null {
  const parsed = artList.safeParse(json(bytes));
  if (!parsed.success) return null;
  return parsed.data.reduce((sum, { size }) => sum + BigInt(size), 0n) <= bytesMax ? parsed.data : null;
}

function json(bytes: Bytes): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return null; // its hash is right and it is no JSON: there is nothing to fetch
  }
}
