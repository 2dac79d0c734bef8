/** The page of a kind (product P-12): everything on it comes from one snapshot. */
import { type ClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { ClassPage } from '#server/trpc/views.ts';
import { hasMatchedBook, listCards } from './cards.repo.ts';
import { findClassDetails } from './class-details.repo.ts';
import { type HeldFor, HOLD_COLUMNS, HOLD_JOINS, itemStateOf } from './item-state.ts';
import { listBuyOrders, listListings } from './offers.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';
import { classStatistics, listTape } from './tape.repo.ts';

const RECENT_TRADES = 30;
const MINE_SHOWN = 200;

export async function getClassPage(ground: ReadGround, snapshot: Snapshot, classId: ClassId): Promise<ClassPage | null> {
  const [[card], details, listings, buyOrders, recentTrades, statistics, mine] = await Promise.all([
    listCards(snapshot, [classId]),
    findClassDetails(snapshot, classId),
    listListings(ground, snapshot, classId),
    listBuyOrders(ground, snapshot, classId),
    listTape(snapshot, { classId, limit: RECENT_TRADES }),
    classStatistics(snapshot, classId),
    listMine(snapshot, classId),
  ]);
  if (card === undefined || details === null) return null;
  // The best of all that fits, those for any kind of the game among them.
  const [best] = buyOrders;
  const highestBuyFen = best === undefined ? card.highestBuyFen : best.priceFen;
  const isMatched = card.experimentId !== null && (await hasMatchedBook(snapshot.tx, classId));
  return {
    card: { ...card, highestBuyFen },
    isMatched,
    ...details,
    listings,
    buyOrders,
    recentTrades,
    statistics,
    mine,
    height: snapshot.height,
  };
}

type MineColumns = {
  item_id: string;
  unit_no: number;
  frozen_until: Date | null;
  protected_until: Date | null;
  held_for: HeldFor | null;
};

async function listMine({ tx, now, viewer }: Snapshot, classId: ClassId): Promise<ClassPage['mine']> {
  if (viewer === null) return [];
  const rows = await query<MineColumns>(
    tx,
    `select i.item_id, i.unit_no, i.frozen_until, i.protected_until, ${HOLD_COLUMNS}
     from custody.items i
     ${HOLD_JOINS}
     where i.owner = $1 and i.class_id = $2 and not i.is_burned order by i.unit_no limit ${MINE_SHOWN}`,
    [viewer, classId],
  );
  return rows.map((row) => {
    const { state, reason } = itemStateOf(
      { isBurned: false, frozenUntil: row.frozen_until, protectedUntil: row.protected_until, heldFor: row.held_for, heldUntil: null },
      now,
    );
    return { itemId: parseItemId(row.item_id), serialNo: row.unit_no, isFree: state === 'free', blockedBy: reason };
  });
}
