/**
 * Which configuration the headers of each epoch named: evidence about an epoch is judged by the keys of then (`ledger.md` 14), at every member
 * and in every replay the same. An epoch that no header carries, because a Recovery came before its first block, is not among them: whether
 * a member has heard of it is not on the chain.
 */
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Genesis } from '#ledger/codec/genesis.ts';
import type { Header } from '#ledger/codec/header.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { StateView } from '#ledger/state/view.ts';
import { chainIdOf, configHash } from '#ledger/tx/ids.ts';
import { verifyGenesis, verifyLinks } from '#ledger/verify/consortium.ts';
import { LedgerDamage } from './damage.ts';
import type { StoreBase } from './store/base.ts';

export class FormerConfigs {
  readonly #genesis: ConsortiumConfig;
  readonly #byEpoch = new Map<number, ConsortiumConfig>();

  constructor(genesis: Genesis) {
    this.#genesis = genesis.config;
    this.note(genesis.config);
  }

  of(epoch: number): ConsortiumConfig | null {
    return this.#byEpoch.get(epoch) ?? null;
  }

  note(config: ConsortiumConfig): void {
    this.#byEpoch.set(config.epoch, config);
  }

  /** A certified header; `state` knows every configuration by its hash. @throws {LedgerDamage} */
  follow({ epoch, height, configHash: named }: Header, state: Pick<StateView, 'configByHash'>): void {
    if (this.#byEpoch.has(epoch)) return;
    const config = equalBytes(configHash(this.#genesis), named) ? this.#genesis : state.configByHash(named);
    if (config === null) throw new LedgerDamage(`bodies ${toHex(named)}`, `the configuration that block ${height} names is missing`);
    this.note(config);
  }
}

export interface FormerGround {
  readonly genesis: Genesis;
  readonly base: StoreBase | null;
  /** The first stored header of each epoch. */
  readonly firsts: readonly Header[];
  readonly state: Pick<StateView, 'configByHash'>;
  readonly sm2: Sm2;
}

/** Of a store: from its headers, and for those before it begins from the bundle that its snapshot was proven by. @throws {LedgerDamage} */
export function formerConfigs({ genesis, base, firsts, state, sm2 }: FormerGround): FormerConfigs {
  const former = new FormerConfigs(genesis);
  if (base !== null && base.trust !== null) {
    const { eras } = verifyLinks(verifyGenesis(genesis, chainIdOf(genesis), sm2), base.trust, sm2);
    // One that governed no height was named by no header.
    for (const [at, { config, from }] of eras.entries()) {
      const end = eras[at + 1]?.from ?? base.height + 1n;
      if (from <= base.height && from < end) former.note(config);
    }
  }
  for (const header of firsts) former.follow(header, state);
  return former;
}
