/**
 * Catch-up over `GET /peer/v1/sync` (`ledger.md` 11, audit mode): every block is executed and every signature verified here, so that it
 * does not matter who serves it.
 */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { refuseFinality } from '#ledger/block/vote.ts';
import { decodeFinality, decodeHeader } from '#ledger/codec/header.ts';
import type { CertifiedBlock } from '#ledger/codec/peer-body.ts';
import { decodeEntry, MAX_ENTRY_BYTES } from '#ledger/codec/tx.ts';
import type { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { PEER_PREFIX } from '../peer/peer-door.ts';
import type { BlockExecutor } from './block-executor.ts';
import { certifyBlock } from './certify-block.ts';
import type { TxDesk } from './tx-desk.ts';

const HEADER_BYTES = 226;
const MAX_FINALITY_BYTES = 54 + 66 * 20;
const MAX_BLOCK_TX = 10_000;
const TIMEOUT_MS = 30_000;

export interface SyncGround {
  readonly chain: CertifiedChain;
  readonly desk: TxDesk;
  readonly executor: BlockExecutor;
  readonly memory: SignatureMemory;
}

/** Takes what the node at this address has above the tip. Resolves with the number of blocks. @throws when one of them does not hold */
export async function syncFrom(endpoint: string, ground: SyncGround): Promise<number> {
  const { chain } = ground;
  const from = chain.tip.header.height + 1n;
  let taken = 0;
  for await (const block of blocksFrom(endpoint, from)) {
    const fault = await takeBlock(ground, block);
    const { height } = block.header;
    if (fault?.kind === 'not_certified') throw new Error(`block ${height} from ${endpoint} is not certified (${fault.code})`);
    if (fault?.kind === 'unsound') throw new Error(`block ${height} from ${endpoint} does not follow from the one before`);
    taken += 1;
  }
  return taken;
}

export type BlockFault = { readonly kind: 'not_certified'; readonly code: string } | { readonly kind: 'unsound' };

/** The next block onto the chain, whoever brings it; null: it is durable. Otherwise nothing has changed. */
export async function takeBlock(ground: SyncGround, block: CertifiedBlock): Promise<BlockFault | null> {
  const { chain, executor, memory } = ground;
  const { header, finality, entries } = block;
  const config = chain.config;
  const code = refuseFinality(finality, header, config, (publicKey, message, signature) => memory.verify(publicKey, message, signature));
  if (code !== null) return { kind: 'not_certified', code };
  await executor.preverify(
    chain.state,
    entries.map((entry) => entry.env),
    header.sealedAt,
  );
  const outcome = await certifyBlock({ ...ground, block, config, named: new Map() });
  return outcome.kind === 'unsound' ? { kind: 'unsound' } : null;
}

/** What the node at this address has from a height on, as it says; `headers`: without entries. @throws {ParseError} */
export async function* blocksFrom(endpoint: string, from: bigint, what: 'blocks' | 'headers' = 'blocks'): AsyncGenerator<CertifiedBlock> {
  yield* readBlocks(await get(new URL(`${PEER_PREFIX}sync?from=${from}${what === 'headers' ? '&only=headers' : ''}`, endpoint)));
}

function get(url: URL): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, { timeout: TIMEOUT_MS }, (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(new Error(`${url.origin} answered ${response.statusCode ?? 0}`));
    });
    request.once('timeout', () => request.destroy(new Error(`${url.origin} gave no answer`)));
    request.once('error', reject);
  });
}

/** The frames of `streamSync`. @throws {ParseError} */
export async function* readBlocks(stream: Readable): AsyncGenerator<CertifiedBlock> {
  const bytes = new ByteQueue(stream);
  for (;;) {
    const head = await bytes.take(HEADER_BYTES);
    if (head === null) return;
    const header = decodeHeader(head);
    const finality = decodeFinality(await bytes.demand(await bytes.length(MAX_FINALITY_BYTES)));
    const count = await bytes.length(MAX_BLOCK_TX);
    const entries = [];
    for (let at = 0; at < count; at++) entries.push(decodeEntry(await bytes.demand(await bytes.length(MAX_ENTRY_BYTES))));
    yield { header, finality, entries };
  }
}

/** Bytes of a stream by demand; holds no more than one chunk beyond what was asked for. */
class ByteQueue {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Null at the end of the stream. @throws {ParseError} when it ends inside */
  async take(count: number): Promise<Uint8Array<ArrayBuffer> | null> {
    while (this.#rest.length < count) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        if (this.#rest.length === 0) return null;
        throw new ParseError('pce_truncated', { left: this.#rest.length });
      }
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    const taken = new Uint8Array(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async demand(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = await this.take(count);
    if (taken === null && count > 0) throw new ParseError('pce_truncated', { expected: count });
    return taken ?? new Uint8Array(0);
  }

  async length(max: number): Promise<number> {
    const bytes = await this.demand(4);
    const value = new DataView(bytes.buffer).getUint32(0, true);
    if (value > max) throw new ParseError('pce_over_limit', { value, max });
    return value;
  }
}
