/**
 * The one who sees everything. It knows the rules by heart and not the reducer: what leaves an honest member is held against
 * S1 to S3, records and Seals; what is final against everything final before. A broken invariant ends the run.
 */
import { satisfies } from '#ledger/block/policy.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { type EndorsementSet, encodeVotePayload, type VotePayload } from '#ledger/codec/header.ts';
import type { CertifiedBlock } from '#ledger/codec/peer-body.ts';
import type { Recovery, Seal } from '#ledger/codec/recovery.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import type { SignRecord } from '#ledger/node/reducer/records.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { FOUNDING, simSm2 } from './founding.ts';
import type { SimDisk } from './sim-disk.ts';

export class BrokenInvariant extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'BrokenInvariant';
  }
}

export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(sentence);
}

interface Said {
  readonly endorsements: VotePayload[];
  vote: VotePayload | null;
}

function raise(floors: Map<number, number>, member: number, epoch: number): void {
  floors.set(member, Math.max(floors.get(member) ?? 0, epoch));
}

export class Monitor {
  /** headerHash by height: the one chain. */
  readonly finals = new Map<bigint, string>();
  readonly #said = new Map<string, Said>();
  /** The highest `newEpoch` that each member has sealed, as its own store knows. */
  readonly #sealed = new Map<number, number>();
  /** The same, of what does not depend on its store: Seals that are on another's disk or in a Recovery, and Recoveries accepted. */
  readonly #bound = new Map<number, number>();
  readonly #votes = new Map<string, Set<number>>();
  /** What is final or may become so, by height, and the epoch in which it first might. */
  readonly possible = new Map<bigint, { readonly header: string; readonly epoch: number }>();
  /** Members that lie in this run. */
  faulty = 0;
  /** Members whose disk is set back in this run: they keep the rules, but not every body. */
  forgetful = 0;
  signatures = 0;

  /** A signature is about to leave an honest member. */
  signed(member: number, record: SignRecord, disk: SimDisk, config: ConsortiumConfig): void {
    this.signatures++;
    demand(disk.holds(record), `member ${member} signs a ${record.kind} without its record`);
    switch (record.kind) {
      case 'endorsement':
        this.#endorsed(member, record.payload, disk);
        return;
      case 'vote':
        this.#voted(member, record.payload, record.set, disk);
        this.#count(member, record.payload, config);
        return;
      case 'seal':
        raise(this.#sealed, member, record.seal.newEpoch);
        return;
      case 'promise':
        return;
    }
  }

  #saidBy(member: number, payload: VotePayload): Said {
    const key = `${member} ${payload.epoch} ${payload.height}`;
    const known = this.#said.get(key) ?? { endorsements: [], vote: null };
    this.#said.set(key, known);
    return known;
  }

  /**
   * Damage done to a disk from outside may have taken a body that was there when the record was; and once the height is final, bodies
   * that lost are dropped, though a signature for one may still be on its way.
   */
  #hasBody(disk: SimDisk, { header, height }: VotePayload): boolean {
    return this.forgetful > 0 || disk.blocks.length >= Number(height) || disk.hasBody(header, height);
  }

  /** S1 */
  #endorsed(member: number, payload: VotePayload, disk: SimDisk): void {
    const said = this.#saidBy(member, payload);
    const where = `member ${member} at epoch ${payload.epoch}, height ${payload.height}`;
    demand(payload.epoch >= this.#floorOf(member), `${where} endorses below an epoch it has sealed`);
    const same = said.endorsements.find((each) => each.term === payload.term);
    if (same !== undefined) {
      demand(equalBytes(same.header, payload.header), `S1: ${where} endorses two headers in term ${payload.term}`);
      return;
    }
    demand(this.#hasBody(disk, payload), `${where} endorses a body that it has not stored`);
    demand(
      said.endorsements.every((each) => each.term < payload.term),
      `S1: ${where} endorses in a lower term`,
    );
    demand(said.vote === null || equalBytes(said.vote.header, payload.header), `S1: ${where} endorses beside its Vote`);
    said.endorsements.push(payload);
  }

  /** S2, S3 */
  #voted(member: number, payload: VotePayload, set: EndorsementSet, disk: SimDisk): void {
    const said = this.#saidBy(member, payload);
    const where = `member ${member} at epoch ${payload.epoch}, height ${payload.height}`;
    demand(payload.epoch >= this.#floorOf(member), `${where} votes below an epoch it has sealed`);
    if (said.vote !== null) {
      const isSame = said.vote.term === payload.term && equalBytes(said.vote.header, payload.header);
      demand(isSame, `S2: ${where} votes twice`);
      return;
    }
    demand(this.#hasBody(disk, payload), `${where} votes for a body that it has not stored`);
    const isOfTerm = set.term === payload.term && set.epoch === payload.epoch && set.height === payload.height;
    demand(isOfTerm && equalBytes(set.header, payload.header), `S2: ${where} votes without a set of that term`);
    demand(
      said.endorsements.every((each) => each.term <= payload.term),
      `S3: ${where} votes below a term it endorsed in`,
    );
    said.vote = payload;
  }

  /** So many honest Votes that the faulty could make them a Finality, today or in a year: from then on no other header may get there. */
  #count(member: number, vote: VotePayload, config: ConsortiumConfig): void {
    const key = `${vote.epoch} ${vote.height} ${vote.term} ${toHex(vote.header)}`;
    const voters = this.#votes.get(key) ?? new Set<number>();
    this.#votes.set(key, voters.add(member));
    const quorum = Math.floor((2 * config.members.length) / 3) + 1;
    if (voters.size < quorum - this.faulty) return;
    const known = this.possible.get(vote.height) ?? { header: toHex(vote.header), epoch: vote.epoch };
    demand(known.header === toHex(vote.header), `two headers of height ${vote.height} may become final`);
    this.possible.set(vote.height, known);
  }

  /** An honest member has another's Seal on its disk: from here on it can't be forgotten. */
  heard({ member, newEpoch }: Seal): void {
    raise(this.#bound, member, newEpoch);
  }

  /** A store was set back to a copy. A Seal that it forgot, and that nobody else has, was never given. */
  setBack(member: number, disk: SimDisk): void {
    this.#sealed.set(member, Math.max(0, ...disk.seals().map((seal) => seal.newEpoch)));
  }

  #floorOf(member: number): number {
    return Math.max(this.#sealed.get(member) ?? 0, this.#bound.get(member) ?? 0);
  }

  accepted(member: number, recovery: Recovery): void {
    raise(this.#bound, member, recovery.newEpoch);
    for (const { seal } of recovery.seals) this.heard(seal);
    const named = recovery.base === null ? 'none' : toHex(recovery.base.set.header);
    const { height } = recovery.tip.header;
    const final = this.possible.get(height + 1n);
    const isOlder = final !== undefined && final.epoch < recovery.newEpoch;
    demand(!isOlder || final.header === named, `a Recovery of epoch ${recovery.newEpoch} discards height ${height + 1n}`);
  }

  /** An honest member has verified a Finality and hands the block to its disk. */
  final(block: CertifiedBlock, config: ConsortiumConfig, disks: readonly SimDisk[]): void {
    const { header, finality } = block;
    const hash = headerHash(header);
    const key = toHex(hash);
    const known = this.finals.get(header.height);
    demand(known === undefined || known === key, `two Finalities of height ${header.height}`);
    if (known !== undefined) return;
    this.#checkVotes(finality, config, hash);
    const before = this.finals.get(header.height - 1n) ?? toHex(headerHash(FOUNDING.header));
    demand(toHex(header.prevHash) === before, `height ${header.height} does not follow height ${header.height - 1n}`);
    const durable = disks.filter((disk) => disk.hasBody(hash, header.height)).length;
    demand(
      durable + this.faulty + this.forgetful >= finality.sigs.length,
      `Finality of height ${header.height} with ${durable} durable bodies`,
    );
    this.finals.set(header.height, key);
  }

  /** By other code than the reducer's: every Vote over the rebuilt message, and enough of them. */
  #checkVotes(finality: CertifiedBlock['finality'], config: ConsortiumConfig, hash: Bytes): void {
    const { epoch, height, term } = finality;
    demand(equalBytes(finality.header, hash), `Finality of height ${height} is for another header`);
    const voters = new Set<number>();
    for (const { member, sig } of finality.sigs) {
      const known = config.members.find((each) => each.id === member);
      const message = signedMessage('PLP1/vote', FOUNDING.chain, encodeVotePayload({ epoch, height, term, header: hash, member }));
      demand(known !== undefined && simSm2.verify(known.pub, message, sig), `Finality of height ${height} holds a false Vote`);
      voters.add(member);
    }
    demand(satisfies(config.finality, voters, config.members), `Finality of height ${height} without a quorum`);
  }
}
