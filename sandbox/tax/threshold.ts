/** The window of a person's sales that decides an exemption (rulebook 2.6.3): which one it is, its net sales, whether it is reached. */
import { assert } from '#ledger/primitives/assert.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { constantOf, fenOf } from '../packs/pack.ts';
import type { PackLine, RulePack, TxType } from '../packs/rule-pack.ts';
import { netOfRate, type Rate } from '../parameters/decimal.ts';
import { type Parameter, valueOn } from '../parameters/parameter.ts';
import { evaluate, holds } from './expression.ts';

export type ThresholdTest = {
  readonly aggregate: string;
  readonly constant: string;
  readonly parameter: Parameter;
  readonly thresholdFen: bigint;
  readonly window: 'DAY' | 'MONTH';
};

/** Does an exemption of this kind of trade hang on a window of the seller's? */
export function hasThreshold(pack: RulePack, txType: TxType): boolean {
  return pack.thresholdWindow?.txTypes.includes(txType) ?? false;
}

/** Only for packs and kinds of trade for which `hasThreshold` holds. */
export function thresholdTest(pack: RulePack, date: string): ThresholdTest {
  assert(pack.thresholdWindow !== undefined, 'a window is asked for only where the pack has one');
  const { switch: name, choices } = pack.thresholdWindow;
  const choice = choices[valueOn(name, constantOf(pack, name), date)];
  assert(choice !== undefined, 'every value of the window switch has its choice');
  const aggregate = pack.aggregates.find(({ id }) => id === choice.aggregate);
  assert(aggregate !== undefined && (aggregate.window === 'DAY' || aggregate.window === 'MONTH'), 'the window is a day or a month');
  return {
    aggregate: choice.aggregate,
    constant: choice.threshold,
    parameter: constantOf(pack, choice.threshold),
    thresholdFen: fenOf(pack, choice.threshold),
    window: aggregate.window,
  };
}

/** `2026-11-22` or `2026-11`, by the pack's switch. */
export function windowKey(pack: RulePack, at: Instant): string {
  const date = beijingDate(at);
  if (pack.thresholdWindow === undefined) return date;
  return thresholdTest(pack, date).window === 'DAY' ? date : date.slice(0, 'yyyy-mm'.length);
}

/** Tax-exclusive sales of a window from its gross, rounded once for the window. */
export function netOfWindow(pack: RulePack, date: string, totalFen: bigint): Fen {
  if (pack.thresholdWindow === undefined) return fen(totalFen);
  return netOfRate(totalFen, windowRate(pack, date), pack.rounding.mode);
}

/** Is a window of this gross taxable? The pack's own condition decides, at the boundary too. */
export function isWindowTaxable(pack: RulePack, date: string, totalFen: bigint): boolean {
  if (pack.thresholdWindow === undefined) return true;
  const { aggregate } = thresholdTest(pack, date);
  const { when } = windowLine(pack);
  return when === undefined || holds(when, { pack, date, facts: { [`agg.${aggregate}`]: netOfWindow(pack, date, totalFen) } });
}

function windowRate(pack: RulePack, date: string): Rate {
  return evaluate(windowLine(pack).rate, { pack, date, facts: {} });
}

function windowLine(pack: RulePack): PackLine {
  const line = pack.lines.find(({ type, txTypes }) => type === 'VAT' && txTypes.some((tx) => hasThreshold(pack, tx)));
  assert(line !== undefined, 'a pack with a threshold window has the line that it decides');
  return line;
}
