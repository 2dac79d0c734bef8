/** What the studio services need from the rest of the server. */
import type postgres from 'postgres';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import type { GroupResult } from '#ledger/node/ledger-node.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';

export interface StudioPorts {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  now(): Instant;
  /** Everything sequenced so far. */
  pending(): StateView;
  /** Gives all LedgerTx their place, or none: `also` runs in the same database transaction and is told each result; when it throws, nothing
   *  happened. */
  sequence(envs: readonly TxEnv[], also: (sql: postgres.TransactionSql, results: readonly GroupResult[]) => Promise<void>): Promise<void>;
  /** Signs with the studio's issuing key that lies with the operator; null when the studio keeps its key. */
  signHosted(acct: AccountId, bodies: readonly TxBody[]): readonly TxEnv[] | null;
  /** After the commit: rows of these import jobs, or the jobs themselves, have another state. */
  onJobsMoved(jobIds: readonly string[]): void;
  /** After the commit: who keeps the kind in memory reads it again; null: every kind, when an attribute schema grew. */
  onClassChanged(classId: string | null): void;
}
