/** The first state and header of a chain (`ledger.md` 9): computed from genesis, never voted. */
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Header } from '#ledger/codec/header.ts';
import { NO_ENTRY, REGISTER } from '#ledger/codec/leaves.ts';
import { equalBytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { LedgerState } from '#ledger/state/ledger-state.ts';
import { ACCOUNT_KIND, newAccountLeaf } from '#ledger/state/ops-accounts.ts';
import { isPolicyValid } from '#ledger/state/rules.ts';
import { chainIdOf, configHash, headerHash } from '#ledger/tx/ids.ts';

/** Genesis accounts in order, in empty registers. @throws {ParseError} `genesis_account_invalid` */
export function genesisState(genesis: Genesis): LedgerState {
  const state = new LedgerState();
  addAccounts(genesis, state);
  return state;
}

function addAccounts(genesis: Genesis, state: LedgerState): void {
  const first = state.count(REGISTER.accounts);
  genesis.accounts.forEach(({ policy, kind, kyc }, at) => {
    const leaf = newAccountLeaf(first + BigInt(at), policy, kind, kyc);
    if (!isPolicyValid(policy) || kind > ACCOUNT_KIND.organisation || state.accountById(leaf.acct) !== null) {
      throw new ParseError('genesis_account_invalid', { serial: at });
    }
    state.loadLeaf({ reg: REGISTER.accounts, leaf: { ...leaf, lastEntry: NO_ENTRY } });
    state.loadPolicy(policy);
  });
  state.loadConfig(genesis.config);
}

/**
 * The first state of a successor chain (`ledger.md` 13.3): the registers of the chain before, whose log goes on, with the accounts of genesis
 * behind its own. `state` is what the predecessor's header signed, and moves. @throws {ParseError} `predecessor_state`, `genesis_account_invalid`
 */
export function successorState(genesis: Genesis, state: LedgerState): LedgerState {
  const header = genesis.predecessor?.header;
  const isIts =
    header !== undefined &&
    state.logSize === header.logSize &&
    equalBytes(state.logRoot(), header.logRoot) &&
    equalBytes(state.stateRoot(), header.stateRoot);
  if (!isIts) throw new ParseError('predecessor_state');
  addAccounts(genesis, state);
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
