/**
 * Sends messages to other members. Loss is allowed, order is not promised, and a peer that is slow or gone costs a bounded queue: the
 * reducer sends again whatever matters.
 */
import http from 'node:http';
import https from 'node:https';
import { encodePeerBody, type PeerBody, peerTypeOf } from '#ledger/codec/peer-body.ts';
import { encodePeerMessage, encodeSignedPeerMessage, type PeerMessage } from '#ledger/codec/peer-message.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { PEER_PREFIX } from './peer-door.ts';

/** At most this many messages wait for one peer; the oldest go first. */
const QUEUE_LIMIT = 512;
/** Requests to one peer at a time: a big proposal must not hold up a Vote. */
const LANES = 4;
const TIMEOUT_MS = 10_000;

export interface PeerSenderOptions {
  readonly self: number;
  /** Signs the frame under tag `PLP1/peer`. */
  readonly sign: (payload: Bytes) => Bytes;
  /** Base address of a member's node; null while it is unknown. */
  readonly endpointOf: (member: number) => string | null;
  /** What the sender is working on. */
  readonly place: () => { readonly epoch: number; readonly height: bigint };
  readonly elapsed: () => number;
}

/** What is known of the way to one peer. */
export interface PeerContact {
  readonly member: number;
  /** Milliseconds since it last took a message; null: never. */
  readonly silentMs: number | null;
  readonly failure: string | null;
}

interface Lane {
  readonly queue: Bytes[];
  underway: number;
  answeredAt: number | null;
  failure: string | null;
}

export class PeerSender {
  readonly #options: PeerSenderOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  #isClosed = false;

  constructor(options: PeerSenderOptions) {
    this.#options = options;
  }

  send(to: readonly number[], body: PeerBody): void {
    const message: PeerMessage = { type: peerTypeOf(body), ...this.#options.place(), from: this.#options.self, body: encodePeerBody(body) };
    const bytes = encodeSignedPeerMessage({ message, sig: this.#options.sign(encodePeerMessage(message)) });
    for (const member of to) {
      const lane = this.#laneOf(member);
      lane.queue.push(bytes);
      if (lane.queue.length > QUEUE_LIMIT) lane.queue.shift();
      this.#drain(member, lane);
    }
  }

  contact(member: number): PeerContact {
    const lane = this.#laneOf(member);
    const silentMs = lane.answeredAt === null ? null : this.#options.elapsed() - lane.answeredAt;
    return { member, silentMs, failure: lane.failure };
  }

  close(): void {
    this.#isClosed = true;
    this.#lanes.clear();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #laneOf(member: number): Lane {
    const known = this.#lanes.get(member) ?? { queue: [], underway: 0, answeredAt: null, failure: null };
    this.#lanes.set(member, known);
    return known;
  }

  #drain(member: number, lane: Lane): void {
    while (!this.#isClosed && lane.underway < LANES) {
      const bytes = lane.queue.shift();
      if (bytes === undefined) return;
      lane.underway += 1;
      this.#post(member, bytes).then(
        (failure) => {
          lane.failure = failure;
          if (failure === null) lane.answeredAt = this.#options.elapsed();
          lane.underway -= 1;
          this.#drain(member, lane);
        },
        () => undefined,
      );
    }
  }

  /** Null when it was taken, else why not. */
  #post(member: number, bytes: Bytes): Promise<string | null> {
    const endpoint = this.#options.endpointOf(member);
    if (endpoint === null) return Promise.resolve('its address is not known');
    return new Promise((resolve) => {
      const url = new URL(`${PEER_PREFIX}message`, endpoint);
      const isSecure = url.protocol === 'https:';
      const request = (isSecure ? https : http).request(url, {
        method: 'POST',
        agent: isSecure ? this.#agents.https : this.#agents.http,
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
      });
      request.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode === 204 ? null : `it answered ${response.statusCode ?? 0}`));
        response.once('error', (error) => resolve(error.message));
      });
      request.once('timeout', () => request.destroy(new Error('it gave no answer')));
      request.once('error', (error) => resolve(error.message));
      request.end(bytes);
    });
  }
}
