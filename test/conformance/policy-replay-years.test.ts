/** Policy replay: the lines of a year, and what a scope holds for. Beside `policy-replay.test.ts`. */
import { describe, expect, test } from 'vitest';
import { fen } from '#ledger/primitives/fen.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { withConstants } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { PolicyReplay } from '#sandbox/replay/body.ts';
import type { ReplayFacts } from '#sandbox/replay/facts.ts';
import { DEFAULT_OPTIONS, type ReplayInputs, type ReplayOptions } from '#sandbox/replay/inputs.ts';
import { maskPeople } from '#sandbox/replay/mask.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { type SampleSale, sampleFacts } from '#test/support/replay-facts.ts';

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

describe('the lines of a year (CN-RPT-13, CN-IIT-16)', () => {
  const yuan = (amount: number) => fen(BigInt(amount) * 100n);
  type Sold = { readonly id: string; readonly at: string; readonly seller?: string; readonly yuan: number; readonly reversedAt?: string };
  /** Those of November are trades of the period, the rest are known only as the year's sales. */
  function withYears(sold: readonly Sold[], bought = 0): ReplayFacts {
    const inside = sold.filter(({ at }) => at >= '2026-11-01' && at < '2026-12-01');
    const sales = inside.map(({ id, at, seller = 'amy', yuan: amount }): SampleSale => {
      return { id, at, seller, grossFen: yuan(amount), costFen: yuan(amount) };
    });
    return {
      ...sampleFacts({ pack: CN, sales }),
      sellerYears: {
        from: '2025-11-02',
        sales: sold.map(({ id, at, seller = 'amy', yuan: amount, reversedAt }) => ({
          tradeId: id,
          sellerRef: seller,
          at: parseInstant(at),
          reversedAt: reversedAt === undefined ? null : parseInstant(reversedAt),
          grossFen: yuan(amount),
          items: 1,
          itemsBought: bought,
        })),
      },
    };
  }
  const yearsOf = (facts: ReplayFacts, draft = CN, option: Partial<ReplayOptions> = {}) =>
    replayed(inputs(facts, draft, { option })).body.sellerYears;
  const line = (fenText: string) => withConstants(CN, { noRegistrationMaxYear: fenText });

  test('sales before the period count, exactly the line does not, and a year that is over counts no more', () => {
    const spring = { id: 'S', at: '2026-03-01T02:00:00.000Z', yuan: 99_000 };
    const autumn = (amount: number) => ({ id: 'A', at: '2026-11-05T02:00:00.000Z', yuan: amount });
    expect(yearsOf(withYears([spring, autumn(1_000)]))).toMatchObject({ registration: { baseline: 0, draft: 0 } });
    expect(yearsOf(withYears([spring, autumn(1_001)]))).toMatchObject({ registration: { baseline: 1, draft: 1, added: 0, removed: 0 } });
    const lastYear = { id: 'S', at: '2025-12-31T15:59:00.000Z', yuan: 99_000 };
    expect(yearsOf(withYears([lastYear, autumn(1_001)]))).toMatchObject({ registration: { baseline: 0 } });
    expect(yearsOf(withYears([{ ...lastYear, at: '2025-12-31T16:00:00.000Z' }, autumn(1_001)]))).toMatchObject({
      registration: { baseline: 1 },
    });
  });

  test('another line adds and removes people; one who does not sell in the period is not looked at', () => {
    const facts = withYears([
      { id: 'A', at: '2026-11-05T02:00:00.000Z', yuan: 60_000 },
      { id: 'B', at: '2026-11-06T02:00:00.000Z', seller: 'cai', yuan: 200_000 },
      { id: 'C', at: '2026-10-06T02:00:00.000Z', seller: 'dan', yuan: 900_000 },
    ]);
    expect(yearsOf(facts, line('5000000'))).toMatchObject({ registration: { baseline: 1, draft: 2, added: 1, removed: 0 } });
    expect(yearsOf(facts, line('30000000'))).toMatchObject({ registration: { baseline: 1, draft: 0, added: 0, removed: 1 } });
    expect(yearsOf(facts, line('5000000'), { scope: { ...DEFAULT_OPTIONS.scope, gameIds: ['other'] } })).toMatchObject({
      registration: { baseline: 0, draft: 0 },
    });
  });

  test('a sale counts until it is taken back, and what the draft blocks counts no more unless it is kept', () => {
    const first = { id: 'A', at: '2026-11-05T02:00:00.000Z', yuan: 99_000 };
    const second = { id: 'B', at: '2026-11-09T02:00:00.000Z', yuan: 2_000 };
    expect(yearsOf(withYears([{ ...first, reversedAt: '2026-11-08T02:00:00.000Z' }, second]))).toMatchObject({
      registration: { baseline: 0 },
    });
    expect(yearsOf(withYears([{ ...first, reversedAt: '2026-11-10T02:00:00.000Z' }, second]))).toMatchObject({
      registration: { baseline: 1 },
    });
    const matching = { ...CN.trading.matching, FIXED_PRICE: { ...CN.trading.matching.FIXED_PRICE, value: false } };
    const forbidden = { ...CN, trading: { ...CN.trading, matching } };
    expect(yearsOf(withYears([first, second]), forbidden)).toMatchObject({ registration: { baseline: 1, draft: 0, removed: 1 } });
    expect(yearsOf(withYears([first, second]), forbidden, { blocked: 'KEEP' })).toMatchObject({ registration: { baseline: 1, draft: 1 } });
  });

  test('trade looks like a business by what was bought within twelve months', () => {
    const day = (index: number) => new Date(Date.UTC(2025, 10, 1 + index * 3, 3)).toISOString();
    const sold = Array.from({ length: 123 }, (_, index): Sold => ({ id: `t${index}`, at: day(index), yuan: 1 }));
    const facts = { ...withYears(sold, 1), sellerYears: { ...withYears(sold, 1).sellerYears, from: '2025-11-02' } } as ReplayFacts;
    const least = (count: string) => withConstants(CN, { businessSalesMin: count });
    // 3-day steps: 122 of them within the twelve months before the last sale of November 2026.
    expect(yearsOf(facts, least('122'))).toMatchObject({ business: { draft: 1 } });
    expect(yearsOf(facts, least('123'))).toMatchObject({ business: { draft: 0 } });
    expect(yearsOf({ ...facts, sellerYears: withYears(sold, 0).sellerYears } as ReplayFacts, least('10'))).toMatchObject({
      business: { draft: 0 },
    });
  });

  test('years that the facts do not reach back to are refused; without the sales nothing is said', () => {
    const facts = withYears([{ id: 'A', at: '2026-11-05T02:00:00.000Z', yuan: 1 }]);
    const short = { ...facts, sellerYears: { sales: facts.sellerYears?.sales ?? [], from: '2025-11-03' } };
    expect(replay(inputs(short, CN))).toMatchObject({
      kind: 'rejected',
      code: 'replay_margin_missing',
      facts: { neededFrom: '2025-11-02' },
    });
    expect(replayed(inputs(sampleFacts({ pack: CN, sales: DAY_01 }), CN)).body.sellerYears).toBeNull();
    const masked = maskPeople(replayed(inputs(withYears([{ id: 'A', at: '2026-11-05T02:00:00.000Z', yuan: 200_000 }]), CN)).body);
    expect(masked.sellerYears).toMatchObject({ registration: { baseline: '< 20', added: 0 } });
  });
});

test('a scope of payer groups holds for decisions and for people too', () => {
  const matching = { ...CN.trading.matching, FIXED_PRICE: { ...CN.trading.matching.FIXED_PRICE, value: false } };
  const facts = sampleFacts({
    pack: CN,
    sales: [...DAY_01, { id: 'D', at: '2026-11-24T01:00:00.000Z', seller: 'cai', grossFen: 100n, costFen: null }],
  });
  const grouped = { ...facts, people: facts.people.map((each) => (each.personRef === 'cai' ? { ...each, group: 'PLAYER R3' } : each)) };
  const scope = { ...DEFAULT_OPTIONS.scope, payerGroups: ['PLAYER R3'] };
  const { body } = replayed(inputs(grouped, { ...CN, trading: { ...CN.trading, matching } }, { option: { scope } }));
  expect(body.decisions).toMatchObject({ blocked: { count: 1, grossFen: '100' } });
  expect(body.people).toMatchObject({ all: { affected: 1, blocked: 1 } });
});
