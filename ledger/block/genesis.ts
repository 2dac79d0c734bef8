/** The first state and header of a chain (`ledger.md` 9): computed from genesis, never voted. */
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Header } from '#ledger/codec/header.ts';
import { NO_ENTRY } from '#ledger/codec/leaves.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { LedgerState } from '#ledger/state/ledger-state.ts';
import { ACCOUNT_KIND, newAccountLeaf } from '#ledger/state/ops-accounts.ts';
import { isPolicyValid } from '#ledger/state/rules.ts';
import { chainIdOf, configHash, headerHash } from '#ledger/tx/ids.ts';

/** Genesis accounts in order, in empty registers. @throws {ParseError} `genesis_account_invalid` */
export function genesisState(genesis: Genesis): LedgerState {
  const state = new LedgerState();
  genesis.accounts.forEach(({ policy, kind, kyc }, serial) => {
    const leaf = newAccountLeaf(BigInt(serial), policy, kind, kyc);
    if (!isPolicyValid(policy) || kind > ACCOUNT_KIND.organisation || state.accountById(leaf.acct) !== null) {
      throw new ParseError('genesis_account_invalid', { serial });
    }
    state.loadLeaf({ reg: 2, leaf: { ...leaf, lastEntry: NO_ENTRY } });
    state.loadPolicy(policy);
  });
  state.loadConfig(genesis.config);
  return state;
}

/** Header 0. `state` is what `genesisState` gave, or for a successor chain the imported state with the accounts appended. */
export function genesisHeader(genesis: Genesis, state: LedgerState): Header {
  const before = genesis.predecessor?.header;
  return {
    chain: chainIdOf(genesis),
    epoch: 0,
    height: 0n,
    prevHash: before === undefined ? ZERO_32 : headerHash(before),
    configHash: configHash(genesis.config),
    sealedAt: genesis.sealedAt,
    txCount: 0,
    logSize: before?.logSize ?? 0n,
    logRoot: before?.logRoot ?? state.logRoot(),
    stateRoot: state.stateRoot(),
    ext: ZERO_32,
  };
}
