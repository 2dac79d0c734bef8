import { expect, test } from 'vitest';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { FEE, PROVIDER, potOf, providerPotOf } from '#server/journal/journal.ts';
import type { ProviderBalance, ProviderPot } from '#server/payments/provider.ts';
import { type BooksToOpen, type OpeningBooks, openingBooks, type SoldBefore } from './opening-books.ts';
import { noteStatement } from './read-chain.ts';
import { payoutAfterTakeover } from './restore-trades.repo.ts';

const acct = (letter: string) => parseAccountId(letter.repeat(64));
const [amy, bob, studio] = [acct('a'), acct('b'), acct('c')];
const pot = (ref: string, name: ProviderPot, amountFen: bigint): ProviderBalance => ({ ref, pot: name, amountFen });
const sale = (tradeId: string, day: number, netFen = 930n): SoldBefore => ({
  tradeId,
  seller: amy,
  buyer: bob,
  studio,
  grossFen: netFen + 70n,
  feeFen: 50n,
  royaltyFen: 20n,
  netFen,
  payoutAt: instant(day * 86_400_000),
  isReversed: false,
  isDisputed: false,
});

/** Balances of the journal, and what the institution has once it has followed the instructions. */
function after({ entries }: OpeningBooks, balances: readonly ProviderBalance[]) {
  const ours = new Map<string, bigint>();
  const theirs = new Map(balances.map(({ ref, pot: name, amountFen }) => [`${ref} ${name}`, amountFen]));
  for (const { postings, movements } of entries) {
    expect(postings.reduce((sum, [, fen]) => sum + fen, 0n)).toBe(0n);
    for (const [account, fen] of postings) ours.set(account, (ours.get(account) ?? 0n) + fen);
    for (const { ref, pot: name, amountFen } of movements) theirs.set(`${ref} ${name}`, (theirs.get(`${ref} ${name}`) ?? 0n) + amountFen);
  }
  const mapped = new Map<string, bigint>();
  for (const [account, fen] of ours) {
    const place = providerPotOf(account);
    const key = place === null ? 'reserve bank' : `${place.ref} ${place.pot}`;
    mapped.set(key, (mapped.get(key) ?? 0n) + fen);
  }
  const kept = (sums: ReadonlyMap<string, bigint>) => [...sums].filter(([, fen]) => fen !== 0n).sort();
  expect(kept(mapped)).toEqual(kept(theirs));
  return ours;
}

const open = (given: BooksToOpen) => {
  const books = openingBooks(given);
  return { books, ours: after(books, given.balances) };
};

test('everybody has what the institution says, and each sale stands with its own entry', () => {
  const { books, ours } = open({
    balances: [
      pot('reserve', 'bank', -5_000n),
      pot(amy, 'free', 930n),
      pot(amy, 'pending', 930n),
      pot(bob, 'free', 3_000n),
      pot('operator', 'free', 100n),
      pot(studio, 'free', 40n),
    ],
    sales: [sale('old', 1), sale('new', 8)],
    requests: [],
  });
  expect(books.unpaid).toEqual(new Set(['new']));
  expect(ours.get(potOf('coming', amy))).toBe(930n);
  expect(ours.get(potOf('royalty', studio))).toBe(40n);
  expect(ours.get(FEE)).toBe(100n);
  expect(ours.get(PROVIDER)).toBe(-5_000n);
  expect(books.entries.filter(({ kind, tradeId }) => kind === 'trade' && tradeId === 'old')).toHaveLength(1);
  expect(books.entries.filter(({ kind }) => kind === 'payout').map(({ tradeId }) => tradeId)).toEqual(['old']);
});

test('what was held for open orders is free, and the institution is told so', () => {
  const { books, ours } = open({
    balances: [pot('reserve', 'bank', -900n), pot(bob, 'free', 100n), pot(bob, 'held', 800n)],
    sales: [],
    requests: [],
  });
  expect(ours.get(potOf('available', bob))).toBe(900n);
  expect(ours.get(potOf('held', bob))).toBe(0n);
  expect(books.entries.flatMap(({ movements }) => movements)).toEqual([pot(bob, 'held', -800n), pot(bob, 'free', 800n)]);
});

test('what was kept for taxes is free, since nobody knows here who takes part in what', () => {
  const { books, ours } = open({
    balances: [pot('reserve', 'bank', -23_198n), pot(amy, 'tax', 23_198n)],
    sales: [],
    requests: [],
  });
  expect(ours.get(potOf('available', amy))).toBe(23_198n);
  expect(ours.get(potOf('reserve', amy))).toBe(0n);
  expect(books.entries.flatMap(({ movements }) => movements)).toEqual([pot(amy, 'tax', -23_198n), pot(amy, 'free', 23_198n)]);
});

test('a payout on its way stays on its way, and a deposit that came without a word is there', () => {
  const { ours } = open({
    balances: [pot('reserve', 'bank', -750n), pot(amy, 'leaving', 250n), pot(bob, 'free', 500n)],
    sales: [],
    requests: [
      { transferId: 'pay_1', kind: 'withdrawal', acct: amy, amountFen: 250n, isDone: false },
      { transferId: 'pay_2', kind: 'deposit', acct: bob, amountFen: 500n, isDone: true },
    ],
  });
  expect(ours.get(potOf('withdrawing', amy))).toBe(250n);
  expect(ours.get(potOf('available', bob))).toBe(500n);
});

test('proceeds that fit no sale are free instead of lost', () => {
  const { books, ours } = open({
    balances: [pot('reserve', 'bank', -700n), pot(amy, 'pending', 700n)],
    sales: [sale('new', 8)],
    requests: [],
  });
  expect(books.unpaid.size).toBe(0);
  expect(ours.get(potOf('available', amy))).toBe(700n);
});

test('a reversed sale leaves nothing behind', () => {
  const { ours } = open({
    balances: [pot('reserve', 'bank', -1_000n), pot(bob, 'free', 1_000n)],
    sales: [{ ...sale('undone', 8), isReversed: true }],
    requests: [],
  });
  expect(ours.get(potOf('coming', amy)) ?? 0n).toBe(0n);
  expect(ours.get(potOf('available', bob))).toBe(1_000n);
});

test('money that waits at the institution is that of a sale in dispute before that of a later one', () => {
  const given = (isDisputed: boolean) => ({
    balances: [
      pot('reserve', 'bank', -2_000n),
      pot(amy, 'free', 930n),
      pot(amy, 'pending', 930n),
      pot('operator', 'free', 100n),
      pot(studio, 'free', 40n),
    ],
    sales: [{ ...sale('old', 1), isDisputed }, sale('new', 8)],
    requests: [],
  });
  expect(openingBooks(given(true)).unpaid).toEqual(new Set(['old']));
  expect(openingBooks(given(false)).unpaid).toEqual(new Set(['new']));
});

test('a sale that was in dispute waits seven days for a new claim, one that a supervisor ruled on does not', () => {
  const now = instant(20 * 86_400_000);
  const due = instant(8 * 86_400_000);
  expect(payoutAfterTakeover({ payoutAt: due, isDisputed: true, isUnpaid: true }, now)).toBe(instant(27 * 86_400_000));
  expect(payoutAfterTakeover({ payoutAt: due, isDisputed: true, isUnpaid: false }, now)).toBe(due);
  const [operator, supervisor] = [Uint8Array.of(1), Uint8Array.of(2)];
  const disputes = new Map();
  noteStatement(disputes, 5n, { by: operator, at: now });
  noteStatement(disputes, 5n, { by: operator, at: now });
  expect([...disputes.keys()]).toEqual([5n]);
  noteStatement(disputes, 5n, { by: supervisor, at: now });
  expect(disputes.size).toBe(0);
});
