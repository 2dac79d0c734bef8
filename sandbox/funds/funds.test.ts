/** Following money keeps every fen: over random journals, in both directions, to the last step and cut short, drawn singly and in groups. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FundsGraph, type FundsNode, toGraph } from './draw.ts';
import { groupFunds } from './group.ts';
import { type FundsEntry, isEnd, movementsOf } from './movements.ts';
import { positionsOf } from './positions.ts';
import { setTaxAside } from './tax-reserve.ts';
import { traceInMemory } from './trace.ts';

const PEOPLE = ['a', 'b', 'c', 'd'] as const;
const ALL = 1_000;

type Draw = { readonly act: number; readonly who: number; readonly whom: number; readonly amount: number };

/** A journal as the market writes it: nobody spends what isn't there. */
function journalFrom(draws: readonly Draw[]): readonly FundsEntry[] {
  const entries: FundsEntry[] = [];
  const balances = new Map<string, bigint>();
  const open: { id: string; seller: string; net: bigint }[] = [];
  const reserved: { id: string; seller: string; net: bigint }[] = [];
  const balanceOf = (account: string) => balances.get(account) ?? 0n;
  const pocketOf = (account: string, ref: string) => (/^(coming|held|withdrawing|reserve):/.test(account) ? `${account}#${ref}` : account);
  const write = (kind: string, ref: string, tradeId: string | null, lines: readonly (readonly [string, bigint])[]) => {
    const postings = lines
      .filter(([, amount]) => amount !== 0n)
      .map(([account, amountFen], line) => ({ line, account, pocket: pocketOf(account, ref), amountFen }));
    if (postings.length === 0) return;
    for (const { account, amountFen } of postings) balances.set(account, balanceOf(account) + amountFen);
    const entryId = BigInt(entries.length + 1);
    entries.push({ entryId, kind, at: '', tradeId, orderId: null, transferId: null, providerNo: null, postings });
  };
  draws.forEach(({ act, who, whom, amount }, index) => {
    const [person, other] = [PEOPLE[who] ?? 'a', PEOPLE[whom] ?? 'b'];
    const free = balanceOf(`available:${person}`);
    const sum = BigInt(amount) < free ? BigInt(amount) : free;
    if (act === 0)
      write('deposit', 'x', null, [
        ['provider', -BigInt(amount)],
        [`available:${person}`, BigInt(amount)],
      ]);
    if (act === 1 && sum > 0n && person !== other) {
      const [fee, royalty] = [sum / 20n, sum / 50n];
      const [id, net] = [`t${index}`, sum - fee - royalty];
      write('trade', id, id, [
        [`available:${person}`, -sum],
        [`coming:${other}`, net],
        ['fee', fee],
        ['royalty:s', royalty],
      ]);
      open.push({ id, seller: other, net });
    }
    if (act === 2) {
      const trade = open.shift();
      if (trade !== undefined) {
        // A part may be kept for taxes, and comes free later.
        const kept = amount % 3 === 0 ? trade.net / 4n : 0n;
        write('payout', trade.id, trade.id, [
          [`coming:${trade.seller}`, kept - trade.net],
          [`available:${trade.seller}`, trade.net - kept],
        ]);
        write('reserve', trade.id, trade.id, [
          [`coming:${trade.seller}`, -kept],
          [`reserve:${trade.seller}`, kept],
        ]);
        if (kept > 0n) reserved.push({ ...trade, net: kept });
      }
    }
    if (act === 4) {
      const trade = reserved.shift();
      if (trade !== undefined)
        write('reserve_freed', trade.id, trade.id, [
          [`reserve:${trade.seller}`, -trade.net],
          [`available:${trade.seller}`, trade.net],
        ]);
    }
    if (act === 3 && sum > 0n) {
      write('withdrawal', `w${index}`, null, [
        [`available:${person}`, -sum],
        [`withdrawing:${person}`, sum],
      ]);
      write('withdrawal_paid', `w${index}`, null, [
        [`withdrawing:${person}`, -sum],
        ['provider', sum],
      ]);
    }
  });
  return entries;
}
const journals = fc
  .array(
    fc.record({
      act: fc.integer({ min: 0, max: 4 }),
      who: fc.integer({ min: 0, max: 3 }),
      whom: fc.integer({ min: 0, max: 3 }),
      amount: fc.integer({ min: 1, max: 500 }),
    }),
    { maxLength: 60 },
  )
  .map(journalFrom);

function balanceOfNode(n: FundsNode): readonly [bigint, bigint] {
  return [n.inFen + n.earlierFen + n.againFen, n.outFen + n.staysFen + n.furtherFen + n.onwardFen];
}
function expectBalanced({ nodes, edges }: FundsGraph): void {
  const sum = (id: string, side: 'from' | 'to') => edges.reduce((total, edge) => (edge[side] === id ? total + edge.amountFen : total), 0n);
  for (const node of nodes) {
    const [came, went] = balanceOfNode(node);
    expect(came, node.id).toBe(went);
    expect([sum(node.id, 'to'), sum(node.id, 'from')], node.id).toEqual([node.inFen, node.outFen]);
    for (const fen of [node.earlierFen, node.againFen, node.staysFen, node.furtherFen, node.onwardFen]) expect(fen >= 0n).toBe(true);
  }
}

test('money followed from where it came in lies, at the end, where the balances say, to the fen', () => {
  fc.assert(
    fc.property(journals, (entries) => {
      const positions = positionsOf(entries);
      const seeds = positions.movements.filter(({ from }) => isEnd(from.account));
      const graph = toGraph(traceInMemory({ seeds, back: 0, forth: ALL, person: null }, positions));
      expectBalanced(graph);
      const balances = new Map<string, bigint>();
      for (const { account, amountFen } of entries.flatMap(({ postings }) => postings))
        if (!isEnd(account)) balances.set(account, (balances.get(account) ?? 0n) + amountFen);
      for (const [account, balance] of balances) {
        const [role, acct] = account.split(':');
        const found = graph.nodes.filter((node) => node.role === role && node.acct === acct);
        expect(
          found.reduce((total, node) => total + node.staysFen, 0n),
          account,
        ).toBe(balance);
        expect(found.every(({ furtherFen }) => furtherFen === 0n)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

test('money followed back from any trade comes from outside as a whole, and at every node balances however soon the tracing stops', () => {
  fc.assert(
    fc.property(journals, fc.nat(), fc.nat(4), fc.nat(4), fc.integer({ min: 12, max: 30 }), (entries, pick, back, forth, most) => {
      const positions = positionsOf(entries);
      const trades = entries.filter(({ kind }) => kind === 'trade');
      const trade = trades[pick % Math.max(1, trades.length)];
      if (trade === undefined) return;
      const seeds = movementsOf(trade);
      const gross = seeds.reduce((sum, { amountFen }) => sum + amountFen, 0n);
      const whole = toGraph(traceInMemory({ seeds, back: ALL, forth: ALL, person: null }, positions));
      expectBalanced(whole);
      const sources = whole.nodes.filter(({ earlierFen }) => earlierFen > 0n);
      expect(sources.map(({ role }) => role).filter((role) => role !== 'bank')).toEqual([]);
      expect(sources.reduce((sum, { earlierFen }) => sum + earlierFen, 0n)).toBe(gross);
      expect(whole.nodes.filter(({ level }) => level > 0).reduce((sum, { staysFen }) => sum + staysFen, 0n)).toBe(gross);
      const cut = toGraph(traceInMemory({ seeds, back, forth, person: null }, positions));
      expectBalanced(cut);
      const grouped = groupFunds(whole, most);
      expectBalanced(grouped);
      expect(grouped.nodes.reduce((sum, { members }) => sum + members, 0)).toBe(whole.nodes.length);
    }),
    { numRuns: 150 },
  );
});

test('a person is one node: what came less what left is what they have', () => {
  fc.assert(
    fc.property(journals, fc.constantFrom(...PEOPLE), (entries, person) => {
      const positions = positionsOf(entries);
      const isOwn = (account: string) => account.endsWith(`:${person}`);
      const seeds = positions.movements.filter(({ from, to }) => isOwn(from.account) !== isOwn(to.account));
      const graph = toGraph(traceInMemory({ seeds, back: 2, forth: 2, person }, positions));
      expectBalanced(graph);
      const balance = entries
        .flatMap(({ postings }) => postings)
        .reduce((sum, { account, amountFen }) => (isOwn(account) ? sum + amountFen : sum), 0n);
      expect(graph.nodes.find(({ role }) => role === 'person')?.staysFen ?? 0n).toBe(balance);
    }),
    { numRuns: 100 },
  );
});

test('tax that is assessed is set aside from proceeds that lie still, and only from them', () => {
  const entries = journalFrom([
    { act: 0, who: 0, whom: 0, amount: 400 },
    { act: 1, who: 0, whom: 1, amount: 400 },
    { act: 2, who: 0, whom: 0, amount: 1 },
  ]);
  const [trade] = entries.filter(({ kind }) => kind === 'trade');
  if (trade === undefined) throw new Error('a trade');
  const canvas = () => traceInMemory({ seeds: movementsOf(trade), back: 1, forth: 3, person: null }, positionsOf(entries));
  const drawn = canvas();
  expect(setTaxAside(drawn, [{ tradeId: trade.tradeId ?? '', seller: 'b', amountFen: 30n }])).toBe(0n);
  expectBalanced(toGraph(drawn));
  expect(toGraph(drawn).nodes.find(({ role }) => role === 'tax')).toMatchObject({ acct: 'b', inFen: 30n, staysFen: 30n });
  expect(setTaxAside(canvas(), [{ tradeId: trade.tradeId ?? '', seller: 'b', amountFen: 1_000n }])).toBe(1_000n - 372n);
});

test('what a seller owes is covered by what is kept of the sale first; of free proceeds only the rest is marked', () => {
  const draw = { who: 1, whom: 1, amount: 399 };
  // 399 are paid: 373 come, 93 of them are kept.
  const entries = journalFrom([
    { ...draw, act: 0, who: 0 },
    { ...draw, act: 1, who: 0 },
    { ...draw, act: 2 },
  ]);
  const trade = entries.find(({ kind }) => kind === 'trade');
  if (trade === undefined) throw new Error('a trade');
  const marked = (amountFen: bigint) => {
    const canvas = traceInMemory({ seeds: movementsOf(trade), back: 0, forth: 3, person: null }, positionsOf(entries));
    const uncovered = setTaxAside(canvas, [{ tradeId: trade.tradeId ?? '', seller: 'b', amountFen }]);
    expectBalanced(toGraph(canvas));
    const of = (role: string) => toGraph(canvas).nodes.find((node) => node.role === role)?.staysFen ?? 0n;
    return [of('reserve'), of('tax'), uncovered];
  };
  expect(marked(80n)).toEqual([93n, 0n, 0n]);
  expect(marked(93n)).toEqual([93n, 0n, 0n]);
  expect(marked(100n)).toEqual([93n, 7n, 0n]);
});
