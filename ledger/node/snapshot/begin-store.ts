/** Begins an empty store with a verified snapshot: as a member that joins, or as the first state of a successor chain. */
import type postgres from 'postgres';
import { genesisHeader, successorState } from '#ledger/block/genesis.ts';
import { lintConfig } from '#ledger/block/lint.ts';
import { firstHeightOf } from '#ledger/block/recovery.ts';
import { encodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import { encodeFinality, encodeHeader, type Finality, type Header } from '#ledger/codec/header.ts';
import { encodeRecovery } from '#ledger/codec/recovery.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { LedgerState } from '#ledger/state/ledger-state.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { VerifiedSnapshot } from '#ledger/verify/verify-snapshot.ts';
import { writeState } from '../open-store.ts';
import { insertRecovery } from '../signer/signing-records.ts';
import { type BaseTx, insertBase, type StoreBase } from '../store/base.ts';
import { insertBlockRow } from '../store/blocks.ts';

interface Beginning {
  readonly genesis: Genesis;
  readonly header: Header;
  readonly finality: Finality | null;
  readonly state: LedgerState;
  readonly base: StoreBase;
  readonly recent: readonly BaseTx[];
}

/** The store of a member that goes on from a height. In one database transaction, but for the Recoveries, which come first. */
export async function beginFromSnapshot(sql: postgres.Sql, snapshot: VerifiedSnapshot): Promise<void> {
  const { manifest, genesis, trust, recoveries, state, recent } = snapshot;
  const { height, header, finality, frontier } = manifest;
  for (const recovery of recoveries) await insertRecovery(sql, recovery.newEpoch, firstHeightOf(recovery), encodeRecovery(recovery));
  await write(sql, { genesis, header, finality, state, recent, base: { height, logSize: header.logSize, frontier, trust } });
}

/**
 * Block 0 of the chain that follows another (`ledger.md` 13.3): its registers, its log, a new ChainId. LedgerTx of the old chain name that
 * one and can't enter here. @throws {ParseError} when the genesis is not one of a successor of this snapshot, or fails lint
 */
export async function beginSuccessor(sql: postgres.Sql, genesis: Genesis, snapshot: VerifiedSnapshot, sm2: Sm2): Promise<Header> {
  const { frontier } = snapshot.manifest;
  const state = successorState(genesis, snapshot.state);
  const lint = lintConfig(genesis.config, { verify: sm2.verify.bind(sm2), hasAccount: (acct) => state.accountById(acct) !== null });
  const [first] = lint.errors;
  if (first !== undefined) throw new ParseError('genesis_lint', { rule: first.rule, sentence: first.sentence });
  const header = genesisHeader(genesis, state);
  await write(sql, {
    genesis,
    header,
    finality: null,
    state,
    recent: [],
    base: { height: 0n, logSize: header.logSize, frontier, trust: null },
  });
  return header;
}

async function write(sql: postgres.Sql, { genesis, header, finality, state, base, recent }: Beginning): Promise<void> {
  const block = {
    height: header.height,
    epoch: header.epoch,
    header: encodeHeader(header),
    headerHash: headerHash(header),
    finality: finality === null ? null : encodeFinality(finality),
    logSize: header.logSize,
    lastSeq: 0n,
  };
  await sql.begin((tx) => [
    tx`set local synchronous_commit = on`,
    tx`insert into ledger.chain (chain, genesis) values (${header.chain}, ${encodeGenesis(genesis)})`,
    ...insertBase(tx, base, recent),
    insertBlockRow(tx, block),
    ...writeState(tx, state),
  ]);
}
