/** What survives: the tables of one member. A write is here when it is durable, and only then may anybody build on it. */
import type { SubmitPromise, VotePayload } from '#ledger/codec/header.ts';
import type { BlockBody, CertifiedBlock } from '#ledger/codec/peer-body.ts';
import type { Recovery, SignedSeal } from '#ledger/codec/recovery.ts';
import { type SignRecord, signedPart } from '#ledger/node/reducer/records.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';

export class SimDisk {
  /** Height 1 first. */
  readonly blocks: CertifiedBlock[] = [];
  readonly bodies = new Map<string, BlockBody>();
  readonly records = new Map<string, SignRecord>();
  readonly recoveries: Recovery[] = [];
  /** Of other members, by epoch and member. */
  readonly peerSeals = new Map<string, SignedSeal>();
  /** The store is known to be a copy, and the others have not answered yet. */
  isAsking = false;
  quietUntil = 0n;

  /** The signer's insert: false when another record has the key (S1, S2 as unique keys). */
  insert(record: SignRecord): boolean {
    const key = keyOf(record);
    const known = this.records.get(key);
    if (known !== undefined) return equalBytes(signedPart(known).payload, signedPart(record).payload);
    this.records.set(key, record);
    return true;
  }

  holds(record: SignRecord): boolean {
    const known = this.records.get(keyOf(record));
    return known !== undefined && equalBytes(signedPart(known).payload, signedPart(record).payload);
  }

  keep(body: BlockBody): void {
    this.bodies.set(toHex(headerHash(body.header)), body);
  }

  append(block: CertifiedBlock): void {
    this.blocks.push(block);
    for (const [key, body] of this.bodies) if (body.header.height <= block.header.height) this.bodies.delete(key);
  }

  /** Durable, in a block or waiting for one. */
  hasBody(header: Bytes, height: bigint): boolean {
    const block = this.blocks[Number(height) - 1];
    return this.bodies.has(toHex(header)) || (block !== undefined && equalBytes(headerHash(block.header), header));
  }

  endorsements(): readonly VotePayload[] {
    return [...this.records.values()].flatMap((record) => (record.kind === 'endorsement' ? [record.payload] : []));
  }

  votes() {
    return [...this.records.values()].flatMap((record) => (record.kind === 'vote' ? [{ payload: record.payload, set: record.set }] : []));
  }

  seals() {
    return [...this.records.values()].flatMap((record) => (record.kind === 'seal' ? [record.seal] : []));
  }

  promises(): readonly SubmitPromise[] {
    return [...this.records.values()].flatMap((record) => (record.kind === 'promise' ? [record.promise] : []));
  }

  /** As a dump would hold it. */
  copy(): SimDisk {
    const copy = new SimDisk();
    copy.blocks.push(...this.blocks);
    for (const [key, body] of this.bodies) copy.bodies.set(key, body);
    for (const [key, record] of this.records) copy.records.set(key, record);
    copy.recoveries.push(...this.recoveries);
    for (const [key, signed] of this.peerSeals) copy.peerSeals.set(key, signed);
    return copy;
  }
}

function keyOf(record: SignRecord): string {
  switch (record.kind) {
    case 'endorsement':
      return `endorsement ${record.payload.epoch} ${record.payload.height} ${record.payload.term}`;
    case 'vote':
      return `vote ${record.payload.epoch} ${record.payload.height}`;
    case 'seal':
      return `seal ${record.seal.newEpoch}`;
    case 'promise':
      return `promise ${toHex(record.promise.txId)}`;
  }
}
