/** The seeded chain with real blocks, real signatures and receipts: what the verifiers are tested on. */
import { buildBlock } from '#ledger/block/block.ts';
import { voteMessage, votePayload } from '#ledger/block/vote.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import type { Finality, Header } from '#ledger/codec/header.ts';
import { encodeStateLeaf } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { encodeWith } from '#ledger/codec/writer.ts';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { portableSm2, type Sm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { FIELDS, fieldPath, fieldRoot, type OpenField } from '#ledger/merkle/field-tree.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import type { DisclosedField, ProofSource, ProofView } from '#ledger/proof/build-receipt.ts';
import type { Link, TrustBundle } from '#ledger/proof/receipt.ts';
import type { StoredEntry } from '#ledger/proof/stored-entry.ts';
import { configAt } from '#ledger/state/ops-consortium.ts';
import { configHash } from '#ledger/tx/ids.ts';
import { signTx } from '#ledger/tx/sign.ts';
import { activatePack, actor, bytes16, bytes32, defineClass, mint, type Name, seededKey, trade, transfer, World, FIRST_EPOCH } from './ledger-world.ts';

/** The same nonces in every run, so that vectors do not drift. Never for a key that anybody uses. */
export function seededSm2(seed: string): Sm2 {
  let count = 0;
  const memory = new SignatureMemory(portableSm2((length) => sm3(utf8(`${seed} nonce ${count++}`)).slice(0, length)));
  // Plain functions: the seeded chain hands `verify` on without its object.
  return { sign: (key, message) => memory.sign(key, message), verify: (pub, message, sig) => memory.verify(pub, message, sig) };
}

/** Sixteen fields of a set with seeded salts. */
export function openFields(name: string, values: Readonly<Record<number, Bytes>>): readonly OpenField[] {
  return Array.from({ length: FIELDS }, (_, id) => ({ salt: bytes16(`${name} salt ${id}`), value: values[id] ?? new Uint8Array(0) }));
}

export const u64Value = (value: bigint): Bytes => encodeWith((writer, amount: bigint) => writer.u64(amount), value);

export const PAY = openFields('pay', { 0: Uint8Array.of(1, 0), 1: u64Value(101_000n), 3: u64Value(5_050n) });
export const SELL_TERMS = openFields('sell terms', { 1: u64Value(100_000n) });
export const BUY_TERMS = openFields('buy terms', { 1: u64Value(102_000n) });

export function disclose(entry: bigint, slot: number, set: number, fields: readonly OpenField[], id: number): DisclosedField {
  const field = fields[id];
  assert(field !== undefined, 'a set has sixteen fields');
  return { entry, slot, id, salt: new Uint8Array(field.salt), value: new Uint8Array(field.value), path: fieldPath(set, fields, id) };
}

export class SealedWorld extends World {
  readonly entries: StoredEntry[] = [];
  readonly headers: { readonly header: Header; readonly finality: Finality }[] = [];
  links: readonly Link[] = [];
  #tip: Header;

  constructor(sm2: Sm2 = seededSm2('sealed world')) {
    super(sm2);
    this.#tip = this.header;
  }

  get config(): ConsortiumConfig {
    return configAt(this.state, this.#tip.height + 1n, this.genesis.config);
  }

  get tip(): { readonly header: Header; readonly finality: Finality } {
    const tip = this.headers.at(-1);
    assert(tip !== undefined, 'a block has been sealed');
    return tip;
  }

  /** Certifies a block of these LedgerTx; the index of the first. */
  seal(...envs: readonly TxEnv[]): bigint {
    this.now += 1000n;
    const { state, config, sm2, now } = this;
    const first = state.logSize;
    const ground = { state, config, prevHeader: this.#tip, ...FIRST_EPOCH, demonstration: true, verify: sm2.verify };
    const block = buildBlock({ ...ground, sealedAt: now, envs });
    assert(block.dropped.length === 0, `every LedgerTx enters, got ${block.dropped.map((each) => each.code).join()}`);
    for (const { entryBytes, applied } of block.txs) this.entries.push({ entry: entryBytes, leaves: applied.leaves.map(encodeStateLeaf) });
    this.#tip = block.header;
    this.height = block.header.height + 1n;
    this.headers.push({ header: block.header, finality: this.certify(block.header) });
    return first;
  }

  certify(header: Header): Finality {
    const vote = votePayload(header, 1n, 1);
    const sig = this.sm2.sign(seededKey('operator node'), voteMessage(this.chain, vote));
    return { epoch: header.epoch, height: header.height, term: 1n, header: vote.header, sigs: [{ member: 1, sig }] };
  }

  /** One LedgerTx in a block of its own; its index. */
  record(op: Op, by: readonly Name[]): bigint {
    return this.seal(this.env(op, by));
  }

  /** One batch signature over all of them. */
  signTogether(name: Name, bodies: readonly TxBody[]): readonly TxEnv[] {
    return signTx(this.sm2, actor(name), bodies);
  }

  trust(): TrustBundle {
    return { genesis: this.genesis, links: this.links };
  }

  source(): ProofSource {
    const view = (): ProofView => ({ ...this.tip, trust: this.trust(), state: this.state });
    return { view, entry: (index) => Promise.resolve(this.entries[Number(index)] ?? null) };
  }

  /** A configuration of the next epoch, recorded, linked and in force. */
  changeConfig(change: Partial<ConsortiumConfig>): void {
    const config = { ...this.config, ...change, epoch: this.config.epoch + 1 };
    const sig = this.sm2.sign(seededKey('operator governance'), signedMessage('PLP1/cfgsig', this.chain, configHash(config)));
    const index = this.record({ kind: 'config_update', config, approvals: [{ member: 1, sig }] }, ['operator']);
    const { header, finality } = this.tip;
    const entry = this.entries[Number(index)]?.entry;
    assert(entry !== undefined, 'the entry was sealed');
    this.links = [...this.links, { kind: 'update', entry, index, path: this.state.log.inclusionPath(Number(index)), header, finality }];
    for (let block = 0; block < 16; block++) this.seal();
  }
}

/** Mint, sale with disclosed terms, gift, and a second Item that stays: indices by name. */
export function marketDay(): { readonly world: SealedWorld; readonly at: Readonly<Record<'define' | 'mint' | 'trade' | 'gift', bigint>> } {
  const world = new SealedWorld();
  const define = world.record(defineClass('sword'), ['studio']);
  const minted = world.record(mint(0, ['sword 0', 'sword 1', 'sword 2']), ['studio']);
  world.record(activatePack(), ['supervisor']);
  const sell = world.sell('alice', [0n], { terms: fieldRoot(2, SELL_TERMS) });
  const buy = world.buy('bob', { terms: fieldRoot(2, BUY_TERMS) });
  const sold = world.record(trade(sell, buy, [0n], { pay: fieldRoot(1, PAY), tradeId: bytes16('first trade') }), ['operator']);
  const gift = world.record(transfer(0n, 2n, 'carol'), ['bob']);
  world.seal();
  return { world, at: { define, mint: minted, trade: sold, gift } };
}

export const OTHER_CHAIN = bytes32('another chain');
