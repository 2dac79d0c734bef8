/** Kinds and items: declare and issue in batches (product T-04, T-14, T-15). */
import { findGame, type GameRecord } from '../../studio/catalogue.repo.ts';
import { planClasses, sequenceClasses } from '../../studio/declare-classes.ts';
import { planMints, sequenceMints } from '../../studio/mint-items.ts';
import { ledgerWrite } from '../ledger-write.ts';
import { Problem } from '../problems.ts';
import { type RouteCall, route } from '../router.ts';
import { postItemClasses, postMints } from '../schemas.ts';

async function issuingGame(call: RouteCall<{ readonly game_id: string }>): Promise<GameRecord> {
  const game = await findGame(call.services.sql, call.caller.acct, call.body.game_id);
  if (game === null) throw new Problem('game_unknown');
  if (game.approval_no === null) throw new Problem('approval_missing');
  return game;
}

export const issueRoutes = [
  route({
    method: 'POST',
    path: '/item-classes',
    summary: 'Declare kinds of items in a batch',
    access: 'write',
    schema: postItemClasses,
    run: (call) =>
      ledgerWrite(call, {
        name: 'POST /item-classes',
        prepare: async () => {
          const { ports } = call.services.studio;
          const { acct } = call.caller;
          const { rows, reference_id: referenceId } = call.body;
          const { game_id: gameId } = await issuingGame(call);
          const plan = await planClasses(ports, acct, gameId, referenceId, rows);
          const facts = { acct, gameId, referenceId, rows, plan };
          return { plan, status: 201, sequence: (envs, also) => sequenceClasses(ports, facts, envs, also) };
        },
      }),
  }),
  route({
    method: 'POST',
    path: '/mints',
    summary: 'Issue items to accounts in a batch',
    access: 'write',
    schema: postMints,
    run: (call) =>
      ledgerWrite(call, {
        name: 'POST /mints',
        prepare: async () => {
          const { ports } = call.services.studio;
          const { acct } = call.caller;
          const { rows, reference_id: referenceId } = call.body;
          const { game_id: gameId } = await issuingGame(call);
          const plan = await planMints(ports, acct, gameId, referenceId, rows);
          return { plan, status: 201, sequence: (envs, also) => sequenceMints(ports, { acct, referenceId, plan }, envs, also) };
        },
      }),
  }),
];
