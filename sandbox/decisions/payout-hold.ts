/** Proceeds that wait longer (rulebook CN-SV-11, product 1.6): items that were bought with a payment instrument then new, and are resold soon
 *  after they may be, cheaply or in number. Stolen cards cash out like that; the owner of the card needs days to notice. */
import type { Fen } from '#ledger/primitives/fen.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { constantOf, findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { parseRate } from '../parameters/decimal.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const DAY_OF_RESALES_MS = DAY_MS;

export type SoldItem = {
  readonly acquiredAt: Instant;
  readonly isBought: boolean;
  /** From when it could be sold: hours in which nobody may resell are not counted. */
  readonly freeAt: Instant;
};
export type Resale = {
  readonly at: Instant;
  readonly unitPriceFen: Fen;
  /** CN-SV-00; null: none yet. */
  readonly referencePriceFen: Fen | null;
  readonly items: readonly SoldItem[];
  /** When the seller's instrument was used for the first time; null: never. */
  readonly firstUsedAt: Instant | null;
  /** Such items that he sold in the day before. */
  readonly soldToday: number;
};
export type PayoutHold = {
  readonly code: 'new_instrument';
  readonly days: number;
  /** By their number: those of the day before wait too. */
  readonly isByNumber: boolean;
};
export type ResaleAnswer = {
  /** How many of the items it is about. */
  readonly quick: number;
  readonly hold: PayoutHold | null;
};

const NO_HOLD: ResaleAnswer = { quick: 0, hold: null };

/** How long an item may be of interest after it is free; null: the pack has no such rule. */
export function quickWindowMs(pack: RulePack): number | null {
  const window = findConstant(pack, 'sv11.windowHours');
  return window === null || findConstant(pack, 'sv11.holdDays') === null ? null : Number(window.value) * HOUR_MS;
}

export function payoutHold(resale: Resale, pack: RulePack): ResaleAnswer {
  const windowMs = quickWindowMs(pack);
  const { at, firstUsedAt } = resale;
  if (windowMs === null || firstUsedAt === null) return NO_HOLD;
  const isQuick = ({ acquiredAt, isBought, freeAt }: SoldItem): boolean =>
    isBought && acquiredAt >= firstUsedAt && acquiredAt - firstUsedAt <= windowMs && at - freeAt <= windowMs;
  const quick = resale.items.filter(isQuick).length;
  if (quick === 0) return NO_HOLD;
  const isByNumber = resale.soldToday + quick >= Number(constantOf(pack, 'sv11.minItems').value);
  if (!isByNumber && !isCheap(resale, pack)) return { quick, hold: null };
  return { quick, hold: { code: 'new_instrument', days: holdDays(pack), isByNumber } };
}

function isCheap({ unitPriceFen, referencePriceFen }: Resale, pack: RulePack): boolean {
  if (referencePriceFen === null) return false;
  const share = parseRate(constantOf(pack, 'sv11.priceShare').value);
  return unitPriceFen * share.denominator <= referencePriceFen * share.numerator;
}

export function holdDays(pack: RulePack): number {
  return Number(findConstant(pack, 'sv11.holdDays')?.value ?? 0);
}

export function heldUntil(payoutAt: Instant, hold: PayoutHold | null): Instant {
  return hold === null ? payoutAt : instant(payoutAt + hold.days * DAY_MS);
}
