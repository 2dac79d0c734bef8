/** What the feeds of market and finance say, as facts for the detectors. Money of a trade is the price of an item and no payment of its own:
 *  payments are what comes in from outside and what leaves. */
import { beijingDate, instant } from '#ledger/primitives/instant.ts';
import type { Fact } from '#sandbox/surveillance/facts.ts';
import type { FeedRow } from './facts.repo.ts';

export type TradeFacts = ReadonlyMap<string, { readonly items: readonly string[]; readonly issuer: string }>;

/** The other side of an account's own bank card. */
const outside = (account: string) => `bank:${account}`;

type Body = Readonly<Record<string, unknown>>;

export function parseBody({ body }: FeedRow): Body {
  const value: unknown = JSON.parse(body);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function tradeIdsOf(rows: readonly FeedRow[]): readonly string[] {
  return rows.flatMap((row) => (row.type === 'mkt.trade' ? textOf(parseBody(row), 'tradeId') : []));
}

export function payersOf(rows: readonly FeedRow[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => (row.type === 'fin.payment' ? (paymentOf(row)?.account ?? []) : [])))];
}

/** In the order of their time; those of one moment: accounts and money before trades, so that a purchase knows its payment. */
export function factsFromFeed(rows: readonly FeedRow[], trades: TradeFacts, knownPayers: ReadonlySet<string>): readonly Fact[] {
  const known = new Set(knownPayers);
  const facts = rows.flatMap((row): readonly Fact[] => {
    const at = row.at.getTime();
    if (row.type === 'mkt.trade') return tradeFact(parseBody(row), at, trades);
    if (row.type === 'mkt.gift') return giftFact(parseBody(row), at);
    if (row.type === 'mkt.self_trade.refused') return attemptFact(parseBody(row), at);
    if (row.type === 'mkt.order') return orderFact(parseBody(row), at);
    if (row.type === 'case.state') return claimFacts(parseBody(row), at);
    if (row.type !== 'fin.payment') return [];
    const payment = paymentOf(row);
    if (payment === null) return [];
    const { account, id, amountFen, isIn } = payment;
    const fact: Fact = isIn
      ? { kind: 'payment', id, at, from: outside(account), to: account, amountFen }
      : { kind: 'payment', id, at, from: account, to: outside(account), amountFen };
    if (!isIn || known.has(account)) return [fact];
    known.add(account);
    return [{ kind: 'instrument', id: `instrument:${account}`, at, account }, fact];
  });
  return facts.toSorted((a, b) => a.at - b.at || rank(a) - rank(b));
}

function rank(fact: Fact): number {
  if (fact.kind === 'dispute' || fact.kind === 'signal') return 3;
  return fact.kind === 'trade' || fact.kind === 'gift' ? 2 : fact.kind === 'order' || fact.kind === 'attempt' ? 1 : 0;
}

function textOf(body: Body, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

function tradeFact(body: Body, at: number, trades: TradeFacts): readonly Fact[] {
  const id = textOf(body, 'tradeId');
  const more = trades.get(id);
  const freeAt = Date.parse(textOf(body, 'transferableFrom'));
  if (id === '' || more === undefined) return [];
  return [
    {
      kind: 'trade',
      id,
      at,
      itemIds: more.items,
      classId: textOf(body, 'classId'),
      seller: textOf(body, 'sellerRef'),
      buyer: textOf(body, 'buyerRef'),
      priceFen: BigInt(textOf(body, 'priceFen')),
      quantity: Number(body.quantity),
      issuer: more.issuer,
      ...(Number.isNaN(freeAt) ? {} : { freeAt }),
    },
  ];
}

function giftFact(body: Body, at: number): readonly Fact[] {
  const id = textOf(body, 'giftId');
  if (id === '') return [];
  const [itemId, classId] = [textOf(body, 'itemId'), textOf(body, 'classId')];
  return [{ kind: 'gift', id, at, itemId, classId, from: textOf(body, 'giverRef'), to: textOf(body, 'recipientRef') }];
}

/** A claim says that the buyer's payment is disputed, or that a child has bought. */
function claimFacts(body: Body, at: number): readonly Fact[] {
  const [claimId, tradeId, account] = [textOf(body, 'caseId'), textOf(body, 'tradeId'), textOf(body, 'claimantRef')];
  if (textOf(body, 'kind') !== 'claim_opened' || tradeId === '' || account === '') return [];
  switch (textOf(body, 'claimKind')) {
    case 'payment_disputed':
      return [{ kind: 'dispute', id: `dispute:${claimId}`, at, tradeId }];
    case 'minor_purchase':
      return [{ kind: 'signal', id: `signal:guardian:${claimId}`, at, account, signal: 'guardian_complaint' }];
    default:
      return [];
  }
}

/** The same two about the same kind on one day: one attempt, however often the page asks. */
function attemptFact(body: Body, at: number): readonly Fact[] {
  const [from, to, classId] = [textOf(body, 'playerRef'), textOf(body, 'otherRef'), textOf(body, 'classId')];
  if (from === '' || to === '') return [];
  return [{ kind: 'attempt', id: `attempt:${beijingDate(instant(at))}:${from}:${to}:${classId}`, at, from, to, classId }];
}

function orderFact(body: Body, at: number): readonly Fact[] {
  const status = textOf(body, 'status');
  const change = status === 'new' ? 'placed' : status === 'canceled' ? 'canceled' : null;
  if (change === null) return [];
  const valueFen = BigInt(textOf(body, 'priceFen')) * BigInt(Number(body.quantity));
  return [
    {
      kind: 'order',
      id: textOf(body, 'orderId'),
      at,
      change,
      account: textOf(body, 'playerRef'),
      classId: textOf(body, 'classId'),
      side: body.side === 'sell' ? 'sell' : 'buy',
      valueFen,
    },
  ];
}

const KINDS: Readonly<Record<string, boolean>> = { payIn: true, payout: false };

function paymentOf(
  row: FeedRow,
): { readonly account: string; readonly id: string; readonly amountFen: bigint; readonly isIn: boolean } | null {
  const body = parseBody(row);
  const isIn = KINDS[textOf(body, 'kind')];
  const amount = textOf(body, 'amountFen');
  if (isIn === undefined || !/^[1-9]\d*$/.test(amount)) return null;
  const postings: readonly unknown[] = Array.isArray(body.postings) ? body.postings : [];
  const account = postings
    .map(
      (posting) =>
        /:([0-9a-f]{64})$/.exec(
          typeof posting === 'object' && posting !== null && 'account' in posting ? String(posting.account) : '',
        )?.[1],
    )
    .find((ref) => ref !== undefined);
  return account === undefined ? null : { account, id: textOf(body, 'paymentId'), amountFen: BigInt(amount), isIn };
}
