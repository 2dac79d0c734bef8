/** From sequenced LedgerTx to the rows of custody: pure. The ledger decides who holds an item; these rows only repeat it. */
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdOf, type ClassId, type ItemId, type TradeId, tradeIdOf } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { classIdFrom, itemIdOf } from '#ledger/tx/ids.ts';

export const BURNED = 1;

export type Hop = {
  readonly itemId: ItemId;
  readonly ver: bigint;
  readonly act: 'issued' | 'sold' | 'given' | 'returned' | 'court';
  readonly at: Instant;
  readonly fromAcct: AccountId | null;
  readonly toAcct: AccountId;
  readonly tradeId: TradeId | null;
  readonly txId: Bytes;
};
export type NewItem = {
  readonly itemId: ItemId;
  readonly serial: bigint;
  readonly classId: ClassId;
  readonly unitNo: number;
  readonly owner: AccountId;
  readonly at: Instant;
  readonly txId: Bytes;
};
/** What the ledger says of an item that existed before. */
export type ItemChange = {
  readonly serial: bigint;
  readonly owner: AccountId | null;
  readonly ver: bigint;
  readonly isBurned: boolean;
  readonly protectedUntil: Instant | null;
  readonly frozenUntil: Instant | null;
  readonly hop: Omit<Hop, 'itemId' | 'fromAcct'> | null;
  readonly txId: Bytes;
};
export type CustodyChanges = { readonly minted: readonly NewItem[]; readonly changed: readonly ItemChange[] };

/** `pending` is the state after the group. */
export function custodyChanges(
  sequenced: readonly { readonly env: TxEnv; readonly result: Sequenced }[],
  pending: Pick<StateView, 'classById'>,
  at: Instant,
): CustodyChanges {
  const minted: NewItem[] = [];
  const changed: ItemChange[] = [];
  for (const { env, result } of sequenced) {
    if (result.replayed) continue;
    if (env.body.op.kind === 'mint') minted.push(...newItems(result, pending, at));
    else for (const leaf of result.items) changed.push(changeOf(env, result, leaf, at));
  }
  return { minted, changed };
}

function newItems(result: Sequenced, pending: Pick<StateView, 'classById'>, at: Instant): readonly NewItem[] {
  const next = new Map<number, bigint>();
  for (const leaf of result.classes) {
    const here = result.items.filter((item) => item.cls === Number(leaf.serial)).length;
    next.set(Number(leaf.serial), leaf.minted - BigInt(here));
  }
  return result.items.map((leaf) => {
    const classLeaf = pending.classById(leaf.cls);
    const before = next.get(leaf.cls);
    assert(classLeaf !== null && before !== undefined, 'a minted item has its class among the leaves of the Mint');
    next.set(leaf.cls, before + 1n);
    return {
      itemId: itemIdOf(classLeaf.issuer, classLeaf.ext, leaf.ext),
      serial: leaf.serial,
      classId: classIdFrom(classLeaf.issuer, classLeaf.ext),
      unitNo: Number(before + 1n),
      owner: accountIdOf(leaf.owner),
      at,
      txId: result.txId,
    };
  });
}

const ACTS = { trade: 'sold', transfer: 'given', trade_reverse: 'returned', court_order: 'court' } as const;

function changeOf(env: TxEnv, result: Sequenced, leaf: ItemLeaf, at: Instant): ItemChange {
  const { op } = env.body;
  const isBurned = (leaf.flags & BURNED) !== 0;
  const act =
    op.kind === 'trade' || op.kind === 'transfer' || op.kind === 'trade_reverse' || op.kind === 'court_order' ? ACTS[op.kind] : null;
  const owner = isBurned ? null : accountIdOf(leaf.owner);
  return {
    serial: leaf.serial,
    owner,
    ver: leaf.ver,
    isBurned,
    protectedUntil: untilOf(leaf.protectedUntil),
    frozenUntil: untilOf(leaf.frozenUntil),
    hop:
      act === null || owner === null
        ? null
        : { ver: leaf.ver, act, at, toAcct: owner, tradeId: op.kind === 'trade' ? tradeIdOf(op.tradeId) : null, txId: result.txId },
    txId: result.txId,
  };
}

/** 0 on the ledger: never. */
export function untilOf(ms: bigint): Instant | null {
  return ms === 0n ? null : instant(Number(ms < 253_402_300_799_999n ? ms : 253_402_300_799_999n));
}
