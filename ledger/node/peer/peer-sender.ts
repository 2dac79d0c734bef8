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

/** At most this many messages of a kind wait for one peer; the oldest go first. */
const QUEUE_LIMIT = 512;
/**
 * Requests to one peer at a time. Rounds: a big proposal must not hold up a Vote. LedgerTx build on each other, so they keep their order
 * and a lane of their own: envelopes are many, and a full queue loses its oldest. A long catch-up holds up nothing but itself.
 */
const LANES = { rounds: 4, txs: 1, envelopes: 1, bulk: 1 } as const;
type LaneName = keyof typeof LANES;

const LANE_OF: Partial<Record<PeerBody['kind'], LaneName>> = {
  mempool: 'txs',
  envelope: 'envelopes',
  grant: 'envelopes',
  sync_blocks: 'bulk',
};
const TIMEOUT_MS = 10_000;

export interface PeerSenderOptions {
  readonly self: number;
  /** Signs the frame under tag `PLP1/peer`. */
  readonly sign: (payload: Bytes) => Promise<Bytes>;
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
  /** Signed while they wait: the order of a lane is that of sending. */
  readonly queue: Promise<Bytes>[];
  underway: number;
}

interface Way {
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  answeredAt: number | null;
  failure: string | null;
}

const newLane = (): Lane => ({ queue: [], underway: 0 });

export class PeerSender {
  readonly #options: PeerSenderOptions;
  readonly #ways = new Map<number, Way>();
  readonly #agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  #isClosed = false;

  constructor(options: PeerSenderOptions) {
    this.#options = options;
  }

  send(to: readonly number[], body: PeerBody): void {
    const message: PeerMessage = { type: peerTypeOf(body), ...this.#options.place(), from: this.#options.self, body: encodePeerBody(body) };
    const bytes = this.#options.sign(encodePeerMessage(message)).then((sig) => encodeSignedPeerMessage({ message, sig }));
    // A message that nobody signs is lost like any other; each lane that it waits in hears of it.
    bytes.catch(() => undefined);
    for (const member of to) {
      const name = LANE_OF[body.kind] ?? 'rounds';
      const { queue } = this.#wayTo(member).lanes[name];
      queue.push(bytes);
      if (queue.length > QUEUE_LIMIT) void queue.shift();
      this.#drain(member, name);
    }
  }

  contact(member: number): PeerContact {
    const { answeredAt, failure } = this.#wayTo(member);
    return { member, silentMs: answeredAt === null ? null : this.#options.elapsed() - answeredAt, failure };
  }

  close(): void {
    this.#isClosed = true;
    this.#ways.clear();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #wayTo(member: number): Way {
    const known = this.#ways.get(member) ?? {
      lanes: { rounds: newLane(), txs: newLane(), envelopes: newLane(), bulk: newLane() },
      answeredAt: null,
      failure: null,
    };
    this.#ways.set(member, known);
    return known;
  }

  #drain(member: number, name: LaneName): void {
    const way = this.#wayTo(member);
    const lane = way.lanes[name];
    while (!this.#isClosed && lane.underway < LANES[name]) {
      const bytes = lane.queue.shift();
      if (bytes === undefined) return;
      lane.underway += 1;
      const posted = bytes.then(
        (signed) => this.#post(member, signed),
        () => 'it could not be signed',
      );
      posted.then(
        (failure) => {
          way.failure = failure;
          if (failure === null) way.answeredAt = this.#options.elapsed();
          lane.underway -= 1;
          this.#drain(member, name);
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
