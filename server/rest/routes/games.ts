/** Games: declare, describe, say *still alive* (product T-03, T-05). */
import type { TransactionSql } from 'postgres';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { findGame, listAttributeKinds } from '../../studio/catalogue.repo.ts';
import { insertAttributes, insertGame, touchGame, updateGame } from '../../studio/games.repo.ts';
import type { AttributeDefinitionRow } from '../../studio/rows.schema.ts';
import { type Answered, gameAnswer } from '../answers.schema.ts';
import { Problem } from '../problems.ts';
import { type RouteAnswer, type RouteCall, route } from '../router.ts';
import { patchGame, postGame, postHeartbeat } from '../schemas.ts';
import { answerOnce, type Keep, type KnownBefore } from '../write.ts';

/** The same for the same studio and `game_ref`. */
function gameIdOf(acct: string, gameRef: string): string {
  return `gam_${toHex(sm3(utf8(`${acct}/${gameRef}`)).subarray(0, 16))}`;
}

type GameAnswer = Exclude<Answered<typeof gameAnswer>, KnownBefore>;
function acceptedAnswer(status: number, gameId: string): RouteAnswer<GameAnswer> {
  return { status, body: { game_id: gameId, state: 'accepted', replayed: false } };
}

const ATTRIBUTES_MAX = 32;

async function refuseAttributes(call: RouteCall<unknown>, gameId: string, attributes: readonly AttributeDefinitionRow[]): Promise<void> {
  const known = await listAttributeKinds(call.services.sql, gameId);
  const conflict = attributes.find(({ key, type, scale, mutable }) => {
    const kind = known.get(key);
    return kind !== undefined && (kind.type !== type || kind.scale !== (scale ?? null) || kind.mutable !== mutable);
  });
  const grown = new Set([...known.keys(), ...attributes.map((attribute) => attribute.key)]);
  if (grown.size > ATTRIBUTES_MAX) throw new Problem('attributes_exceeded');
  if (conflict === undefined) return;
  const { type = '', scale = null, mutable = false } = known.get(conflict.key) ?? {};
  const message = `is ${type}${scale === null ? '' : ` with scale ${scale}`}${mutable ? ', changeable on an item' : ''}`;
  throw new Problem('attribute_conflict', { fields: [{ path: `attributes.${conflict.key}`, message }] });
}

/** In one database transaction with the stored answer. */
async function commit(
  call: RouteCall<{ readonly dry_run: boolean }>,
  answer: RouteAnswer<GameAnswer>,
  keep: Keep<GameAnswer>,
  work: (sql: TransactionSql) => Promise<void>,
): Promise<RouteAnswer<GameAnswer>> {
  if (call.body.dry_run) return { status: 200, body: { state: 'dry_run' } };
  await call.services.sql.begin(async (sql) => {
    await work(sql);
    await keep(sql, answer);
  });
  return answer;
}

export const gameRoutes = [
  route({
    method: 'POST',
    path: '/games',
    summary: 'Declare a game',
    access: 'write',
    schema: postGame,
    answer: gameAnswer,
    run: (call) =>
      answerOnce(call, 'POST /games', async (keep) => {
        const { body, caller, services } = call;
        const gameId = gameIdOf(caller.acct, body.game_ref);
        if ((await findGame(services.sql, caller.acct, gameId)) !== null) throw new Problem('game_exists');
        const answer = acceptedAnswer(201, gameId);
        const answered = await commit(call, answer, keep, async (sql) => {
          await insertGame(sql, caller.acct, gameId, body, services.clock.now());
          await insertAttributes(sql, gameId, body.attributes);
        });
        // Its affiliates are kept out of the studio's other games too.
        services.studio.ports.onClassChanged(null);
        return answered;
      }),
  }),
  route({
    method: 'PATCH',
    path: '/games/{id}',
    summary: 'Describe a game; its attribute schema may only grow',
    access: 'write',
    schema: patchGame,
    answer: gameAnswer,
    run: (call) =>
      answerOnce(call, `PATCH /games/${call.params.id}`, async (keep) => {
        const { body, caller, services } = call;
        const gameId = call.params.id ?? '';
        if ((await findGame(services.sql, caller.acct, gameId)) === null) throw new Problem('game_unknown');
        await refuseAttributes(call, gameId, body.attributes ?? []);
        const answer = acceptedAnswer(200, gameId);
        const answered = await commit(call, answer, keep, async (sql) => {
          await updateGame(sql, gameId, body);
          await insertAttributes(sql, gameId, body.attributes ?? []);
        });
        services.studio.ports.onClassChanged(null);
        return answered;
      }),
  }),
  route({
    method: 'POST',
    path: '/games/{id}/heartbeat',
    summary: 'Say that the game is still alive',
    access: 'write',
    schema: postHeartbeat,
    answer: gameAnswer,
    run: (call) =>
      answerOnce(call, `POST /games/${call.params.id}/heartbeat`, async (keep) => {
        const gameId = call.params.id ?? '';
        if ((await findGame(call.services.sql, call.caller.acct, gameId)) === null) throw new Problem('game_unknown');
        const at = call.services.clock.now();
        return commit(call, acceptedAnswer(200, gameId), keep, (sql) => touchGame(sql, gameId, at));
      }),
  }),
];
