/**
 * The journal that a market begins with after a takeover (product O-05). What everybody has is what the payment institution says; how it came
 * about is what the sealed trades of the ledger say; one opening entry per person is the rest, so that both agree. Pure.
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type EntryKind, FEE, GUARANTEE, type JournalAccount, PROVIDER, potOf } from '#server/journal/journal.ts';
import type { ProviderBalance } from '#server/payments/provider.ts';

export type SoldBefore = {
  readonly tradeId: string;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly studio: AccountId;
  readonly grossFen: bigint;
  readonly feeFen: bigint;
  readonly royaltyFen: bigint;
  readonly netFen: bigint;
  readonly payoutAt: Instant;
  readonly isReversed: boolean;
  /** The ledger has a claim about it that nobody has ruled on: its money was held back. */
  readonly isDisputed: boolean;
};

/** A request that the institution has taken and whose outcome the former operator had not been told. */
export type OpenRequest = {
  readonly transferId: string;
  readonly kind: 'deposit' | 'withdrawal';
  readonly acct: AccountId;
  readonly amountFen: bigint;
  /** Carried out there already. */
  readonly isDone: boolean;
};

export type OpeningEntry = {
  readonly kind: EntryKind;
  readonly tradeId: string | null;
  readonly transferId: string | null;
  readonly postings: readonly (readonly [JournalAccount, bigint])[];
  /** What the institution is still to do about it; what it has done long ago asks for nothing. */
  readonly movements: readonly ProviderBalance[];
};

export type OpeningBooks = {
  readonly entries: readonly OpeningEntry[];
  /** Sales whose proceeds still wait at the institution. */
  readonly unpaid: ReadonlySet<string>;
};

export type BooksToOpen = {
  readonly balances: readonly ProviderBalance[];
  readonly sales: readonly SoldBefore[];
  readonly requests: readonly OpenRequest[];
};

/** The institution's account of the operator's fees. */
const OPERATOR = 'operator';
const RESERVE = 'reserve';
/** Accounts there that are no person's and have one pot. */
const isOrganisation = (ref: string): boolean => ref === OPERATOR || ref === RESERVE || ref === GUARANTEE;
type Pots = Readonly<Record<'free' | 'held' | 'pending' | 'leaving' | 'tax', bigint>>;

export function openingBooks({ balances, sales, requests }: BooksToOpen): OpeningBooks {
  const pots = potsOf(balances);
  const unpaid = unpaidOf(sales, pots);
  const history = [...sales.flatMap((sale) => saleEntries(sale, unpaid)), ...requests.flatMap(requestEntries)];
  const moves = [...pots].flatMap(([ref, pot]) =>
    isOrganisation(ref) ? [] : releases(ref as AccountId, pot, { sales, unpaid, requests }),
  );
  const effect = sumsOf([...history, ...moves]);
  const wanted = finals(pots, moves, { sales, unpaid, requests });
  return { entries: [...openings(wanted, effect), ...history, ...moves], unpaid };
}

function potsOf(balances: readonly ProviderBalance[]): ReadonlyMap<string, Pots> {
  const pots = new Map<string, Pots>();
  for (const { ref, pot, amountFen } of balances) {
    if (ref === RESERVE || pot === 'bank') continue;
    const known = pots.get(ref) ?? { free: 0n, held: 0n, pending: 0n, leaving: 0n, tax: 0n };
    pots.set(ref, { ...known, [pot]: known[pot] + amountFen });
  }
  return pots;
}

/** The institution knows what waits for a seller, not for which sales: those in dispute and the latest ones, as far as they fit. */
function unpaidOf(sales: readonly SoldBefore[], pots: ReadonlyMap<string, Pots>): ReadonlySet<string> {
  const left = new Map([...pots].map(([ref, { pending }]) => [ref, pending]));
  const unpaid = new Set<string>();
  for (const sale of [...sales].sort((a, b) => Number(b.isDisputed) - Number(a.isDisputed) || b.payoutAt - a.payoutAt)) {
    const room = left.get(sale.seller) ?? 0n;
    if (sale.isReversed || sale.netFen === 0n || sale.netFen > room) continue;
    left.set(sale.seller, room - sale.netFen);
    unpaid.add(sale.tradeId);
  }
  return unpaid;
}

function saleEntries(sale: SoldBefore, unpaid: ReadonlySet<string>): readonly OpeningEntry[] {
  const { tradeId, seller, buyer, studio, grossFen, netFen, feeFen, royaltyFen } = sale;
  const lines: OpeningEntry['postings'] = [
    [potOf('available', buyer), -grossFen],
    [potOf('coming', seller), netFen],
    [FEE, feeFen],
    [potOf('royalty', studio), royaltyFen],
  ];
  const trade = entry('trade', { tradeId }, lines);
  if (sale.isReversed) return [trade, entry('reversal', { tradeId }, negated(lines))];
  if (unpaid.has(tradeId) || netFen === 0n) return [trade];
  return [trade, entry('payout', { tradeId }, moved(potOf('coming', seller), potOf('available', seller), netFen))];
}

function requestEntries({ transferId, kind, acct, amountFen, isDone }: OpenRequest): readonly OpeningEntry[] {
  if (kind === 'withdrawal') {
    const set = entry('withdrawal', { transferId }, moved(potOf('available', acct), potOf('withdrawing', acct), amountFen));
    return isDone ? [set, entry('withdrawal_paid', { transferId }, moved(potOf('withdrawing', acct), PROVIDER, amountFen))] : [set];
  }
  return isDone ? [entry('deposit', { transferId }, moved(PROVIDER, potOf('available', acct), amountFen))] : [];
}

type Known = Pick<BooksToOpen, 'sales' | 'requests'> & { readonly unpaid: ReadonlySet<string> };

const comingOf = (ref: string, { sales, unpaid }: Known): bigint =>
  sales.reduce((sum, sale) => (sale.seller === ref && unpaid.has(sale.tradeId) ? sum + sale.netFen : sum), 0n);
const withdrawingOf = (ref: string, { requests }: Known): bigint =>
  requests.reduce(
    (sum, { kind, acct, amountFen, isDone }) => (acct === ref && kind === 'withdrawal' && !isDone ? sum + amountFen : sum),
    0n,
  );

/** Open orders are over, so what was held for them is free; so is what waits for nothing that is known. Who takes part in an experiment is not
 *  known here, so nobody's tax is kept back any longer. */
function releases(ref: AccountId, pots: Pots, known: Known): readonly OpeningEntry[] {
  const free = potOf('available', ref);
  const loose = [
    { from: potOf('held', ref), pot: 'held', fen: pots.held },
    { from: potOf('coming', ref), pot: 'pending', fen: pots.pending - comingOf(ref, known) },
    { from: potOf('reserve', ref), pot: 'tax', fen: pots.tax },
    { from: potOf('withdrawing', ref), pot: 'leaving', fen: pots.leaving - withdrawingOf(ref, known) },
  ] as const;
  return loose.flatMap(({ from, pot, fen }) =>
    fen === 0n
      ? []
      : [
          {
            ...entry('release', {}, moved(from, free, fen)),
            movements: [
              { ref, pot, amountFen: -fen },
              { ref, pot: 'free', amountFen: fen },
            ],
          },
        ],
  );
}

/** Where every account of the journal must stand in the end. */
function finals(pots: ReadonlyMap<string, Pots>, moves: readonly OpeningEntry[], known: Known): ReadonlyMap<JournalAccount, bigint> {
  const released = sumsOf(moves);
  const wanted = new Map<JournalAccount, bigint>();
  for (const [ref, { free }] of pots) {
    if (ref === OPERATOR) {
      wanted.set(FEE, free);
      continue;
    }
    if (ref === GUARANTEE) {
      wanted.set(GUARANTEE, free);
      continue;
    }
    const acct = ref as AccountId;
    const earned = known.sales.reduce((sum, sale) => (sale.studio === acct && !sale.isReversed ? sum + sale.royaltyFen : sum), 0n);
    const total = free + (released.get(potOf('available', acct)) ?? 0n);
    const royalty = earned < total ? earned : total;
    wanted.set(potOf('royalty', acct), royalty);
    wanted.set(potOf('available', acct), total - royalty);
    wanted.set(potOf('coming', acct), comingOf(acct, known));
    wanted.set(potOf('withdrawing', acct), withdrawingOf(acct, known));
  }
  return wanted;
}

function openings(wanted: ReadonlyMap<JournalAccount, bigint>, effect: ReadonlyMap<JournalAccount, bigint>): readonly OpeningEntry[] {
  const accounts = [...new Set([...wanted.keys(), ...effect.keys()])].filter((account) => account !== PROVIDER).sort();
  const byOwner = Map.groupBy(accounts, (account) => account.split(':')[1] ?? account);
  return [...byOwner.values()].flatMap((own) => {
    const lines = own
      .map((account) => [account, (wanted.get(account) ?? 0n) - (effect.get(account) ?? 0n)] as const)
      .filter(([, fen]) => fen !== 0n);
    if (lines.length === 0) return [];
    const total = lines.reduce((sum, [, fen]) => sum + fen, 0n);
    return [entry('opening', {}, [...lines, [PROVIDER, -total]])];
  });
}

function sumsOf(entries: readonly OpeningEntry[]): Map<JournalAccount, bigint> {
  const sums = new Map<JournalAccount, bigint>();
  for (const { postings } of entries) for (const [account, fen] of postings) sums.set(account, (sums.get(account) ?? 0n) + fen);
  return sums;
}

function entry(
  kind: EntryKind,
  facts: { readonly tradeId?: string; readonly transferId?: string },
  postings: OpeningEntry['postings'],
): OpeningEntry {
  return { kind, tradeId: null, transferId: null, ...facts, postings: postings.filter(([, fen]) => fen !== 0n), movements: [] };
}

const moved = (from: JournalAccount, to: JournalAccount, fen: bigint): OpeningEntry['postings'] => [
  [from, -fen],
  [to, fen],
];
const negated = (lines: OpeningEntry['postings']): OpeningEntry['postings'] => lines.map(([account, fen]) => [account, -fen]);
