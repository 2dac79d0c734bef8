/** Rulebook 6.8: the guarantees of policy replay, each taken out once to see the test fail. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { packHash, withConstants } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { allowUnder } from '#sandbox/replay/allow.ts';
import { bodyHash, type PolicyReplay } from '#sandbox/replay/body.ts';
import { factsHash, inOrder, type ReplayFacts } from '#sandbox/replay/facts.ts';
import { DEFAULT_OPTIONS, type ReplayInputs, type ReplayOptions } from '#sandbox/replay/inputs.ts';
import { maskPeople } from '#sandbox/replay/mask.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { openRules } from '#sandbox/replay/rules.ts';
import { summariseDecisions } from '#sandbox/replay/summary.ts';
import { type SampleRefund, type SampleSale, sampleFacts } from '#test/support/replay-facts.ts';

const NOVEMBER = { from: '2026-11-01', to: '2026-12-01' };

function inputs(
  facts: ReplayFacts,
  draft: RulePack,
  more: Partial<ReplayInputs> & { readonly option?: Partial<ReplayOptions> } = {},
): ReplayInputs {
  const { option, ...rest } = more;
  return {
    period: NOVEMBER,
    baseline: { packs: [CN], experiments: [] },
    draft,
    assumeInForce: true,
    facts,
    options: { ...DEFAULT_OPTIONS, ...option },
    ...rest,
  };
}

function replayed(given: ReplayInputs, parts = 1): PolicyReplay {
  const answer = replay(given, parts);
  if (answer.kind === 'rejected') throw new Error(`${answer.code} ${JSON.stringify(answer.facts)}`);
  return answer.replay;
}

/** CN-DAY-01: 900.00 and 250.00 on one day, 250.00 on the next. */
const DAY_01: readonly SampleSale[] = [
  { id: 'A', at: '2026-11-22T02:00:00.000Z', seller: 'amy', grossFen: 90_000n, costFen: 50_000n },
  { id: 'B', at: '2026-11-22T07:00:00.000Z', seller: 'amy', grossFen: 25_000n, costFen: 5_000n },
  { id: 'C', at: '2026-11-23T01:00:00.000Z', seller: 'amy', grossFen: 25_000n, costFen: 5_000n },
];

function difference(result: PolicyReplay): Readonly<Record<string, readonly string[]>> {
  const revenue: unknown = result.body.revenue;
  return Object.fromEntries(
    Object.entries(typeof revenue === 'object' && revenue !== null ? revenue : {}).map(([column, pair]) => [column, Object.values(pair)]),
  );
}

test('CN-RPL-01 to the fen: a day line of 2,000.00 over the facts of CN-DAY-01', () => {
  const result = replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), withConstants(CN, { vatThresholdDay: '200000' })));
  expect(difference(result)).toMatchObject({
    vat: ['1139', '0', '-1139'],
    umct: ['40', '0', '-40'],
    es: ['17', '0', '-17'],
    les: ['11', '0', '-11'],
    iit: ['14358', '14600', '242'],
    total: ['15565', '14600', '-965'],
  });
  expect(result.body.decisions).toMatchObject({ blocked: { count: 0 } });
  expect(result.body.people).toMatchObject({ all: { affected: 1, paysLess: 1, paysMore: 0 } });
  expect(result.body.dayLine).toEqual({
    baseline: { taxable: 1, crossings: 1, reassessed: 1 },
    draft: { taxable: 0, crossings: 0, reassessed: 0 },
  });
  expect(result.rows.map(({ cause }) => cause)).toEqual(new Array(10).fill('WINDOW'));
  expect(result.body.assumption).toMatchObject({ en: expect.stringContaining('behaved exactly as they did') });
});

/** A few weeks of several people, some refunded on the same or a later day. */
const market = fc
  .array(
    fc.record({
      seller: fc.constantFrom('amy', 'cai', 'dan', 'eva'),
      day: fc.integer({ min: 1, max: 28 }),
      minute: fc.integer({ min: 0, max: 1200 }),
      gross: fc.bigInt({ min: 1n, max: 120_000n }),
      cost: fc.option(fc.bigInt({ min: 0n, max: 100_000n })),
      game: fc.constantFrom('demo', 'other'),
      refundAfterDays: fc.constantFrom(null, null, 0, 3),
      keep: fc.integer({ min: 0, max: 100 }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((rows): { readonly sales: readonly SampleSale[]; readonly refunds: readonly SampleRefund[] } => {
    const at = (day: number, minute: number) => new Date(Date.UTC(2026, 10, day, 0, minute) - 8 * 3_600_000 + 3_600_000).toISOString();
    const sales = rows.map(({ seller, day, minute, gross, cost, game }, index): SampleSale => {
      return {
        id: `t${String(index).padStart(2, '0')}`,
        at: at(day, minute),
        seller,
        grossFen: gross,
        costFen: cost,
        gameId: game,
        classId: `cls_${game}`,
      };
    });
    const refunds = rows.flatMap(({ day, gross, refundAfterDays, keep }, index): readonly SampleRefund[] => {
      const amount = gross - (gross * BigInt(keep)) / 200n;
      if (refundAfterDays === null || amount === 0n) return [];
      const id = String(index).padStart(2, '0');
      return [{ id: `r${id}`, of: `t${id}`, at: at(day + refundAfterDays, 1300), grossFen: amount }];
    });
    return { sales, refunds };
  });

const DRAFTS: readonly (readonly [name: string, draft: RulePack])[] = [
  ['another levy', withConstants(CN, { vatLevy: '3/100' })],
  ['a month for the day', withConstants(CN, { p2pThresholdMode: 'MONTH_100000', vatThresholdMonth: '300000' })],
  ['no proof, no cost', withConstants(CN, { assessMode: 'ZERO_COST' })],
  ['a fee ceiling of 3 %', withConstants(CN, { platformFeeBpsMax: '300' })],
];

describe('identity', () => {
  test('draft = baseline gives no difference anywhere', () => {
    fc.assert(
      fc.property(market, (given) => {
        const result = replayed(inputs(sampleFacts({ pack: CN, ...given }), CN));
        expect(result.rows).toEqual([]);
        for (const pair of Object.values(difference(result))) expect(pair[2]).toBe('0');
        expect(result.body.people).toMatchObject({ all: { affected: 0 } });
        expect(result.body.dayLine).toMatchObject({ draft: Object(result.body.dayLine).baseline });
      }),
      { numRuns: 60 },
    );
  });

  test('a stored line that is a fen off is refused with its place, and nothing is compared', () => {
    const facts = sampleFacts({ pack: CN, sales: DAY_01 });
    const [first, ...rest] = facts.trades;
    if (first === undefined) throw new Error('a trade');
    const lines = first.stored.lines.map((line) => (line.id === 'CN-IIT-P2P' ? { ...line, amountFen: fen(line.amountFen + 1n) } : line));
    const changed = { ...facts, trades: [{ ...first, stored: { ...first.stored, lines } }, ...rest] };
    expect(replay(inputs(changed, CN))).toEqual({
      kind: 'rejected',
      code: 'replay_baseline_mismatch',
      facts: { lines: '1' },
      mismatches: [{ tradeId: 'A', lineId: 'CN-IIT-P2P', storedFen: '6912', computedFen: '6911' }],
    });
  });
});

describe('determinism', () => {
  test.each(DRAFTS)('%s: the same bytes for facts in any order and for 1, 3 or 8 parts', (_name, draft) => {
    fc.assert(
      fc.property(market, fc.infiniteStream(fc.nat(1000)), (given, draws) => {
        const facts = sampleFacts({ pack: CN, ...given });
        const shuffle = <T>(rows: readonly T[]): readonly T[] =>
          rows
            .map((row) => ({ row, key: draws.next().value ?? 0 }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ row }) => row);
        const shuffled: ReplayFacts = {
          ...facts,
          people: shuffle(facts.people),
          attempts: shuffle(facts.attempts),
          trades: shuffle(facts.trades),
          refunds: shuffle(facts.refunds),
        };
        const one = replayed(inputs(facts, draft));
        expect(replayed(inputs(shuffled, draft)).bodyHash).toBe(one.bodyHash);
        expect(replayed(inputs(facts, draft), 8).body).toEqual(one.body);
        expect(replayed(inputs(shuffled, draft), 3).rows).toEqual(one.rows);
      }),
      { numRuns: 25 },
    );
  });

  test('one changed byte in a fact changes the digest of the facts and of the body', () => {
    const facts = sampleFacts({ pack: CN, sales: DAY_01 });
    const changed = sampleFacts({ pack: CN, sales: DAY_01.map((sale) => (sale.id === 'C' ? { ...sale, buyer: 'bod' } : sale)) });
    expect(factsHash(inOrder(changed))).not.toBe(factsHash(inOrder(facts)));
    expect(replayed(inputs(changed, CN)).bodyHash).not.toBe(replayed(inputs(facts, CN)).bodyHash);
  });

  test('the hash is that of the body as it stands', () => {
    const { body, bodyHash: hash } = replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), CN));
    expect(bodyHash(body)).toBe(hash);
    expect(bodyHash(JSON.parse(JSON.stringify(body)))).toBe(hash);
  });
});

test.each(DRAFTS)('%s: every grouping adds up to the totals, and rows to the differences', (_name, draft) => {
  fc.assert(
    fc.property(market, (given) => {
      const result = replayed(inputs(sampleFacts({ pack: CN, ...given }), draft));
      const totals = difference(result);
      const groups: unknown = result.body.groups;
      for (const keys of Object.values(typeof groups === 'object' && groups !== null ? groups : {})) {
        for (const [column, [baseline, changed]] of Object.entries(totals)) {
          const sum = (side: string) =>
            Object.values(Object(keys)).reduce<bigint>((total, columns) => total + BigInt(Object(columns)[column]?.[side] ?? 0), 0n);
          expect([`${sum('baselineFen')}`, `${sum('draftFen')}`], column).toEqual([baseline, changed]);
        }
      }
      expect(`${result.rows.reduce((sum, row) => sum + row.draftFen - row.baselineFen, 0n)}`).toBe(totals.total?.[2]);
    }),
    { numRuns: 40 },
  );
});

test('months replayed one by one add up to the quarter where no window spans them', () => {
  const months = ['10', '11', '12'].flatMap((month) =>
    DAY_01.map((sale) => ({ ...sale, id: `${month}${sale.id}`, at: sale.at.replace('-11-', `-${month}-`) })),
  );
  const facts = sampleFacts({ pack: CN, sales: months });
  const draft = withConstants(CN, { vatThresholdDay: '200000' });
  const total = (from: string, to: string) =>
    BigInt(difference(replayed(inputs(facts, draft, { period: { from, to } }))).total?.[2] ?? '0');
  const quarter = total('2026-10-01', '2027-01-01');
  expect(total('2026-10-01', '2026-11-01') + total('2026-11-01', '2026-12-01') + total('2026-12-01', '2027-01-01')).toBe(quarter);
  expect(quarter).toBe(-965n * 3n);
});

describe('decisions', () => {
  test('a draft that blocks everything has revenue 0 and blocks every trade', () => {
    const draft: RulePack = {
      ...CN,
      trading: { ...CN.trading, matching: { ...CN.trading.matching, FIXED_PRICE: { ...CN.trading.matching.FIXED_PRICE, value: false } } },
    };
    const result = replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), draft));
    expect(difference(result)).toMatchObject({ total: ['15565', '0', '-15565'], fee: ['7000', '0', '-7000'] });
    expect(result.body.decisions).toMatchObject({
      blocked: { count: 3, grossFen: '140000' },
      blockedByReason: { mechanism_not_granted: { count: 3, grossFen: '140000' } },
    });
    expect(new Set(result.rows.map(({ cause }) => cause))).toEqual(new Set(['BLOCKED']));
    expect(result.body.people).toMatchObject({ all: { blocked: 2 } });
  });

  test('a blocked trade leaves its window, so that the other trade of the day becomes exempt; KEEP leaves it there', () => {
    const draft = withConstants(CN, { unitPriceMax: '50000' });
    const facts = sampleFacts({ pack: CN, sales: DAY_01 });
    const removed = replayed(inputs(facts, draft));
    expect(removed.rows.filter(({ tradeId }) => tradeId === 'A').every(({ cause }) => cause === 'BLOCKED')).toBe(true);
    expect(removed.rows.filter(({ tradeId }) => tradeId === 'B').map(({ cause }) => cause)).toEqual([
      'WINDOW',
      'WINDOW',
      'WINDOW',
      'WINDOW',
      'WINDOW',
    ]);
    const kept = replayed(inputs(facts, draft, { option: { blocked: 'KEEP' } }));
    expect(kept.rows).toEqual([]);
    expect(kept.body.decisions).toMatchObject({ blocked: { count: 1 } });
  });

  test('a gift that the draft denies is blocked like a trade, and nobody paid for it', () => {
    const facts = sampleFacts({ pack: CN, sales: DAY_01 });
    const [sold] = facts.attempts;
    const [trade] = facts.trades;
    if (sold === undefined || trade === undefined) throw new Error('three sales');
    const { id: _, sellerRef: giverRef, paidAt: givenAt, ...given } = trade;
    const gift = { ...given, id: 'gft_1', giverRef, givenAt, referencePriceFen: fen(90_000n), costFen: null };
    const attempt = { ...sold, id: 'gft_1', orderId: 'gft_1', attempt: { ...sold.attempt, act: 'gift', unitPriceFen: fen(0n) } } as const;
    const blockedBy = (draft: RulePack) => {
      const asked = inputs({ ...facts, attempts: [attempt], trades: [], gifts: [gift] }, draft);
      const allowed = allowUnder(asked, openRules(asked));
      return { codes: [...allowed.blocked], summary: summariseDecisions(asked, allowed).blocked };
    };
    expect(blockedBy(CN)).toEqual({ codes: [], summary: { count: 0, grossFen: 0n } });
    const draft: RulePack = { ...CN, trading: { ...CN.trading, minAge: { ...CN.trading.minAge, secondary: 40 } } };
    expect(blockedBy(draft)).toEqual({ codes: [['gft_1', 'minor_refused']], summary: { count: 1, grossFen: 0n } });
  });

  test('what the draft blocks is taken out of the day total that later decisions see', () => {
    // Level R2 may trade 10,000.00 a day. The draft blocks the first sale (above 9,000.00), so that the second one stays under the line.
    const sales: readonly SampleSale[] = [
      { id: 'A', at: '2026-11-22T02:00:00.000Z', seller: 'amy', grossFen: 950_000n, costFen: 0n, sellerLevel: 'R2' },
      {
        id: 'B',
        at: '2026-11-22T03:00:00.000Z',
        seller: 'amy',
        grossFen: 40_000n,
        costFen: 0n,
        sellerLevel: 'R2',
        secondaryDayFen: 950_000n,
      },
    ];
    const draft = withConstants(CN, { unitPriceMax: '900000', enhancedLevelAboveDay: '980000' });
    const result = replayed(inputs(sampleFacts({ pack: CN, sales }), draft));
    expect(result.body.decisions).toMatchObject({ blocked: { count: 1 }, blockedByReason: { price_out_of_range: { count: 1 } } });
  });

  test('a longer wait blocks a resale; later trades of the item stay and are counted', () => {
    const sales: readonly SampleSale[] = [
      {
        id: 'A',
        at: '2026-11-20T02:00:00.000Z',
        seller: 'amy',
        buyer: 'bob',
        itemId: 'itm_1',
        grossFen: 9_000n,
        costFen: 0n,
        acquiredAt: '2026-11-09T02:00:00.000Z',
        isCollectible: true,
      },
      {
        id: 'B',
        at: '2026-11-30T02:00:00.000Z',
        seller: 'bob',
        buyer: 'cai',
        itemId: 'itm_1',
        grossFen: 9_500n,
        costFen: 9_000n,
        acquiredAt: '2026-11-01T02:00:00.000Z',
        isCollectible: true,
      },
    ];
    const result = replayed(inputs(sampleFacts({ pack: CN, sales }), withConstants(CN, { resaleCooldownTradingDays: '15' })));
    expect(result.body.decisions).toMatchObject({
      blocked: { count: 1 },
      blockedByReason: { resale_wait: { count: 1 } },
      upstreamBlocked: 1,
    });
  });

  test('an attempt denied under the baseline and allowed by the draft is counted and never taxed', () => {
    const facts = sampleFacts({ pack: CN, sales: DAY_01 });
    const [attempt] = facts.attempts;
    if (attempt === undefined) throw new Error('an attempt');
    const denied = {
      ...attempt,
      id: 'denied',
      orderId: null,
      facts: { ...attempt.facts, person: { ...attempt.facts.person, personRef: 'kid', birthDate: '2009-01-01' } },
      recorded: { ...attempt.recorded, kind: 'deny' as const, codes: ['minor_refused'] },
    };
    const draft: RulePack = { ...CN, trading: { ...CN.trading, minAge: { ...CN.trading.minAge, secondary: 16 } } };
    const result = replayed(inputs({ ...facts, attempts: [...facts.attempts, denied] }, draft));
    expect(result.body.decisions).toMatchObject({ newlyAllowed: { count: 1, grossFen: '90000' } });
    expect(result.rows).toEqual([]);
    expect(result.body.people).toMatchObject({ all: { affected: 1, paysMore: 0, paysLess: 0 } });
  });
});

test('a fee ceiling lowers the fee and raises the income tax that it no longer lowers', () => {
  const result = replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), withConstants(CN, { platformFeeBpsMax: '300' })));
  expect(difference(result)).toMatchObject({ fee: ['7000', '4200', '-2800'], vat: ['1139', '1139', '0'] });
  expect(new Set(result.rows.map(({ cause, lineId }) => `${lineId} ${cause}`))).toEqual(new Set(['CN-IIT-P2P BASE']));
});

test('a refund of a later day reverses its order as the draft assessed it; an order before the period as recorded', () => {
  const sales: readonly SampleSale[] = [
    { id: 'A', at: '2026-10-22T02:00:00.000Z', seller: 'amy', grossFen: 200_000n, costFen: 0n },
    { id: 'B', at: '2026-11-22T02:00:00.000Z', seller: 'amy', grossFen: 200_000n, costFen: 0n },
  ];
  const refunds = [
    { id: 'RA', of: 'A', at: '2026-11-20T02:00:00.000Z', grossFen: 200_000n },
    { id: 'RB', of: 'B', at: '2026-11-25T02:00:00.000Z', grossFen: 200_000n },
  ];
  const result = replayed(inputs(sampleFacts({ pack: CN, sales, refunds }), withConstants(CN, { vatLevy: '3/100' })));
  expect(result.rows.filter(({ refundId }) => refundId === 'RA')).toEqual([]);
  // 2,000.00 at 1 %: 19.80; at 3 %: 58.25. B and its refund cancel out on both sides; A's refund stays at 1 %.
  expect(difference(result).vat).toEqual(['-1980', '-1980', '0']);
  expect(result.rows.filter(({ lineId }) => lineId === 'CN-VAT-P2P')).toEqual([
    expect.objectContaining({ tradeId: 'B', refundId: null, baselineFen: 1980n, draftFen: 5825n, cause: 'RATE' }),
    expect.objectContaining({ tradeId: 'B', refundId: 'RB', baselineFen: -1980n, draftFen: -5825n, cause: 'RATE' }),
  ]);
});

test('a month’s window that sticks out of the period is totalled whole and counted inside only', () => {
  const draft = withConstants(CN, { p2pThresholdMode: 'MONTH_100000', vatThresholdMonth: '120000' });
  const given = inputs(sampleFacts({ pack: CN, sales: DAY_01 }), draft, { period: { from: '2026-11-23', to: '2026-11-24' } });
  const result = replayed(given);
  // C alone is 250.00, but November has 1,400.00 and is above 1,200.00.
  expect(difference(result)).toMatchObject({ vat: ['0', '248', '248'] });
  expect(result.body.identity).toMatchObject({ trades: 1 });
});

describe('refusals', () => {
  const facts = sampleFacts({ pack: CN, sales: DAY_01 });
  const november = (more: Partial<ReplayFacts>) => ({ ...facts, ...more });
  const month = withConstants(CN, { p2pThresholdMode: 'MONTH_100000' });
  test.each<[what: string, given: ReplayInputs, code: string]>([
    [
      'a period that ends before it begins',
      inputs(facts, CN, { period: { from: '2026-12-01', to: '2026-11-01' } }),
      'replay_period_malformed',
    ],
    ['a period that is still open', inputs(facts, CN, { period: { from: '2027-01-01', to: '2027-03-01' } }), 'replay_period_open'],
    [
      'a month’s margin that the facts do not reach',
      inputs(november({ coverage: { from: '2026-11-20', to: '2026-12-01', gaps: [] } }), month, {
        period: { from: '2026-11-20', to: '2026-12-01' },
      }),
      'replay_margin_missing',
    ],
    [
      'a hole in the facts',
      inputs(
        november({ coverage: { from: '2026-01-01', to: '2027-02-01', gaps: [{ from: '2026-11-05', to: '2026-11-06', what: 'feed 17' }] } }),
        CN,
      ),
      'replay_facts_gap',
    ],
    ['a pack that nobody has', inputs(facts, CN, { baseline: { packs: [month], experiments: [] } }), 'replay_pack_unknown'],
    ['trades without recorded decisions', inputs(november({ attempts: facts.attempts.slice(1) }), CN), 'replay_attempts_missing'],
    [
      'an experiment that nobody has',
      inputs(november({ attempts: facts.attempts.map((each) => ({ ...each, experiment: { id: 'SBX-1', arm: 'a' } })) }), CN),
      'replay_experiment_unknown',
    ],
    [
      'a draft that is not in force',
      inputs(facts, { ...CN, effectiveFrom: '2026-11-15' }, { assumeInForce: false }),
      'replay_draft_not_in_force',
    ],
    [
      'a draft that counts the release of the money',
      inputs(facts, withConstants(CN, { vatTaxPoint: 'RELEASE' })),
      'replay_draft_not_followed',
    ],
    ['a draft with an average cost', inputs(facts, withConstants(CN, { costFlow: 'WAVG' })), 'replay_draft_not_followed'],
  ])('%s is refused', (_what, given, code) => {
    expect(replay(given)).toMatchObject({ kind: 'rejected', code });
  });
});

test('cells of people under 20 are hidden from readers without identity rights', () => {
  const { body } = replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), withConstants(CN, { vatThresholdDay: '200000' })));
  expect(maskPeople(body).people).toMatchObject({ all: { affected: '< 20', paysMore: 0 }, quantiles: [] });
  expect(body.people).toMatchObject({ all: { affected: 1 } });
});

test('the draft is named by its hash', () => {
  const draft = withConstants(CN, { vatThresholdDay: '200000' });
  expect(replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), draft)).body.inputs).toMatchObject({
    draft: { packHash: packHash(draft) },
  });
});
