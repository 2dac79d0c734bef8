/**
 * What everybody paid in and out on a day, against the lines from which the payment institution has to report (rulebook CN-AML-03): single or
 * added up, one direction at a time, the line itself included. Pure. An institution reports; these are the counters that mirror it.
 */
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';

/** Money between a customer's account and somebody else's, or a bank. */
export type MoneyFlow = {
  readonly ref: string;
  readonly isEntity: boolean;
  readonly at: Instant;
  /** Positive: it came in. */
  readonly amountFen: bigint;
  /** The account on the other side is kept abroad. */
  readonly isAbroad: boolean;
};

export const LARGE_VALUE_SCOPES = ['natural', 'entity', 'cross_border'] as const;
export type LargeValueScope = (typeof LARGE_VALUE_SCOPES)[number];

export type DayCounter = {
  readonly day: string;
  readonly ref: string;
  readonly scope: LargeValueScope;
  readonly direction: 'in' | 'out';
  readonly sumFen: bigint;
  readonly count: number;
  readonly lineFen: bigint;
  /** The payment with which the sum came to the line; null: it is below. */
  readonly reachedAt: Instant | null;
};

/** A pack that has no such line asks for no report. */
const LINES = { natural: 'amlNaturalDay', entity: 'amlEntityDay', cross_border: 'amlCross' } as const satisfies Record<
  LargeValueScope,
  string
>;

/** A person's payments across the border count twice: against their own, lower line, and against that of the day. */
function scopesOf({ isEntity, isAbroad }: MoneyFlow): readonly LargeValueScope[] {
  if (isEntity) return ['entity'];
  return isAbroad ? ['natural', 'cross_border'] : ['natural'];
}

/** Largest share of its line first, then by account; flows of one moment in the order given. */
export function dayCounters(pack: RulePack, flows: readonly MoneyFlow[]): readonly DayCounter[] {
  const lines = new Map(
    LARGE_VALUE_SCOPES.flatMap((scope) => {
      const found = findConstant(pack, LINES[scope]);
      return found === null ? [] : [[scope, BigInt(found.value)] as const];
    }),
  );
  const counters = new Map<string, DayCounter>();
  for (const flow of flows.toSorted((a, b) => a.at - b.at)) {
    if (flow.amountFen === 0n) continue;
    for (const scope of scopesOf(flow)) {
      const lineFen = lines.get(scope);
      if (lineFen !== undefined) count(counters, flow, scope, lineFen);
    }
  }
  return [...counters.values()].toSorted(byShare);
}

function count(counters: Map<string, DayCounter>, { ref, at, amountFen }: MoneyFlow, scope: LargeValueScope, lineFen: bigint): void {
  const [day, direction] = [beijingDate(at), amountFen > 0n ? ('in' as const) : ('out' as const)];
  const key = `${day} ${ref} ${scope} ${direction}`;
  const known = counters.get(key) ?? { day, ref, scope, direction, sumFen: 0n, count: 0, lineFen, reachedAt: null };
  const sumFen = known.sumFen + (amountFen < 0n ? -amountFen : amountFen);
  counters.set(key, { ...known, sumFen, count: known.count + 1, reachedAt: known.reachedAt ?? (sumFen >= lineFen ? at : null) });
}

function byShare(a: DayCounter, b: DayCounter): number {
  const [left, right] = [a.sumFen * b.lineFen, b.sumFen * a.lineFen];
  if (left !== right) return left > right ? -1 : 1;
  return `${a.ref} ${a.scope} ${a.direction}` < `${b.ref} ${b.scope} ${b.direction}` ? -1 : 1;
}
