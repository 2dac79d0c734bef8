/**
 * Fetches what checks will ask for as soon as the ledger names it: terms of kinds, their art, rule packs, experiments. A member that waited
 * until a trade needs one would ask when the operator is gone.
 */

import type { ClassLeaf } from '#ledger/codec/leaves.ts';
import type { CertifiedBlock, LedgerReader } from '#ledger/node/types.ts';
import { type Bytes, isZero, toHex } from '#ledger/primitives/bytes.ts';
import type { Documents } from './documents.ts';
import type { Media } from './media.ts';

export type DocumentMirror = { stop(): void };

/** Resolves true when it is here. */
type Fetch = () => Promise<boolean>;

const ATTEST_FEED_HEAD = 5;
/** Whoever had nothing is asked again after this. */
const AGAIN_MS = 5_000;

export function mirrorDocuments(
  node: Pick<LedgerReader, 'certified'> & { onCertified(listener: (block: CertifiedBlock) => void): () => void },
  documents: Documents,
  media: Pick<Media, 'hold'>,
): DocumentMirror {
  const wanted = new Map<string, Fetch>();
  let timer: NodeJS.Timeout | null = null;
  let isRunning = false;

  const want = (hash: Bytes, cls: number | null): void => {
    const name = toHex(hash);
    if (!isZero(hash) && !wanted.has(name) && documents.kept(name) === null)
      wanted.set(name, async () => (await documents.get(hash, cls)) !== null);
  };
  const wantAll = ({ serial, terms, nextTerms, media: art }: ClassLeaf): void => {
    want(terms, Number(serial));
    want(nextTerms, Number(serial));
    if (!isZero(art)) wanted.set(toHex(art), () => media.hold(art));
  };
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    for (const [name, fetchIt] of [...wanted]) if (await fetchIt()) wanted.delete(name);
    isRunning = false;
    timer = wanted.size === 0 ? null : setTimeout(start, AGAIN_MS);
    timer?.unref();
  };
  // A document that is not to be had is in the log, and asked for again.
  const start = (): void => void run().catch(() => undefined);

  for (const state of node.certified.state.leaves(3)) {
    if (state.reg === 3) wantAll(state.leaf);
  }
  const leave = node.onCertified(({ txs }) => {
    for (const { entry, leaves } of txs) {
      const { op } = entry.env.body;
      if (op.kind === 'rule_pack_activate') want(op.pack, null);
      if (op.kind === 'experiment_transition') want(op.doc, null);
      // Heads of the feeds: whoever takes over says where the feeds of the former operator ended.
      if (op.kind === 'attest' && op.attestKind === ATTEST_FEED_HEAD) want(op.doc, null);
      for (const state of leaves) {
        if (state.reg !== 3 || (op.kind !== 'class_define' && op.kind !== 'class_update')) continue;
        wantAll(state.leaf);
      }
    }
    if (wanted.size > 0) start();
  });
  if (wanted.size > 0) start();
  return {
    stop: () => {
      leave();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
