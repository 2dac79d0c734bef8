/**
 * Where other members' messages come in (`ledger.md` 21): `POST /peer/v1/<anything>`, each one signed by the sender's node key. The
 * door reads at most one message's bytes, knows who sent it before it decodes the body, and lets nobody send more than a peer needs.
 * A replay is harmless: what a message says is a fact whose second telling changes nothing.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodePeerBody, type PeerBody } from '#ledger/codec/peer-body.ts';
import { decodeSignedPeerMessage, encodePeerMessage, MAX_PEER_BODY } from '#ledger/codec/peer-message.ts';
import { isSignatureInRange } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { end, readBody } from '#ledger/node/http-body.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';

/** Frame, signature and lengths around the body. */
const MAX_FRAME = MAX_PEER_BODY + 128;
/** A round takes about ten messages of each peer; mempool pushes come on top. */
const MESSAGES_PER_SECOND = 1000;
const BURST = 4000;

export const PEER_PREFIX = '/peer/v1/';
export const SNAPSHOT_PREFIX = `${PEER_PREFIX}snapshot/`;

export interface PeerDoorOptions {
  readonly chain: Bytes;
  /** Node keys that a member may sign with: of the configuration in force and of one that waits. Empty: not a member. */
  readonly keysOf: (member: number) => readonly Bytes[];
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** Milliseconds of a clock that never steps back. */
  readonly elapsed: () => number;
  readonly onMessage: (from: number, body: PeerBody) => void;
  /** Streams header, Finality and entries of certified blocks: `GET /peer/v1/sync?from=h`; with `only=headers` no entries. */
  readonly stream: (from: bigint, response: ServerResponse, isLight: boolean) => Promise<void>;
  /** PCE of the chain's genesis, for a node that joins: `GET /peer/v1/genesis`. */
  readonly genesis: () => Bytes;
  /** Files of the newest snapshot, for a node that joins: `GET /peer/v1/snapshot/manifest` and whatever it names. False: there is none. */
  readonly snapshot: (name: string, response: ServerResponse) => Promise<boolean>;
}

export type PeerDoor = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Resolves false when the path is not the peers'. */
export function peerDoor(options: PeerDoorOptions): PeerDoor {
  const buckets = new Map<number, { tokens: number; at: number }>();

  /** Whether this peer may send one more now. */
  const admit = (member: number): boolean => {
    const at = options.elapsed();
    const bucket = buckets.get(member) ?? { tokens: BURST, at };
    bucket.tokens = Math.min(BURST, bucket.tokens + ((at - bucket.at) * MESSAGES_PER_SECOND) / 1000);
    bucket.at = at;
    buckets.set(member, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };

  const take = (bytes: Bytes): number => {
    const { message, sig } = decodeSignedPeerMessage(bytes);
    const keys = options.keysOf(message.from);
    if (keys.length === 0) return 403;
    // Before the signature: verifying is what a flood would cost.
    if (!admit(message.from)) return 429;
    const signed = signedMessage('PLP1/peer', options.chain, encodePeerMessage(message));
    if (!isSignatureInRange(sig) || !keys.some((key) => options.verify(key, signed, sig))) return 403;
    const body = decodePeerBody(message.type, message.body);
    // A type of a later version is ignored, never refused.
    if (body !== null) options.onMessage(message.from, body);
    return 204;
  };

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://peer');
    if (!url.pathname.startsWith(PEER_PREFIX)) return false;
    if (request.method === 'GET' && url.pathname === `${PEER_PREFIX}sync`) {
      const from = url.searchParams.get('from') ?? '';
      if (!/^\d{1,19}$/.test(from)) return end(response, 400);
      await options.stream(BigInt(from), response, url.searchParams.get('only') === 'headers');
      return true;
    }
    if (request.method === 'GET' && url.pathname === `${PEER_PREFIX}genesis`) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(options.genesis());
      return true;
    }
    if (request.method === 'GET' && url.pathname.startsWith(SNAPSHOT_PREFIX)) {
      return (await options.snapshot(url.pathname.slice(SNAPSHOT_PREFIX.length), response)) || end(response, 404);
    }
    if (request.method !== 'POST') return end(response, 405);
    const bytes = await readBody(request, MAX_FRAME);
    if (bytes === null) {
      response.setHeader('connection', 'close');
      return end(response, 413);
    }
    try {
      return end(response, take(bytes));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      return end(response, 400);
    }
  };
}
