/**
 * The signer's part of a signer process: its tables in a database of its own, and the chain that it signs for. The first chain that its node
 * names stays; a key that is older than its tables abstains until the other members have said what it signed (`ledger.md` 10.5).
 */

import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { pinChain, pinnedChain } from '#ledger/node/keys.ts';
import { openTableSigner } from '#ledger/node/signer/file-signer.ts';
import type { KeyDevice, Signer } from '#ledger/node/signer/signer.ts';
import { keepStanding, readSignerStore, readStanding, writeSignerStore } from '#ledger/node/signer/signing-records.ts';
import type { LedgerLog } from '#ledger/node/types.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';

export type SignerSite = {
  readonly sql: Sql;
  readonly keysDir: string;
  readonly device: KeyDevice;
  readonly sm2: Sm2;
  readonly log: LedgerLog;
};

/** Answers null for another chain than the one that this installation signs for. @throws {Error} when key and tables do not belong together */
export async function openSignerTables(site: SignerSite): Promise<(chain: Bytes) => Promise<Signer | null>> {
  const { sql, keysDir, device } = site;
  const stored = await readSignerStore(sql);
  const pinned = pinnedChain(keysDir);
  if (stored !== null && !equalBytes(stored.publicKey, device.publicKey))
    throw new Error("couldn't start the signer: its database holds the signatures of another key");
  if (stored !== null && pinned !== null && toHex(stored.chain) !== pinned)
    throw new Error(`couldn't start the signer: this installation signs for chain ${pinned}, the database for ${toHex(stored.chain)}`);
  let opening: { readonly chain: Bytes; readonly signer: Promise<Signer> } | null = null;
  const open = (chain: Bytes) => {
    opening = { chain, signer: begin(site, chain, pinned) };
    return opening.signer;
  };
  if (stored !== null) await open(stored.chain);
  return async (chain) => {
    if (opening !== null) return equalBytes(opening.chain, chain) ? opening.signer : null;
    return pinned !== null && pinned !== toHex(chain) ? null : open(chain);
  };
}

async function begin({ sql, keysDir, device, sm2, log }: SignerSite, chain: Bytes, pinned: string | null): Promise<Signer> {
  const isNew = (await readSignerStore(sql)) === null;
  // A key that signed for this chain before these tables were: what they do not know may have been signed.
  if (isNew && pinned !== null) {
    await keepStanding(sql, null);
    log.error('the tables are new under an old key: nothing is signed until the other members have answered', { chain: toHex(chain) });
  }
  if (isNew) await writeSignerStore(sql, { chain, publicKey: device.publicKey });
  if (pinned === null) pinChain(keysDir, chain);
  return abstaining(openTableSigner({ sql, chain, sm2, envOf: () => null, now: () => 0 }, device), (await readStanding(sql)).isAsking);
}

/** While the answers are awaited nothing is signed, whatever the node asks: it may be another than the one that asks the members. */
function abstaining(signer: Signer, isAsking: boolean): Signer {
  let isQuiet = isAsking;
  return {
    ...signer,
    store: async (record) => {
      const isVoting = record.kind === 'endorsement' || record.kind === 'vote';
      return isQuiet && isVoting ? { kind: 'rejected', code: 'abstaining' } : signer.store(record);
    },
    abstain: async (until) => {
      if (until === null) isQuiet = true;
      await signer.abstain(until);
      isQuiet = until === null;
    },
  };
}
