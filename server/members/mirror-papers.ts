/** A supervisor's member fetches the desk's papers now and then and keeps the newest, sealed as they came (`server/takeover/papers.ts`). */
import { ROLE } from '#ledger/codec/config.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { memberOf } from '#ledger/node/membership.ts';
import type { LedgerReader } from '#ledger/node/types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import { keepPapers } from '#server/takeover/papers.repo.ts';
import { openPapers, sealedPapers } from '#server/takeover/papers.ts';

export type PaperMirror = { stop(): Promise<void> };

const FIRST_MS = 5_000;
const EVERY_MS = 15_000;
const ASK_MS = 10_000;

export type PaperGround = {
  readonly sql: Sql;
  readonly sm2: Sm2;
  readonly self: number;
  readonly encryptionKey: Bytes;
  readonly sources: () => readonly string[];
  readonly log: Log;
};
type Node = Pick<LedgerReader, 'certified' | 'chain' | 'config'>;

export function mirrorPapers(node: Node, ground: PaperGround): PaperMirror {
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  const schedule = (ms: number): void => {
    timer = setTimeout(() => {
      running = copyPapers(node, ground)
        .catch((error: unknown) => ground.log.warn({ error }, "couldn't copy the desk's papers; it is tried again"))
        .finally(() => schedule(EVERY_MS));
    }, ms);
    timer.unref();
  };
  schedule(FIRST_MS);
  return {
    stop: async () => {
      if (timer !== null) clearTimeout(timer);
      await running;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** @returns whether newer ones are kept now; another role than a supervisor's asks for none */
export async function copyPapers(node: Node, { sql, sm2, self, encryptionKey, sources }: PaperGround): Promise<boolean> {
  const { config } = node;
  if (memberOf(config, self).role !== ROLE.supervisor) return false;
  const publicKeys = operatorKeys(node);
  for (const base of sources()) {
    const response = await fetch(new URL(`/ledger/v1/papers/${self}`, base), { signal: AbortSignal.timeout(ASK_MS) }).catch(() => null);
    if (response === null || !response.ok) continue;
    const sealed = sealedPapers.safeParse(await response.json().catch(() => null));
    if (!sealed.success || openPapers({ sm2, chain: node.chain, publicKeys, self, encryptionKey }, sealed.data) === null) continue;
    return keepPapers(sql, sealed.data);
  }
  return false;
}

/** Keys of the accounts that are operator in the configuration in force. */
export function operatorKeys({ certified, config }: Node): readonly Bytes[] {
  return [...config.members, ...config.agents]
    .filter(({ role }) => role === ROLE.operator)
    .flatMap(({ acct }) => {
      const account = certified.state.accountById(acct);
      const policy = account === null ? null : certified.state.policyByHash(account.policy);
      return policy?.keys.map(({ pub }) => pub) ?? [];
    });
}
