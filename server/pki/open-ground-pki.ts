/** The installation's own `Pki`: on a demonstration chain with the test hierarchy, elsewhere with what was imported. */
import { instant } from '#ledger/primitives/instant.ts';
import type { Ground } from '#server/context.ts';
import { demonstrationSeed } from './demonstration-seed.ts';
import { openPki } from './open-pki.ts';
import type { Pki } from './pki.ts';

export function openGroundPki({ sql, clock, ledger }: Ground): Pki {
  const { genesis, config, operator } = ledger;
  const seed = genesis.demonstration === 1 ? demonstrationSeed({ config, genesisAt: instant(Number(genesis.sealedAt)), operator }) : null;
  return openPki({ sql, clock, sm2: ledger.sm2 }, seed);
}
