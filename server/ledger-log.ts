/** The program's log as a node's: the ledger's facts are bigint here and there; a log line is JSON. */
import type { LedgerLog } from '#ledger/node/types.ts';
import type { Log } from './log.ts';

export function ledgerLog(log: Log): LedgerLog {
  const plain = (facts: Readonly<Record<string, string | number | bigint>> = {}) =>
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]));
  return {
    info: (sentence, facts) => log.info(plain(facts), sentence),
    error: (sentence, facts) => log.error(plain(facts), sentence),
  };
}
