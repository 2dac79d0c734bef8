/** LedgerTx from outside the exchange (mints, kinds, accounts, records): their place in the sequence, custody and whatever the caller
 *  writes, in one database transaction. */
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { GroupResult, LedgerNode } from '#ledger/node/ledger-node.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { saveCustody } from './custody.repo.ts';
import { custodyChanges } from './custody.ts';

export type SequenceGround = { readonly sql: Sql; readonly clock: Clock; readonly ledger: LedgerNode };

/** Each result stands at the place of its LedgerTx; a refused one changes nothing. `also` runs before the commit: when it throws,
 *  nothing happened. `committed` runs after it, before anybody else gets a place: for what memory has to know by then. */
export async function sequenceOutside(
  { sql, clock, ledger }: SequenceGround,
  envs: readonly TxEnv[],
  also?: (tx: Tx, results: readonly GroupResult[]) => Promise<void>,
  committed?: (results: readonly GroupResult[]) => void,
): Promise<readonly GroupResult[]> {
  return ledger.runGroup(async (group) => {
    const done = await sql.begin(async (tx) => {
      const results = envs.map((env) => group.apply(env));
      const sequenced = results.flatMap((result, index) => {
        const env = envs[index];
        return result.kind === 'sequenced' && env !== undefined ? [{ env, result }] : [];
      });
      await group.persist(tx);
      await also?.(tx, results);
      await saveCustody(tx, custodyChanges(sequenced, group.pending, clock.now()));
      return results;
    });
    committed?.(done);
    return done;
  });
}
