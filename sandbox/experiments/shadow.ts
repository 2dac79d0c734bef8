/**
 * What a shadow computes beside the live result (rulebook 6.4, 6.5): a sale assessed in the other mode (X4), what a reserve would have kept
 * of it (X1), and how many seeded cases of laundering the rules of an arm would have found (X7). Pure; nothing of it is ever applied.
 */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { decide } from '../decisions/decide.ts';
import type { DecisionFacts } from '../decisions/decision.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { DAY_MS, type Fact, HOUR_MS } from '../surveillance/facts.ts';
import { createSurveillance } from '../surveillance/surveillance.ts';
import { assess } from '../tax/assess.ts';
import type { AssessInput, Basis } from '../tax/assessment.ts';
import { applyOverrides, type Experiment } from './experiment.ts';

/** Proven cost becomes a share of the revenue; what was assessed by its revenue has no proof, so its cost is none. */
function otherMode(basis: Basis): Basis {
  return basis.mode === 'PCT_OF_REVENUE'
    ? { ...basis, mode: 'ZERO_COST', costFen: ZERO_FEN }
    : { ...basis, mode: 'PCT_OF_REVENUE', costFen: null };
}

/** The tax of a sale in the other mode, from its stored input; `null`: it has no cost basis, or the pack does not answer for its day. */
export function taxInOtherMode(input: AssessInput, pack: RulePack): Fen | null {
  if (input.basis === null) return null;
  const answer = assess({ ...input, basis: otherMode(input.basis) }, pack);
  return answer.kind === 'assessed' ? answer.assessment.taxTotalFen : null;
}

/** What the institution would keep of a seller's money until he files: the lines that he bears. */
export function reserveOf(lines: readonly { readonly id: string; readonly amountFen: bigint }[], pack: RulePack): Fen {
  const sellers = new Set(pack.lines.filter(({ payer }) => payer === 'SELLER').map(({ id }) => id));
  return fen(lines.reduce((sum, { id, amountFen }) => (sellers.has(id) && amountFen > 0n ? sum + amountFen : sum), 0n));
}

export type Recall = { readonly cases: number; readonly found: number };

/** Totals of a day that are split into pieces: the ways to stay under a line that is known (rulebook 9.3). */
const TOTALS_YUAN = [4_000, 4_900, 5_500, 7_000, 9_000, 9_900, 10_500, 12_000, 15_000, 19_000, 25_000, 40_000];
const PIECES = [2, 5, 9];

/** Seeded cases, the same for every arm: one person sells a day's worth in pieces to as many strangers. Found is one that the arm's rules
 *  stop for a higher level, or that a detector reports. None of it is a fact of this market. */
export function seededRecall(experiment: Pick<Experiment, 'ruleOverrides'>, arm: string, pack: RulePack, at: Instant): Recall {
  const rules = applyOverrides(
    pack,
    experiment.ruleOverrides.filter((each) => each.arm === arm),
  );
  const cases = TOTALS_YUAN.flatMap((yuan) => PIECES.map((pieces) => ({ totalFen: BigInt(yuan) * 100n, pieces })));
  const stopped = cases.map((each) => isStopped(each, rules, at));
  const reported = reportedCases(cases, rules, at);
  return { cases: cases.length, found: cases.filter((_, index) => stopped[index] === true || reported.has(index)).length };
}

type SeededCase = { readonly totalFen: bigint; readonly pieces: number };
const pieceOf = ({ totalFen, pieces }: SeededCase): Fen => fen(totalFen / BigInt(pieces));

function isStopped(seeded: SeededCase, pack: RulePack, at: Instant): boolean {
  for (let piece = 0; piece < seeded.pieces; piece++) {
    const soFar = fen(pieceOf(seeded) * BigInt(piece));
    const { kind } = decide(
      { at, act: 'secondary', side: 'sell', mechanism: 'fixed_price', unitPriceFen: pieceOf(seeded), quantity: 1 },
      factsOf(pack, soFar),
      pack,
    );
    if (kind !== 'allow') return true;
  }
  return false;
}

function factsOf(pack: RulePack, secondaryDayFen: Fen): DecisionFacts {
  return {
    person: {
      personRef: 'seeded',
      birthDate: '1990-01-01',
      realNameLevel: pack.trading.levels.secondary,
      secondaryDayFen,
      primaryMonthFen: ZERO_FEN,
      isIssuer: false,
      hasOpenAmlCase: false,
    },
    itemClass: {
      classId: 'seeded',
      gameId: 'seeded',
      approvalNo: 'seeded',
      isVirtualCurrency: false,
      isCollectible: false,
      isInterchangeable: true,
      isGiftable: true,
      resaleWaitTradingDays: 0,
      referencePriceFen: null,
    },
    items: [],
  };
}

/** A stream of its own, read by the detectors as the market's is. */
function reportedCases(cases: readonly SeededCase[], pack: RulePack, at: Instant): ReadonlySet<number> {
  const run = createSurveillance(pack);
  const seller = (index: number) => `seeded-${index}`;
  for (const fact of cases.flatMap((seeded, index) => factsOfCase(seeded, seller(index), Number(at) + index * DAY_MS))) run.take(fact);
  run.close();
  const accused = new Set(run.list().flatMap(({ accountRefs }) => accountRefs));
  return new Set(cases.flatMap((_, index) => (accused.has(seller(index)) ? [index] : [])));
}

function factsOfCase(seeded: SeededCase, seller: string, from: number): readonly Fact[] {
  return Array.from({ length: seeded.pieces }, (_, piece): readonly Fact[] => {
    const at = from + Math.floor((piece * HOUR_MS) / 2);
    const [id, buyer] = [`${seller}-${piece}`, `${seller}-buyer-${piece}`];
    return [
      { kind: 'trade', id, at, itemIds: [id], classId: 'seeded', seller, buyer, priceFen: pieceOf(seeded), quantity: 1 },
      { kind: 'payment', id: `${id}-paid`, at, from: buyer, to: seller, amountFen: pieceOf(seeded) },
    ];
  }).flat();
}
