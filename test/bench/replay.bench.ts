/** `bench -- replay`: policy replay on one core (rulebook 6.8). `assessmentsPerSecond` counts one trade under one pack, all its lines, in
 *  the compiled engine with window totals, per second of processor time (on a shared machine the clock on the wall measures the others;
 *  `assessmentsPerWallSecond` stands beside it); `comparedTradesPerSecond` is the replay from
 *  facts in memory to the signed body: decisions on every attempt, both packs, rows, groups, digests. */
import { PACK_CN_2026_1 as CN } from '#sandbox/packs/cn/pack-2026-1.ts';
import { withConstants } from '#sandbox/packs/pack.ts';
import { inOrder } from '#sandbox/replay/facts.ts';
import { DEFAULT_OPTIONS, type ReplayInputs } from '#sandbox/replay/inputs.ts';
import { assessPerson } from '#sandbox/replay/ledger-of-person.ts';
import { salesByPerson } from '#sandbox/replay/part.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { openRules } from '#sandbox/replay/rules.ts';
import { type SampleSale, sampleFacts } from '#test/support/replay-facts.ts';

const TRADES = Number(process.env.BENCH_TRADES ?? 100_000);
const PEOPLE = 5_000;
const DAYS = 30;

/** Seeded: the same facts on every machine. */
function sales(): readonly SampleSale[] {
  let state = 20_261_127;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: TRADES }, (_, index) => {
    const at = Date.UTC(2026, 9, 31, 16) + draw(DAYS) * 86_400_000 + draw(86_400) * 1000;
    const grossFen = BigInt(100 + draw(200_000));
    return {
      id: `trd_${String(index).padStart(32, '0')}`,
      at: new Date(at).toISOString(),
      seller: `p${String(draw(PEOPLE)).padStart(5, '0')}`,
      buyer: `p${String(draw(PEOPLE)).padStart(5, '0')}`,
      grossFen,
      costFen: draw(4) === 0 ? null : (grossFen * BigInt(draw(120))) / 100n,
      classId: `cls_${draw(200)}`,
      gameId: `game_${draw(3)}`,
      royaltyBps: 200,
    };
  });
}

export async function benchReplay(): Promise<Readonly<Record<string, unknown>>> {
  const facts = inOrder(sampleFacts({ pack: CN, sales: sales() }));
  const draft = withConstants(CN, { vatThresholdDay: '200000', iitAssessPct: '4/100' });
  const inputs: ReplayInputs = {
    period: { from: '2026-11-01', to: '2026-12-01' },
    baseline: { packs: [CN], experiments: [] },
    draft,
    assumeInForce: true,
    facts,
    options: DEFAULT_OPTIONS,
  };
  const engine = best(() => assessAll(inputs));
  const begun = performance.now();
  const answer = replay(inputs);
  const wholeMs = performance.now() - begun;
  if (answer.kind === 'rejected') throw new Error(answer.code);
  return {
    trades: TRADES,
    people: PEOPLE,
    assessmentsPerSecond: Math.round((TRADES * 2 * 1000) / engine.cpuMs),
    assessmentsPerWallSecond: Math.round((TRADES * 2 * 1000) / engine.wallMs),
    comparedTradesPerSecond: Math.round((TRADES * 1000) / wholeMs),
    secondsPer100000Trades: Number(((wholeMs / TRADES) * 100).toPrecision(3)),
    rows: answer.replay.rows.length,
    bodyHash: answer.replay.bodyHash,
  };
}

/** Windows and lines of everybody under both packs. */
function assessAll(inputs: ReplayInputs): void {
  const rules = openRules(inputs);
  for (const own of salesByPerson(inputs.facts).values()) {
    const given = { rules, isInside: () => true };
    assessPerson(own, { ...given, side: 'baseline', isRemoved: () => false });
    assessPerson(own, { ...given, side: 'draft', isRemoved: () => false });
  }
}

const RUNS = 3;

function best(work: () => void): { readonly cpuMs: number; readonly wallMs: number } {
  let cpuMs = Number.POSITIVE_INFINITY;
  let wallMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now();
    const used = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(used);
    cpuMs = Math.min(cpuMs, (user + system) / 1000);
    wallMs = Math.min(wallMs, performance.now() - begun);
  }
  return { cpuMs, wallMs };
}
