/** How many members hold a kind's art (product T-04): asked of their nodes, since only whoever shows the bytes has them. */
import type { Member } from '#ledger/codec/config.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import { findArtFile } from '#server/studio/class-changes.repo.ts';
import type { ArtHolding } from '#server/trpc/views.ts';

/** Null: this market knows no such art. */
export type ArtHolders = (sm3: string) => Promise<ArtHolding | null>;

export type ArtHoldersGround = {
  readonly sql: Sql;
  readonly ledger: Pick<LedgerNode, 'config' | 'operator'>;
  /** Null: one member seals alone, or its address is not known. */
  readonly endpointOf: (member: Member) => string | null;
  /** Milliseconds of a clock that never steps back. */
  readonly elapsed: () => number;
};

/** What members hold they go on holding; one that was away is asked again after this. */
const ASKED_MS = 600_000;
const ASK_MS = 2_000;
const KEPT = 2_000;

export function openArtHolders({ sql, ledger, endpointOf, elapsed }: ArtHoldersGround): ArtHolders {
  const known = new Map<string, { readonly at: number; readonly holding: Promise<ArtHolding> }>();
  return async (sm3) => {
    if ((await findArtFile(sql, sm3)) === null) return null;
    const before = known.get(sm3);
    if (before !== undefined && elapsed() - before.at < ASKED_MS) return before.holding;
    if (known.size >= KEPT) known.clear();
    const { members } = ledger.config;
    const holds = members.map(async (member) => equalBytes(member.acct, ledger.operator.acct) || isHeldAt(endpointOf(member), sm3));
    const holding = Promise.all(holds).then((all) => ({ holders: all.filter(Boolean).length, members: members.length }));
    known.set(sm3, { at: elapsed(), holding });
    return holding;
  };
}

async function isHeldAt(endpoint: string | null, sm3: string): Promise<boolean> {
  if (endpoint === null) return false;
  const url = new URL(`/media/${sm3}`, endpoint);
  const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ASK_MS) }).catch(() => null);
  return response?.ok === true;
}
