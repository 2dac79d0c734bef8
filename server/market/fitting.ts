/** What fits a condition now, before anybody commits money to it (product P-22). */
import type { ClassId } from '#ledger/primitives/ids.ts';
import type { FittingListings } from '#server/trpc/views.ts';
import { readCatalogueIndex } from './catalogue-index.ts';
import { expressionFilter } from './expression/expression-filter.ts';
import { findFittingListings, listGameDefinitions } from './fitting.repo.ts';
import { found } from './input.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

/** @throws {RefusalError} `class_unknown`, or the fault of the expression with its place */
export async function listFitting(ground: ReadGround, snapshot: Snapshot, classId: ClassId, expression: string): Promise<FittingListings> {
  const { byId } = await readCatalogueIndex(ground.sql, snapshot.tx);
  const { gameId } = found(byId.get(classId) ?? null, 'class_unknown').face;
  if (expression.trim() === '') return findFittingListings(ground, snapshot, (kind) => kind.face.classId === classId);
  const filters = expressionFilter(expression, await listGameDefinitions(snapshot.tx, gameId));
  return findFittingListings(ground, snapshot, (kind) => kind.face.gameId === gameId && filters.every((filter) => filter.accepts(kind)));
}
