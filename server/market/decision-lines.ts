/** Decisions that the rules put before a supervisor, or refused, a span at a time (product V-09). */
import { startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { parseSpan } from '#sandbox/reports/span.ts';
import { RefusalError } from '#server/refusal.ts';
import type { DecisionPage } from '#server/trpc/views.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { countDecisionLines, type DecisionFit, type DecisionPlace, listDecisionLines } from './decision-lines.repo.ts';
import { listGames } from './names.repo.ts';
import type { Snapshot } from './snapshot.ts';

const PAGE = 50;
const MOST_COUNTED = 1_000;

export type DecisionWish = Omit<DecisionFit, 'from' | 'before'> & { readonly period: string; readonly cursor?: string | undefined };

export async function getDecisions({ tx }: Snapshot, { period, cursor, ...wish }: DecisionWish): Promise<DecisionPage> {
  const span = parseSpan(period);
  const fit = { ...wish, from: toIso(startOfBeijingDate(span.fromDate)), before: toIso(startOfBeijingDate(span.beforeDate)) };
  const found = await listDecisionLines(tx, fit, { after: placeOf(cursor), limit: PAGE + 1 });
  const rows = found.slice(0, PAGE);
  const last = rows.at(-1);
  return {
    rows,
    count: await countDecisionLines(tx, fit, MOST_COUNTED),
    nextCursor: found.length > PAGE && last !== undefined ? writeCursor([last.at, last.id]) : null,
    games: await listGames(tx),
  };
}

function placeOf(cursor: string | undefined): DecisionPlace | null {
  const place = readCursor(cursor, 2);
  if (place === null) return null;
  const [at, id] = place;
  const [, acct, stage, referenceId] = /^([0-9a-f]{64})\.(order|quote|gift)\.([\x21-\x7e]{1,64})$/.exec(String(id)) ?? [];
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at)) && acct !== undefined && stage !== undefined && referenceId !== undefined) {
    return { at, acct, stage, referenceId };
  }
  throw new RefusalError('malformed', 'cursor_malformed', 'This page of the list cannot be found. Go back to its beginning.');
}
