/** One final block onto the certified chain: state in memory, LedgerTx that waited, tables in one database transaction, listeners. */
import type { BlockTx } from '#ledger/block/block.ts';
import type { ConsortiumConfig } from '#ledger/codec/config.ts';
import { encodeFinality, encodeHeader } from '#ledger/codec/header.ts';
import type { CertifiedBlock as CertifiedBody } from '#ledger/codec/peer-body.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import type { CertifiedChain } from '../certified-chain.ts';
import { besideBlock, isDisplaced } from '../displaced.ts';
import { bodiesOf, entryRow, lastOfEach, signersOf } from '../seal.ts';
import type { BlockWrite } from '../store/blocks.ts';
import { deleteProposals } from '../store/consortium.ts';
import { storeBlock } from '../store-block.ts';
import type { CertifiedTx } from '../types.ts';
import type { BlockExecutor } from './block-executor.ts';
import type { Settled, TxDesk } from './tx-desk.ts';

export interface CertifyBlock {
  readonly chain: CertifiedChain;
  readonly desk: TxDesk;
  readonly executor: BlockExecutor;
  readonly block: CertifiedBody;
  /** That the header names. */
  readonly config: ConsortiumConfig;
  /** Refused by the rounds; code by txId in hex. */
  readonly named: ReadonlyMap<string, string>;
}

export type CertifyOutcome =
  /** It does not follow from this member's state: nothing has changed. */
  { readonly kind: 'unsound' } | { readonly kind: 'stored'; readonly settled: readonly Bytes[] };

/** Bodies of this many heights below the tip are kept for peers that are a little behind. */
const BODIES_KEPT = 64n;

/** Resolves when the block is durable. @throws when the disk refuses it: memory is then ahead of it, and only a restart may go on */
export function certifyBlock(work: CertifyBlock): Promise<CertifyOutcome> {
  const { chain, desk, block } = work;
  return chain.lock.run(async () => {
    chain.assertRunning();
    const moved = await desk.between(async () => {
      const next = move(work);
      // Nobody may be sequenced on a state that the books do not follow yet.
      if (next !== null && isDisplaced(next.settled.displaced)) await store(work, next);
      return next;
    });
    if (moved === null) return { kind: 'unsound' };
    if (!isDisplaced(moved.settled.displaced)) await store(work, moved);
    const { settled, certified } = moved;
    const { header, finality } = block;
    if (header.height % BODIES_KEPT === 0n) await deleteProposals(chain.sql, header.height - BODIES_KEPT);
    for (const { txId, code } of settled.refused) chain.log.error('a LedgerTx that waited was refused', { txId: toHex(txId), code });
    chain.announce({
      height: header.height,
      header,
      headerHash: headerHash(header),
      finality,
      signers: signersOf(finality, work.config),
      txs: certified,
      refused: settled.refused,
      displaced: settled.displaced,
    });
    return { kind: 'stored', settled: settled.txIds };
  });
}

interface Moved {
  readonly txs: readonly BlockTx[];
  readonly settled: Settled;
  readonly certified: readonly CertifiedTx[];
}

/** Synchronous, between two groups: nobody sees a state that is half moved. */
function move({ chain, desk, executor, block, config, named }: CertifyBlock): Moved | null {
  const { header, finality, entries } = block;
  const txs = executor.absorb({ header, entries }, config);
  if (txs === null) return null;
  const entered = new Set(txs.map((tx) => toHex(tx.txId)));
  chain.moveTo({ header, headerHash: headerHash(header), finality, lastSeq: chain.tip.lastSeq });
  const settled = desk.settle(entered, named, lastOfEach(txs));
  chain.moveTo({ header, headerHash: headerHash(header), finality, lastSeq: settled.lastSeq });
  const certified = txs.map((tx): CertifiedTx => {
    const { txId, index, entry, applied } = tx;
    return { txId, seq: settled.seqOf(txId), index, pos: entry.pos, entry, leaves: applied.leaves };
  });
  return { txs, settled, certified };
}

async function store(work: CertifyBlock, { txs, settled, certified }: Moved): Promise<void> {
  const { chain, desk, block } = work;
  const { displaced: serials } = settled;
  const isOtherwise = isDisplaced(serials);
  const { length: items } = serials.items;
  if (isOtherwise)
    chain.log.info('a block decides otherwise than sequenced', { height: block.header.height, items, classes: serials.classes.length });
  const displaced = {
    ...serials,
    foreign: certified.filter((tx) => tx.seq === 0n),
    sealedAt: block.header.sealedAt,
    pending: desk.pending,
  };
  await storeBlock(chain.sql, writeOf(work, txs, settled), chain.log, !isOtherwise ? null : besideBlock(desk.onDisplaced, displaced));
}

function writeOf({ chain, block }: CertifyBlock, txs: readonly BlockTx[], settled: Settled): BlockWrite {
  const { header, finality } = block;
  return {
    block: {
      height: header.height,
      epoch: header.epoch,
      header: encodeHeader(header),
      headerHash: headerHash(header),
      finality: encodeFinality(finality),
      logSize: header.logSize,
      lastSeq: settled.lastSeq,
    },
    vote: null,
    entries: txs.map((tx) => entryRow(tx, header.height, chain.state.log.leafHash(Number(tx.index)))),
    leaves: lastOfEach(txs),
    bodies: txs.flatMap((tx) => bodiesOf(tx.applied)),
    firstSeq: null,
    refused: settled.refused.filter((each) => each.seq > 0n),
  };
}
