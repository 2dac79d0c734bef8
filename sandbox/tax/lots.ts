/** Cost lots (rulebook 2.6.6): units of one item class acquired together. Pieces of a lot always add up to the lot. */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { findConstant } from '../packs/pack.ts';
import type { RulePack } from '../packs/rule-pack.ts';
import { divide, type RoundingMode } from '../parameters/decimal.ts';

export const COST_FLOWS = ['SPECIFIC', 'FIFO', 'WAVG'] as const;
export type CostFlow = (typeof COST_FLOWS)[number];

/** Of interchangeable kinds: the pack's switch (CN-IIT-10); a unique item is always its own lot. */
export function costFlowOf(pack: RulePack): CostFlow {
  const value = findConstant(pack, 'costFlow')?.value;
  return COST_FLOWS.find((flow) => flow === value) ?? 'FIFO';
}

export type Lot = {
  readonly id: string;
  readonly acquiredAt: Instant;
  readonly units: number;
  readonly takenUnits: number;
  /** Price paid incl. VAT for all units, 0 for earned ones; `null`: no proof of the cost. */
  readonly costFen: Fen | null;
};
export type LotPiece = { readonly lotId: string; readonly units: number; readonly costFen: Fen };
export type LotWish = {
  readonly units: number;
  readonly at: Instant;
  /** For SPECIFIC: which lots. */
  readonly from?: readonly { readonly lotId: string; readonly units: number }[];
};

export const LOT_REFUSALS = ['lots_insufficient', 'lot_unknown', 'lot_not_yet_acquired'] as const;
export type LotRefusal = (typeof LOT_REFUSALS)[number];
export type LotAnswer =
  | {
      readonly kind: 'taken';
      readonly pieces: readonly LotPiece[];
      readonly costFen: Fen;
      /** No unit has a proven cost. */
      readonly isUnproven: boolean;
      /** Some have and some have not: those without count 0 (flag COST_PARTLY_UNPROVEN). */
      readonly isPartlyUnproven: boolean;
      /** All lots, with what was taken. */
      readonly lots: readonly Lot[];
    }
  | { readonly kind: 'rejected'; readonly code: LotRefusal };

/** FIFO by acquisition, equal times in the order of the list (ledger order); SPECIFIC as named. */
export function takeLots(lots: readonly Lot[], wish: LotWish, mode: RoundingMode = 'HALF_UP'): LotAnswer {
  const plan = wish.from === undefined ? planFifo(lots, wish) : planSpecific(lots, wish, wish.from);
  if (typeof plan === 'string') return { kind: 'rejected', code: plan };
  const pieces = plan.map(({ lot, units }) => ({ lotId: lot.id, units, costFen: pieceCost(lot, units, mode) }));
  const unproven = plan.filter(({ lot }) => lot.costFen === null).length;
  return {
    kind: 'taken',
    pieces,
    costFen: fen(pieces.reduce((sum, piece) => sum + piece.costFen, 0n)),
    isUnproven: unproven === plan.length,
    isPartlyUnproven: unproven > 0 && unproven < plan.length,
    lots: lots.map((lot) => {
      const units = plan.filter(({ lot: { id } }) => id === lot.id).reduce((sum, part) => sum + part.units, 0);
      return units === 0 ? lot : { ...lot, takenUnits: lot.takenUnits + units };
    }),
  };
}

/** Cost of the next `k` units after `takenUnits`: the difference of two rounded shares, so that all pieces add up. */
export function pieceCost(lot: Lot, k: number, mode: RoundingMode = 'HALF_UP'): Fen {
  if (lot.costFen === null) return ZERO_FEN;
  const share = (units: number) => divide((lot.costFen ?? 0n) * BigInt(units), BigInt(lot.units), mode);
  return fen(share(lot.takenUnits + k) - share(lot.takenUnits));
}

export function costLeft(lot: Lot, mode: RoundingMode = 'HALF_UP'): Fen {
  return pieceCost(lot, lot.units - lot.takenUnits, mode);
}

type Part = { readonly lot: Lot; readonly units: number };

function planFifo(lots: readonly Lot[], { units, at }: LotWish): readonly Part[] | LotRefusal {
  const parts: Part[] = [];
  let wanted = units;
  for (const lot of lots.filter(({ acquiredAt }) => acquiredAt <= at).toSorted((a, b) => a.acquiredAt - b.acquiredAt)) {
    const taken = Math.min(wanted, lot.units - lot.takenUnits);
    if (taken > 0) parts.push({ lot, units: taken });
    wanted -= taken;
    if (wanted === 0) return parts;
  }
  return 'lots_insufficient';
}

function planSpecific(lots: readonly Lot[], wish: LotWish, from: NonNullable<LotWish['from']>): readonly Part[] | LotRefusal {
  const parts: Part[] = [];
  const taken = new Map<string, number>();
  for (const { lotId, units } of from) {
    const found = lots.find(({ id }) => id === lotId);
    if (found === undefined) return 'lot_unknown';
    if (found.acquiredAt > wish.at) return 'lot_not_yet_acquired';
    const before = taken.get(lotId) ?? 0;
    if (found.takenUnits + before + units > found.units) return 'lots_insufficient';
    taken.set(lotId, before + units);
    parts.push({ lot: { ...found, takenUnits: found.takenUnits + before }, units });
  }
  return parts.reduce((sum, part) => sum + part.units, 0) === wish.units ? parts : 'lots_insufficient';
}

/** Moving weighted average: one pool of units and cost; both fall by what is taken. */
export type Pool = { readonly units: number; readonly costFen: Fen };

export function addToPool(pool: Pool, lot: Lot): Pool {
  return { units: pool.units + lot.units, costFen: fen(pool.costFen + (lot.costFen ?? 0n)) };
}

export function takeFromPool(
  pool: Pool,
  units: number,
  mode: RoundingMode = 'HALF_UP',
): { readonly kind: 'taken'; readonly costFen: Fen; readonly pool: Pool } | { readonly kind: 'rejected'; readonly code: LotRefusal } {
  if (units > pool.units || units < 1) return { kind: 'rejected', code: 'lots_insufficient' };
  const costFen = divide(pool.costFen * BigInt(units), BigInt(pool.units), mode);
  return { kind: 'taken', costFen, pool: { units: pool.units - units, costFen: fen(pool.costFen - costFen) } };
}
