/**
 * Keeps a copy of what the market says of kinds and games (product O-05), so that the day it is gone any member can run it. Asked for in
 * pages after the blocks that declare or change a kind; a copy that differs from what the ledger holds by hash is not kept.
 */
import type { CertifiedBlock, LedgerReader } from '#ledger/node/types.ts';
import type { Sql } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import { isKindOnLedger, type KindPage, kindPage } from '#server/takeover/kind-document.ts';
import { countCopies, keepCopies } from '#server/takeover/kinds.repo.ts';

export type KindMirror = { stop(): Promise<void> };

const CLASSES = 3;
const AGAIN_MS = 5_000;
/** Blocks with kinds come in runs: one page after the last of them is cheaper than one each. */
const SETTLE_MS = 500;
/** What is said of a game is on no ledger: it is asked for again now and then. */
const GAMES_MS = 600_000;
const ASK_MS = 10_000;

type Node = Pick<LedgerReader, 'certified'> & { onCertified(listener: (block: CertifiedBlock) => void): () => void };

export function mirrorKinds(
  node: Node,
  ground: { readonly sql: Sql; readonly sources: () => readonly string[]; readonly log: Log },
): KindMirror {
  const { sql, sources, log } = ground;
  /** Kinds that changed after their copy was made. */
  const stale = new Set<bigint>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  const count = (): bigint => node.certified.state.count(CLASSES);

  async function fetchFrom(from: bigint): Promise<bigint | null> {
    const page = await ask(sources(), from);
    if (page === null) return null;
    const kinds = page.kinds.filter((kind) => {
      const leaf = node.certified.state.classById(Number(kind.serial));
      const isSame = leaf !== null && isKindOnLedger(kind, leaf);
      if (!isSame) log.warn({ kind: kind.serial }, 'what the market says of a kind is not what the ledger holds');
      return isSame;
    });
    await keepCopies(sql, { games: page.games, kinds });
    for (const { serial } of page.kinds) stale.delete(BigInt(serial));
    const last = page.kinds.at(-1);
    return last === undefined ? null : BigInt(last.serial) + 1n;
  }

  async function turn(): Promise<void> {
    for (let next: bigint | null = await countCopies(sql); next !== null && next < count() && !isStopped; ) next = await fetchFrom(next);
    for (const serial of [...stale]) if (!isStopped) await fetchFrom(serial);
    const isWhole = stale.size === 0 && (await countCopies(sql)) >= count();
    schedule(isWhole ? GAMES_MS : AGAIN_MS);
  }

  function schedule(ms: number): void {
    if (isStopped) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      running = running.then(async () => {
        if (ms === GAMES_MS && count() > 0n) stale.add(count() - 1n);
        await turn().catch((error: unknown) => {
          log.warn({ error }, "couldn't copy what the market says of its kinds; it is tried again");
          schedule(AGAIN_MS);
        });
      });
    }, ms);
    timer.unref();
  }

  const leave = node.onCertified(({ txs }) => {
    const ops = txs.map(({ entry }) => entry.env.body.op);
    // Declared kinds are those after the last copy.
    for (const op of ops) if (op.kind === 'class_update') stale.add(BigInt(op.cls));
    if (ops.some(({ kind }) => kind === 'class_define' || kind === 'class_update')) schedule(SETTLE_MS);
  });
  schedule(SETTLE_MS);
  return {
    stop: async () => {
      isStopped = true;
      leave();
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}

/** The first who has a market answers; the others know no such address. */
async function ask(sources: readonly string[], from: bigint): Promise<KindPage | null> {
  for (const base of sources) {
    const response = await fetch(new URL(`/ledger/v1/kinds/${from}`, base), { signal: AbortSignal.timeout(ASK_MS) }).catch(() => null);
    if (response === null || !response.ok) continue;
    const parsed = kindPage.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
  }
  return null;
}
