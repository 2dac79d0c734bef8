/** The installation's own `Pki`: on a demonstration chain with the test hierarchy, elsewhere with what was imported. */
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import type { LedgerReader } from '#ledger/node/types.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Ground } from '#server/context.ts';
import type { Sql } from '#server/db.ts';
import { demonstrationMembersSeed, demonstrationSeed } from './demonstration-seed.ts';
import { openPki } from './open-pki.ts';
import type { Pki } from './pki.ts';

export function openGroundPki({ sql, clock, ledger }: Ground): Pki {
  const { genesis, config, operator } = ledger;
  const seed = genesis.demonstration === 1 ? demonstrationSeed({ config, genesisAt: instant(Number(genesis.sealedAt)), operator }) : null;
  return openPki({ sql, clock, sm2: ledger.sm2 }, seed);
}

/** A member's without a market: it knows the members' certificates, and whatever `cli -- ca import` has brought into its own database. */
export function openMemberPki(ground: { readonly sql: Sql; readonly clock: Clock; readonly ledger: LedgerReader; readonly sm2: Sm2 }): Pki {
  const { sql, clock, ledger, sm2 } = ground;
  const { genesis } = ledger;
  const genesisAt = instant(Number(genesis.sealedAt));
  const seed = genesis.demonstration === 1 ? demonstrationMembersSeed({ config: () => ledger.config, genesisAt }) : null;
  return openPki({ sql, clock, sm2 }, seed);
}
