/** What is answered to a supervisor's member that asks for the desk's papers: sealed for the key that the configuration names. */
import { ROLE } from '#ledger/codec/config.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';
import { readPapers } from './papers.repo.ts';
import { sealPapers } from './papers.ts';

type Ground = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Pick<LedgerNode, 'chain' | 'config' | 'sm2' | 'operator'>;
};

/** Anybody may ask, and sealing costs more than answering again. */
const KEPT_MS = 10_000;

export function openPapersDoor({ sql, clock, random, ledger }: Ground): (member: number) => Promise<Bytes | null> {
  const kept = new Map<number, { readonly at: Instant; readonly bytes: Promise<Bytes> }>();
  const seal = async (to: { readonly id: number; readonly encPub: Bytes }): Promise<Bytes> => {
    const { chain, sm2, operator } = ledger;
    const papers = await readPapers(sql, clock.now());
    const sealed = sealPapers({ sm2, chain, random: (length) => random.bytes(length), privateKey: operator.privateKey, to }, papers);
    return utf8(JSON.stringify(sealed));
  };
  return async (member) => {
    const to = ledger.config.members.find(({ id, role }) => id === member && role === ROLE.supervisor);
    if (to === undefined) return null;
    const at = clock.now();
    const last = kept.get(member);
    if (last !== undefined && at - last.at < KEPT_MS) return last.bytes;
    const bytes = seal(to);
    kept.set(member, { at, bytes });
    bytes.catch(() => kept.delete(member));
    return bytes;
  };
}
