/** The committed vectors are what the program generates: any drift is a change of bytes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { executeBlock } from '#ledger/block/block.ts';
import { genesisHeader, genesisState } from '#ledger/block/genesis.ts';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { decodeHeader } from '#ledger/codec/header.ts';
import { decodeEntry } from '#ledger/codec/tx.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { countedRandom, ledgerVectors } from './ledger-vectors.ts';
import { FIRST_EPOCH } from './ledger-world.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

describe('generated vectors', () => {
  it.each(Object.entries(ledgerVectors()))('%s has not drifted', (name, content) => {
    expect(`${JSON.stringify(content, null, 1)}\n` === read(name), 'npm run vectors writes it').toBe(true);
  });

  it('replay from their bytes alone', () => {
    const vectors: { genesis: string; chain: string; header1: string; txs: readonly { entry: string }[] } = JSON.parse(
      read('ledger-ops.json'),
    );
    const genesis = decodeGenesis(fromHex(vectors.genesis));
    expect(toHex(chainIdOf(genesis))).toBe(vectors.chain);
    const state = genesisState(genesis);
    const result = executeBlock({
      state,
      config: genesis.config,
      prevHeader: genesisHeader(genesis, state),
      demonstration: true,
      ...FIRST_EPOCH,
      verify: portableSm2(countedRandom('unused')).verify,
      header: decodeHeader(fromHex(vectors.header1)),
      entries: vectors.txs.map((tx) => decodeEntry(fromHex(tx.entry))),
    });
    expect(result.kind).toBe('executed');
  });
});
