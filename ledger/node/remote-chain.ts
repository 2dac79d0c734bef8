/**
 * A chain as somebody else's node serves it, for whoever keeps no database (`ledger.md` 11): audited from genesis in memory, or followed
 * light, by headers alone. Whoever serves it is untrusted.
 */
import { decodeGenesis, type Genesis } from '#ledger/codec/genesis.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { decodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import { chainIdOf, headerHash } from '#ledger/tx/ids.ts';
import { type Consortium, verifyCertified, verifyGenesis, verifyLinks } from '#ledger/verify/consortium.ts';
import { VerifyFailure } from '#ledger/verify/verdict.ts';
import { blocksFrom } from './consortium/sync-client.ts';
import { LedgerDamage } from './damage.ts';
import { PEER_PREFIX } from './peer/peer-door.ts';
import { Replay } from './replay.ts';
import { createVerifyPool } from './verify-pool.ts';

export interface RemoteOptions {
  readonly endpoint: string;
  /** Printed, or published by the notary: what everything is held against. */
  readonly chain: Uint8Array;
  readonly sm2: Sm2;
}

export interface RemoteReport {
  readonly chain: string;
  readonly height: bigint;
  readonly entries: bigint;
  readonly logRoot: string;
  readonly stateRoot: string;
}

const reportOf = ({ chain, height, logSize, logRoot, stateRoot }: Header): RemoteReport => ({
  chain: toHex(chain),
  height,
  entries: logSize,
  logRoot: toHex(logRoot),
  stateRoot: toHex(stateRoot),
});

/** Everything executed and every signature verified here. @throws {LedgerDamage} at the first block that does not hold */
export async function auditRemote({ endpoint, chain, sm2, workers }: RemoteOptions & { readonly workers: number }): Promise<RemoteReport> {
  const { genesis, trust } = await fetchFounding(endpoint, chain);
  const pool = createVerifyPool({ sm2, workers });
  try {
    const recoveries = trust.links.flatMap((link) => (link.kind === 'recovery' ? [link.recovery] : []));
    const run = new Replay({ genesis, recoveries, pool });
    await run.run(blocksFrom(endpoint, 1n), () => undefined);
    return reportOf(run.tip);
  } finally {
    await pool.close();
  }
}

/** A follower that keeps headers: each must follow the one before and be certified; receipts are then held against the newest (17). */
export class LightFollower {
  readonly #consortium: Consortium;
  readonly #memory: SignatureMemory;
  #tip: Header | null = null;
  #headers = 0;

  private constructor(consortium: Consortium, memory: SignatureMemory) {
    this.#consortium = consortium;
    this.#memory = memory;
  }

  /** @throws {LedgerDamage} when the trust bundle is not one of this chain */
  static async open({ endpoint, chain, sm2 }: RemoteOptions): Promise<LightFollower> {
    const { genesis, trust } = await fetchFounding(endpoint, chain);
    const memory = new SignatureMemory(sm2);
    return guarded('trust', () => new LightFollower(verifyLinks(verifyGenesis(genesis, chain, memory), trust, memory), memory));
  }

  get tip(): Header | null {
    return this.#tip;
  }

  get headers(): number {
    return this.#headers;
  }

  /** @throws {LedgerDamage} and keeps what it had */
  take(header: Header, finality: Finality): void {
    const before = this.#tip;
    const where = `blocks ${header.height}`;
    if (before !== null && (header.height !== before.height + 1n || !equalBytes(header.prevHash, headerHash(before))))
      throw new LedgerDamage(where, 'the header does not follow the block before');
    if (before !== null && (header.logSize < before.logSize || header.sealedAt <= before.sealedAt))
      throw new LedgerDamage(where, 'the log or the time runs backwards');
    guarded(where, () => verifyCertified(this.#consortium, header, finality, this.#memory));
    this.#tip = header;
    this.#headers += 1;
  }

  async follow(endpoint: string, from = 1n): Promise<void> {
    for await (const { header, finality } of blocksFrom(endpoint, from, 'headers')) this.take(header, finality);
  }
}

/** @throws {LedgerDamage} */
export async function followLight(options: RemoteOptions): Promise<RemoteReport & { readonly headers: number }> {
  const follower = await LightFollower.open(options);
  await follower.follow(options.endpoint);
  const { tip, headers } = follower;
  if (tip === null) throw new LedgerDamage('blocks', 'nothing above genesis is certified there');
  return { ...reportOf(tip), headers };
}

function guarded<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof VerifyFailure) throw new LedgerDamage(where, error.message);
    throw error;
  }
}

async function fetchFounding(endpoint: string, chain: Uint8Array): Promise<{ readonly genesis: Genesis; readonly trust: TrustBundle }> {
  const genesis = decodeGenesis(await fetchBytes(new URL(`${PEER_PREFIX}genesis`, endpoint)));
  const named = chainIdOf(genesis);
  if (!equalBytes(named, chain)) throw new LedgerDamage('chain', `the node serves chain ${toHex(named)}`);
  // Before the first block there is no file, and no configuration but that of genesis.
  const bundle = await fetchBytes(new URL('/ledger/v1/trust', endpoint)).catch(() => null);
  return { genesis, trust: bundle === null ? { genesis, links: [] } : decodeTrustBundle(bundle) };
}

async function fetchBytes(url: URL): Promise<Bytes> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.origin} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
