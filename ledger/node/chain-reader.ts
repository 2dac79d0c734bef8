/** Questions that any member answers, from the certified state and the tables: status, proofs, blocks (`ledger.md` 16). */
import { REGISTER } from '#ledger/codec/leaves.ts';
import { decodeEntry, type Entry } from '#ledger/codec/tx.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, buildItemPassport, type DisclosedField, ReceiptDraft } from '#ledger/proof/build-receipt.ts';
import type { StoredEntry } from '#ledger/proof/stored-entry.ts';
import { certifiedAfter } from './certified-blocks.ts';
import type { CertifiedChain } from './certified-chain.ts';
import { type GameProofs, gameProofs, gatherEntries, leavesOf } from './game-proofs.ts';
import { readStored } from './proofs.ts';
import { signersOf } from './seal.ts';
import { type BlockRow, decodeBlock, decodeFinalityRow, readBlock, readBlocks, readEntry } from './store/blocks.ts';
import { readStatus } from './store/sequence.ts';
import type { BlockSummary, CertifiedBlock, TxStatus } from './types.ts';

/** An account leaf, its Items and the claim that counts them fit a receipt of 2 048 claims. */
const MAX_HOLDINGS = 2000n;

/** LedgerTx that no certified block holds yet. */
export interface Underway {
  /** Place in the sequence of one that waits. */
  seqOf(txId: Bytes): bigint | null;
  /** In a block that is on its way. */
  isSealing(txId: Bytes): boolean;
}

export class ChainReader {
  readonly #chain: CertifiedChain;
  readonly #underway: Underway;

  constructor(chain: CertifiedChain, underway: Underway) {
    this.#chain = chain;
    this.#underway = underway;
  }

  async status(txId: Bytes): Promise<TxStatus | null> {
    const undecided = { height: null, index: null, refusedCode: null, signers: [] };
    const waitingSeq = this.#underway.seqOf(txId);
    if (waitingSeq !== null) return { status: this.#underway.isSealing(txId) ? 'sealed' : 'sequenced', seq: waitingSeq, ...undecided };
    const known = await readStatus(this.#chain.sql, txId);
    if (known === null) return null;
    const seq = known.seq ?? 0n;
    if (known.status === 'sequenced') return { status: this.#underway.isSealing(txId) ? 'sealed' : 'sequenced', seq, ...undecided };
    const { height, index, refusedCode } = known;
    const signers = known.finality === null || height === null ? [] : this.#signersAt(height, known.finality);
    return { status: known.status, seq, height, index, refusedCode, signers };
  }

  async receipt(txId: Bytes, disclosed: readonly DisclosedField[] = [], withOwnBlock = false): Promise<Bytes | null> {
    const known = await readStatus(this.#chain.sql, txId);
    const index = known?.index ?? null;
    // A store that began with a snapshot has the entries since, and proves those.
    if (index === null || index < BigInt(this.#chain.state.log.first)) return null;
    const block = withOwnBlock && known !== null && known.height !== null ? await this.block(known.height) : null;
    const older = block === null || block.finality === null ? [] : [{ header: block.header, finality: block.finality }];
    return this.#chain.prove((source) => buildEntryReceipt(source, index, { fields: disclosed, older }));
  }

  passport(itemSerial: bigint, disclosed: readonly DisclosedField[] = []): Promise<Bytes | null> {
    return this.#chain.prove((source) => buildItemPassport(source, itemSerial, { fields: disclosed }));
  }

  itemProof(itemSerial: bigint): Promise<Bytes | null> {
    return this.#chain.prove((source) => {
      const draft = new ReceiptDraft(source.view());
      const item = this.#chain.state.itemBySerial(itemSerial);
      if (item === null) draft.addAbsent(REGISTER.items, itemSerial);
      else draft.addItem(item);
      return draft.finish(true);
    });
  }

  holdings(acct: Bytes): Promise<Bytes | null> {
    return this.#chain.prove((source) => {
      const account = this.#chain.state.accountById(acct);
      if (account === null || account.itemCount > MAX_HOLDINGS) return null;
      const draft = new ReceiptDraft(source.view());
      draft.addHoldings(acct, this.#chain.holders.itemsOf(acct));
      return draft.finish(true);
    });
  }

  /** Of an issuing account whose end is recorded; null: it is not, or nothing is certified. */
  async game(studio: Bytes): Promise<GameProofs | null> {
    // Fetched before the state is held still, so that only what is new is read inside.
    const known = new Map<bigint, StoredEntry>();
    const { state } = this.#chain;
    const read = (index: bigint) => readStored(this.#chain.sql, index);
    const first = leavesOf(state, studio);
    if (first !== null) await gatherEntries(state, first, known, read);
    return this.#chain.prove(async (source) => {
      const leaves = leavesOf(state, studio);
      if (leaves === null) return null;
      const entries = await gatherEntries(state, leaves, known, read);
      return gameProofs(source.view(), leaves, entries);
    });
  }

  async entry(index: bigint): Promise<{ readonly entry: Entry; readonly bytes: Bytes } | null> {
    const row = await readEntry(this.#chain.sql, index);
    return row === null ? null : { entry: decodeEntry(row.body), bytes: row.body };
  }

  async blocks({ before, limit }: { readonly before?: bigint; readonly limit: number }): Promise<readonly BlockSummary[]> {
    const rows = await readBlocks(this.#chain.sql, before ?? null, limit);
    return rows.map((row) => this.#summary(row));
  }

  async block(height: bigint): Promise<BlockSummary | null> {
    const row = await readBlock(this.#chain.sql, height);
    return row === null ? null : this.#summary(row);
  }

  blocksAfter(height: bigint): AsyncIterable<CertifiedBlock> {
    return certifiedAfter(this.#chain.sql, height, (at) => this.#chain.configAt(at));
  }

  #summary(row: BlockRow): BlockSummary {
    const { height, header, headerHash, finality } = decodeBlock(row);
    return { height, header, headerHash, finality, signers: signersOf(finality, this.#chain.configAt(height)) };
  }

  #signersAt(height: bigint, finality: Bytes): readonly string[] {
    return signersOf(decodeFinalityRow(finality), this.#chain.configAt(height));
  }
}
