/** Kinds and items: declare and issue in batches (product T-04, T-14, T-15). */
import type { z } from 'zod';
import { findGame, type GameRecord } from '../../studio/catalogue.repo.ts';
import { planClasses, sequenceClasses } from '../../studio/declare-classes.ts';
import { planMints, sequenceMints } from '../../studio/mint-items.ts';
import { type Answered, batchAnswer } from '../answers.schema.ts';
import { ledgerWrite } from '../ledger-write.ts';
import { Problem } from '../problems.ts';
import { type RouteAnswer, type RouteCall, route } from '../router.ts';
import { postItemClasses, postMints } from '../schemas.ts';
import { type JobKind, startJob } from '../start-job.ts';
import { waitingRow } from './imports.ts';

const BATCH_ROWS = 1_000;
type BatchAnswer = RouteAnswer<Answered<typeof batchAnswer>>;

async function issuingGame(call: RouteCall<{ readonly game_id: string }>): Promise<GameRecord> {
  const game = await findGame(call.services.sql, call.caller.acct, call.body.game_id);
  if (game === null) throw new Problem('game_unknown');
  if (game.approval_no === null) throw new Problem('approval_missing');
  return game;
}

/** Too long for one answer: a job (T-14). It is worked off batch by batch, so that it is neither atomic nor signed beforehand. */
function asJob(call: RouteCall<z.output<typeof postItemClasses> | z.output<typeof postMints>>, kind: JobKind): Promise<BatchAnswer> | null {
  const { rows, mode, ledger_txs: signed } = call.body;
  if (rows.length <= BATCH_ROWS) return null;
  if (mode !== 'per_item' || signed !== undefined) throw new Problem('batch_too_large');
  return startJob(call, { name: kind === 'mints' ? 'POST /mints' : 'POST /item-classes', kind, rows: () => rows.map(waitingRow) });
}

export const issueRoutes = [
  route({
    method: 'POST',
    path: '/item-classes',
    summary: 'Declare kinds of items in a batch',
    access: 'write',
    schema: postItemClasses,
    answer: batchAnswer,
    run: (call): Promise<BatchAnswer> =>
      asJob(call, 'item_classes') ??
      ledgerWrite(call, {
        name: 'POST /item-classes',
        prepare: async () => {
          const { ports } = call.services.studio;
          const { acct } = call.caller;
          const { rows, reference_id: referenceId } = call.body;
          const { game_id: gameId } = await issuingGame(call);
          const plan = await planClasses(ports, acct, gameId, referenceId, rows);
          const kinds = { acct, gameId, referenceId, rows, plan };
          return { plan, status: 201, facts: {}, sequence: (envs, also) => sequenceClasses(ports, kinds, envs, also) };
        },
      }),
  }),
  route({
    method: 'POST',
    path: '/mints',
    summary: 'Issue items to accounts in a batch',
    access: 'write',
    schema: postMints,
    answer: batchAnswer,
    run: (call): Promise<BatchAnswer> =>
      asJob(call, 'mints') ??
      ledgerWrite(call, {
        name: 'POST /mints',
        prepare: async () => {
          const { ports } = call.services.studio;
          const { acct } = call.caller;
          const { rows, reference_id: referenceId } = call.body;
          const { game_id: gameId } = await issuingGame(call);
          const plan = await planMints(ports, acct, gameId, referenceId, rows);
          return { plan, status: 201, facts: {}, sequence: (envs, also) => sequenceMints(ports, { acct, referenceId, plan }, envs, also) };
        },
      }),
  }),
];
