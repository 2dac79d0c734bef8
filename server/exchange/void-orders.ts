/**
 * Orders that an act outside the market has made void (`ledger.md` 6.1 and 12): an item on offer was sent away by its owner himself, moved
 * by a judgement, burned or changed; the key that signed was replaced. Certified blocks say whom it concerns, so that a turn asks about
 * those alone, and about everything once after a start.
 */
import type { CertifiedBlock } from '#ledger/node/types.ts';
import { type AccountId, accountIdBytes, accountIdOf, type OrderId } from '#ledger/primitives/ids.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { listMoved, listOpenAccounts, listStale } from './void-orders.repo.ts';

const REASONS = ['item_moved', 'version_conflict', 'key_epoch_stale'] as const;
export type VoidReason = (typeof REASONS)[number];

/** What blocks have moved and replaced since the last turn. */
export type OutsideActs = { readonly serials: Set<bigint>; readonly accounts: Set<AccountId>; isStart: boolean };

export const outsideActs = (): OutsideActs => ({ serials: new Set(), accounts: new Set(), isStart: true });

export function noteOutside(acts: OutsideActs, { txs }: Pick<CertifiedBlock, 'txs'>): void {
  for (const { entry, leaves } of txs) {
    const { op } = entry.env.body;
    // A Trade fills the orders that it moves items for; a Mint moves none.
    if (op.kind === 'trade' || op.kind === 'mint') continue;
    if (op.kind === 'account_rotate') acts.accounts.add(accountIdOf(op.acct));
    for (const each of leaves) if (each.reg === 1) acts.serials.add(each.leaf.serial);
  }
}

export type Voided = { readonly orderIds: readonly OrderId[]; readonly reason: VoidReason };

/** Which orders end, of what was noted. What is promised to a buyer (a payment from outside, publicity) comes to its own end first; it
 *  stays noted, like what is over the limit, and like everything when the caller fails before `done`. */
export async function listVoid(
  sql: Queryable,
  acts: OutsideActs,
  pending: StateView,
  limit: number,
): Promise<{ readonly voided: readonly Voided[]; done(): void }> {
  const { isStart } = acts;
  const [serials, asked] = [[...acts.serials], isStart ? await listOpenAccounts(sql) : [...acts.accounts]];
  const moved = isStart || serials.length > 0 ? await listMoved(sql, isStart ? null : serials, limit) : [];
  const rotated = asked.flatMap((acct) => {
    const keyEpoch = pending.accountById(accountIdBytes(acct))?.keyEpoch ?? 0;
    return keyEpoch === 0 ? [] : [{ acct, keyEpoch }];
  });
  const stale = rotated.length === 0 ? [] : await listStale(sql, rotated, limit);
  return {
    voided: REASONS.map((reason) => ({
      reason,
      orderIds: [...moved, ...stale].filter((order) => !order.isPromised && order.reason === reason).map(({ orderId }) => orderId),
    })),
    done: () => {
      if (moved.length === limit || stale.length === limit) return;
      acts.isStart = false;
      for (const serial of serials) acts.serials.delete(serial);
      for (const acct of asked) acts.accounts.delete(acct);
      for (const { isPromised, serial, acct } of [...moved, ...stale]) {
        if (!isPromised) continue;
        if (serial === null) acts.accounts.add(acct);
        else acts.serials.add(serial);
      }
    },
  };
}
