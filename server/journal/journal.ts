/** Chart of accounts and posting sets. A posting set is built balanced here and refused unbalanced by the database. */
import { assert } from '#ledger/primitives/assert.ts';
import type { AccountId, Branded } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';

export type JournalAccount = Branded<string, 'JournalAccount'>;
const POTS = ['available', 'held', 'coming', 'withdrawing', 'royalty', 'reserve'] as const;
export type Pot = (typeof POTS)[number];

/** A person's (or studio's) own money by what it waits for. */
export function potOf(pot: Pot, acct: AccountId): JournalAccount {
  return `${pot}:${acct}` as JournalAccount;
}
/** The operator's fees. */
export const FEE = 'fee' as JournalAccount;
/** The guarantee fund (product P-35): neither the operator's nor anybody's, with an account of its own at the institution. */
export const GUARANTEE = 'guarantee' as JournalAccount;
/** Mirror of the institution: minus everything that it holds for everybody else. */
export const PROVIDER = 'provider' as JournalAccount;

export const ENTRY_KINDS = [
  'deposit',
  'withdrawal',
  'withdrawal_paid',
  'withdrawal_failed',
  'hold',
  'release',
  'trade',
  'payout',
  'reserve',
  'reserve_freed',
  'fund_share',
  'guarantee',
  'compensation',
  'reversal',
  'refund',
  'opening',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export type Posting = { readonly account: JournalAccount; readonly amountFen: bigint };
export type JournalEntry = {
  readonly kind: EntryKind;
  readonly at: Instant;
  readonly tradeId: string | null;
  readonly orderId: string | null;
  readonly transferId: string | null;
  readonly corrects: bigint | null;
  readonly postings: readonly Posting[];
};

type EntryFacts = Partial<Pick<JournalEntry, 'tradeId' | 'orderId' | 'transferId' | 'corrects'>>;

/** Lines of zero are left out; what stays sums to zero. */
export function journalEntry(
  kind: EntryKind,
  at: Instant,
  facts: EntryFacts,
  lines: readonly (readonly [JournalAccount, bigint])[],
): JournalEntry {
  const postings = lines.filter(([, amount]) => amount !== 0n).map(([account, amountFen]) => ({ account, amountFen }));
  assert(postings.length > 0, 'an entry moves money');
  assert(postings.reduce((sum, posting) => sum + posting.amountFen, 0n) === 0n, `a posting set of kind ${kind} sums to zero`);
  return { kind, at, tradeId: null, orderId: null, transferId: null, corrects: null, ...facts, postings };
}

/** The same amounts between two accounts. */
export function transferEntry(
  kind: EntryKind,
  at: Instant,
  facts: EntryFacts,
  move: { readonly from: JournalAccount; readonly to: JournalAccount; readonly amountFen: bigint },
): JournalEntry {
  return journalEntry(kind, at, facts, [
    [move.from, -move.amountFen],
    [move.to, move.amountFen],
  ]);
}

/** Where the money lies at the institution: one account per person with pots, the operator's own for fees. */
export function providerPotOf(
  account: string,
): { readonly ref: string; readonly pot: 'free' | 'held' | 'pending' | 'leaving' | 'tax' } | null {
  if (account === PROVIDER) return null;
  if (account === FEE) return { ref: 'operator', pot: 'free' };
  if (account === GUARANTEE) return { ref: GUARANTEE, pot: 'free' };
  const [pot, ref = ''] = account.split(':');
  switch (pot) {
    case 'available':
    case 'royalty':
      return { ref, pot: 'free' };
    case 'held':
      return { ref, pot: 'held' };
    case 'coming':
      return { ref, pot: 'pending' };
    case 'reserve':
      return { ref, pot: 'tax' };
    default:
      return { ref, pot: 'leaving' };
  }
}
