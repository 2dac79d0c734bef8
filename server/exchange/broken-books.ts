/**
 * What stands still because books contradict each other about it (O-08): an item that two books give to different people is neither sold
 * nor given away, and money that does not add up is neither spent nor paid out, until a comparison finds them in agreement again. All
 * others go on.
 */
import type { AccountId, ItemId } from '#ledger/primitives/ids.ts';
import type { Sql } from '#server/db.ts';
import type { Break, BreakKind } from '#server/journal/breaks.repo.ts';
import { listAccountsOf, listItemsOf } from './broken-books.repo.ts';

const ABOUT_ITEMS: readonly BreakKind[] = [
  'item_hold_missing',
  'item_hold_stray',
  'custody_differs',
  'custody_hop_differs',
  'trade_items_differ',
  'trade_not_on_ledger',
  'gift_hold_differs',
  'gift_not_given',
];
const ABOUT_MONEY: readonly BreakKind[] = [
  'balance_differs',
  'money_hold_differs',
  'money_coming_differs',
  'buy_order_underfunded',
  'trade_entry_differs',
  'transfer_entry_differs',
  'provider_differs',
];
const ITEM = /^itm_[0-9a-f]{32}$/;
/** A pot names its account: `held:…`, or at the institution `… free`. */
const ACCOUNT = /[0-9a-f]{64}/;

export interface BrokenBooks {
  /** What a refusal says of it; null: the books agree about all of these. */
  of(accts: readonly AccountId[], itemIds: readonly ItemId[]): Readonly<Record<string, string>> | null;
  /** What the newest comparison found. */
  follow(breaks: readonly Break[]): Promise<void>;
}

export function createBrokenBooks(sql: Sql): BrokenBooks {
  let items: ReadonlySet<string> = new Set();
  let accounts: ReadonlySet<string> = new Set();
  return {
    of: (accts, itemIds) => {
      const itemId = itemIds.find((each) => items.has(each));
      if (itemId !== undefined) return { itemId };
      return accts.some((each) => accounts.has(each)) ? {} : null;
    },
    follow: async (breaks) => {
      const subjects = (kinds: readonly BreakKind[]) => breaks.filter(({ kind }) => kinds.includes(kind)).map(({ subject }) => subject);
      const [ofItems, ofMoney] = [subjects(ABOUT_ITEMS), subjects(ABOUT_MONEY)];
      const named = ofMoney.flatMap((subject) => ACCOUNT.exec(subject)?.[0] ?? []);
      const [itemIds, accts] = [await listItemsOf(sql, ofItems), await listAccountsOf(sql, ofMoney)];
      items = new Set([...ofItems.filter((subject) => ITEM.test(subject)), ...itemIds]);
      accounts = new Set([...named, ...accts]);
    },
  };
}
