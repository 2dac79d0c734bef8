/** The network between members: it loses, doubles, delays and reorders, and may be cut in two. Bytes go over it now and then. */
import { decodePeerBody, encodePeerBody, type PeerBody, peerTypeOf } from '#ledger/codec/peer-body.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

export interface NetworkFaults {
  loss: number;
  doubling: number;
  /** Share of messages that take up to a second longer, and so overtake each other. */
  delay: number;
}

export class SimNetwork {
  faults: NetworkFaults = { loss: 0, doubling: 0, delay: 0 };
  /** Members that hear only each other. */
  minority: ReadonlySet<number> = new Set();
  sent = 0;
  readonly #chance: Chance;
  readonly #timeline: Timeline;
  readonly #deliver: (from: number, to: number, body: PeerBody) => void;

  constructor(timeline: Timeline, chance: Chance, deliver: (from: number, to: number, body: PeerBody) => void) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#deliver = deliver;
  }

  send(from: number, to: number, body: PeerBody): void {
    this.sent++;
    if (this.minority.has(from) !== this.minority.has(to) || this.#chance.hits(this.faults.loss)) return;
    const copies = this.#chance.hits(this.faults.doubling) ? 2 : 1;
    // Encoding is a third of a run: one message in sixteen goes over the wire as bytes.
    const carried = this.#chance.hits(1 / 16) ? overTheWire(body) : body;
    for (let copy = 0; copy < copies; copy++) {
      const late = this.#chance.hits(this.faults.delay) ? this.#chance.between(50, 1000) : 0;
      this.#timeline.after(this.#chance.between(1, 10) + late, () => this.#deliver(from, to, carried));
    }
  }
}

function overTheWire(body: PeerBody): PeerBody {
  const read = decodePeerBody(peerTypeOf(body), encodePeerBody(body));
  assert(read !== null && read.kind === body.kind, `${body.kind} survives the wire`);
  return read;
}
