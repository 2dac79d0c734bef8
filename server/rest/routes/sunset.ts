/** The end of a game through the studio's own interface (product T-27): signed by the studio, co-signed by the operator. */

import type { z } from 'zod';
import { toHex } from '#ledger/primitives/bytes.ts';
import { findGame } from '../../studio/catalogue.repo.ts';
import { insertSunset } from '../../studio/sunset.repo.ts';
import { endOfDay, getSunset, planSunset, type SunsetView } from '../../studio/sunset.ts';
import { planOf } from '../../studio/write-plan.ts';
import { sunsetAnswer, sunsetState } from '../answers.schema.ts';
import { ledgerWrite, type PlannedWrite } from '../ledger-write.ts';
import { Problem } from '../problems.ts';
import { type RouteCall, readRoute, route } from '../router.ts';
import { postSunset } from '../schemas.ts';

export const sunsetRoutes = [
  route({
    method: 'POST',
    path: '/games/{id}/sunset',
    summary: 'Announce the end of a game, at least 60 days ahead; nothing of it is issued or sold from now on',
    access: 'write',
    schema: postSunset,
    answer: sunsetAnswer,
    run: announceSunset,
  }),
  readRoute({
    path: '/games/{id}/sunset',
    summary: 'The announced end of a game with its checklist',
    answer: sunsetState,
    run: async ({ services, caller, params }) => {
      if ((await findGame(services.sql, caller.acct, params.id ?? '')) === null) throw new Problem('game_unknown');
      const view = await getSunset(services.studio.ports, caller.acct, services.archives);
      return { status: 200, body: { sunset: view === null ? null : sunsetRow(view) } };
    },
  }),
];

/** Also what the console does for a studio whose issuing key lies here. @throws {Problem} */
export function announceSunset(call: RouteCall<z.output<typeof postSunset>>) {
  return ledgerWrite(call, { name: `POST /games/${call.params.id}/sunset`, line: call.caller.acct, prepare: () => prepare(call) });
}

/** In the words of the API. */
function sunsetRow({ gameId, announcedAt, endsAt, daysLeft, refundTerms, txId, liveItems, checklist, file, ...same }: SunsetView) {
  return {
    ...same,
    game_id: gameId,
    announced_at: announcedAt,
    ends_at: endsAt,
    days_left: daysLeft,
    refund_terms: refundTerms,
    tx_id: txId,
    checklist: checklist.map(({ isDone, ...step }) => ({ ...step, is_done: isDone })),
    live_items: liveItems,
    file: file === null ? null : { height: file.height, sm3: file.sm3, size: file.size, tx_id: file.txId, href: file.href },
  };
}

async function prepare(call: RouteCall<z.output<typeof postSunset>>) {
  const { services, caller, body } = call;
  const { ports } = services.studio;
  const gameId = call.params.id ?? '';
  if ((await findGame(services.sql, caller.acct, gameId)) === null) throw new Problem('game_unknown');
  const endsAt = endOfDay(body.last_day);
  const successor = body.successor ?? null;
  const noticeMs = Number(services.ledger.config.limits.sunsetNoticeMs);
  const facts = { acct: caller.acct, referenceId: body.reference_id, endsAt, successor };
  const planned = await planSunset(ports, facts, noticeMs);
  if (planned.kind === 'rejected') throw new Problem(planned.code);
  const plan = planOf([{ row: 0, state: 'accepted', id: gameId }], [planned.body]);
  return {
    plan,
    status: 201,
    facts: { game_id: gameId, last_day: body.last_day },
    sequence: (envs, also) =>
      ports.sequence(
        envs.map((env) => services.ledger.operator.coSign(env)),
        async (sql, results) => {
          const txIds = plan.txIdsOf(results);
          for (const txId of txIds) {
            await insertSunset(sql, caller.acct, {
              gameId,
              endsAt,
              archive: planned.archive,
              successor,
              refundTerms: body.refund_terms,
              cause: 'studio',
              txId,
              announcedAt: services.clock.now(),
            });
          }
          await also(sql, txIds.map(toHex));
        },
      ),
  } satisfies PlannedWrite<object>;
}
