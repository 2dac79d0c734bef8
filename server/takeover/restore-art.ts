/** Art of kinds as the ledger names it, from the files that this member held (product T-04): the heir serves the same bytes at the same address. */
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Tx } from '#server/db.ts';
import { readArtFormat } from '#server/studio/art-format.ts';
import { parseArtList, pathOfArt } from '#server/studio/art-list.ts';
import { saveArt } from '#server/studio/class-changes.repo.ts';
import { mediaSm3 } from '#server/studio/update-class.ts';
import type { RecordedArt } from './read-chain.ts';

export type ArtGround = {
  /** Documents that this member has kept, by hash. */
  readonly document: (sm3: string) => Bytes | null;
  /** Art that it has kept, by hash. */
  readonly art: (sm3: string) => Promise<{ readonly bytes: Uint8Array } | null>;
  readonly bytesMax: bigint;
};

/**
 * `classIds` by the ledger's serial. What a ClassUpdate of something else repeats is no change of art, and a list that no market of ours
 * makes is passed over: the ledger keeps naming it. @returns how many kinds show their art again
 */
export async function restoreArt(
  tx: Tx,
  ground: ArtGround,
  recorded: readonly RecordedArt[],
  classIds: ReadonlyMap<number, string>,
): Promise<number> {
  const shown = new Map<number, Bytes>();
  const restored = new Set<number>();
  for (const { cls, media, txId, salt, at } of recorded) {
    const before = shown.get(cls);
    if (before !== undefined && equalBytes(before, media)) continue;
    shown.set(cls, media);
    const classId = classIds.get(cls);
    const kept = await findKept(ground, media);
    if (classId === undefined || kept === null) {
      restored.delete(cls);
      continue;
    }
    await saveArt(tx, { classId, txId, referenceId: `ledger ${toHex(salt)}`, at, mediaSm3: toHex(media), ...kept });
    restored.add(cls);
  }
  return restored.size;
}

async function findKept({ document, art, bytesMax }: ArtGround, media: Bytes) {
  const list = document(toHex(media));
  const [file, ...others] = (list === null ? null : parseArtList(list, bytesMax)) ?? [];
  const kept = file === undefined || others.length > 0 ? null : await art(file.sm3);
  const format = kept === null ? null : readArtFormat(kept.bytes);
  if (file === undefined || kept === null || format === null) return null;
  const isOurs = equalBytes(mediaSm3({ path: pathOfArt(format.type), sm3: file.sm3, size: kept.bytes.length }), media);
  return isOurs ? { sm3: file.sm3, format, bytes: kept.bytes } : null;
}
