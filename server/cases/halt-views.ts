/** Halts as the case console and every screen show them. */
import { isoOrNull } from '#server/market/item-state.ts';
import { listCatalogueNames } from '#server/market/names.repo.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { HaltNow, HaltView, Names } from '#server/trpc/views.ts';
import { type HaltRow, listHaltsNow, listHaltsOfCase } from './halts.repo.ts';

type Look = Pick<Snapshot, 'tx' | 'now'>;

export async function haltsNow({ tx, now }: Look): Promise<readonly HaltNow[]> {
  const rows = await listHaltsNow(tx, now);
  const names = await listCatalogueNames(
    tx,
    rows.map(({ targetId }) => targetId),
  );
  return rows.map((row) => nowOf(row, names));
}

export async function haltsOfCase({ tx, now }: Look, caseId: string): Promise<readonly HaltView[]> {
  const rows = await listHaltsOfCase(tx, caseId);
  const names = await listCatalogueNames(
    tx,
    rows.map(({ targetId }) => targetId),
  );
  return rows.map((row) => {
    const isOver = row.state === 'active' && row.until.getTime() <= now;
    return {
      ...nowOf(row, names),
      state: isOver ? 'ended' : row.state,
      endedAs: isOver ? 'over' : row.endedAs,
      setBy: row.setBy,
      approvedBy: row.approvedBy,
      startsAt: isoOrNull(row.startsAt),
      txId: row.txId,
    };
  });
}

function nowOf(row: HaltRow, names: ReadonlyMap<string, Names>): HaltNow {
  const { haltId, scope, targetId, reasonCode, reason, openOrders } = row;
  return { haltId, scope, targetId, names: names.get(targetId) ?? null, reasonCode, reason, openOrders, until: row.until.toISOString() };
}
