/** What each tile's rows are: their unit, their words, and whether they are of a span of days or of now. */
import type { TileName } from '#server/trpc/views.ts';

export const UNIT_OF = {
  trades: 'fen',
  turnover: 'fen',
  filtered: 'fen',
  assessed: 'fen',
  sellers: 'fen',
  cost: 'fen',
  certify: 'ms',
  alerts: 'one',
  alertsOverdue: 'one',
  cases: 'one',
  casesOverdue: 'one',
  frozen: 'one',
  reconciliation: 'fen',
  caps: 'share',
  members: 'up',
} as const satisfies Record<TileName, 'fen' | 'ms' | 'one' | 'share' | 'up'>;
export const TILE_NAMES = Object.keys(UNIT_OF) as readonly TileName[];

export const TILE_LABEL = {
  trades: 'trades',
  turnover: 'turnover',
  filtered: 'filtered',
  assessed: 'assessed',
  sellers: 'sellers',
  cost: 'costs',
  certify: 'certify',
  alerts: 'alertsOpen',
  alertsOverdue: 'alertsLate',
  cases: 'casesOpen',
  casesOverdue: 'casesLate',
  frozen: 'frozen',
  reconciliation: 'reconciliation',
  caps: 'caps',
  members: 'members',
} as const satisfies Record<TileName, string>;

const STANDING: readonly TileName[] = ['alerts', 'alertsOverdue', 'cases', 'casesOverdue', 'frozen', 'reconciliation', 'caps', 'members'];
export const isStanding = (tile: TileName): boolean => STANDING.includes(tile);

export function readTile(asked: string | null): TileName {
  return TILE_NAMES.find((name) => name === asked) ?? 'trades';
}
