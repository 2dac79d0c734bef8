/** Kinds and items: declare and issue in batches (product T-04, T-06, T-14, T-15). */
import type { TransactionSql } from 'postgres';
import { toHex } from '#ledger/primitives/bytes.ts';
import { findClassCap, findGame, type GameRecord, setSupplyCap } from '../../studio/catalogue.repo.ts';
import { planClasses, sequenceClasses } from '../../studio/declare-classes.ts';
import { planCap } from '../../studio/lower-cap.ts';
import { planMints, sequenceMints } from '../../studio/mint-items.ts';
import type { WritePlan } from '../../studio/write-plan.ts';
import { Problem } from '../problems.ts';
import { type RouteAnswer, type RouteCall, route } from '../router.ts';
import { patchItemClass, postItemClasses, postMints } from '../schemas.ts';
import { answerOnce, dryRunAnswer, signedEnvs, waitForCertified } from '../write.ts';

async function issuingGame(call: RouteCall<{ readonly game_id: string }>): Promise<GameRecord> {
  const game = await findGame(call.services.sql, call.caller.acct, call.body.game_id);
  if (game === null) throw new Problem('game_unknown');
  if (game.approval_no === null) throw new Problem('approval_missing');
  return game;
}

function refuseAtomic(mode: 'atomic' | 'per_item', plan: WritePlan): void {
  if (mode === 'atomic' && plan.results.some((result) => result.state === 'rejected'))
    throw new Problem('batch_refused', { rows: plan.results });
}

type Keep = (sql: TransactionSql, answer: RouteAnswer) => Promise<void>;

function sequencedAnswer(plan: WritePlan, txIds: readonly string[]) {
  return {
    status: 201,
    body: {
      state: 'sequenced',
      rows: plan.results.map((result) => (result.state === 'accepted' ? { ...result, state: 'sequenced' } : result)),
      tx_ids: txIds,
      replayed: false,
    },
  };
}

async function finish(call: RouteCall<unknown>, answer: RouteAnswer, txIds: readonly string[]): Promise<RouteAnswer> {
  if (call.prefer.waitSeconds === 0 || typeof answer.body !== 'object' || answer.body === null) return answer;
  return { ...answer, body: { ...answer.body, state: await waitForCertified(call, txIds) } };
}

export const issueRoutes = [
  route({
    method: 'POST',
    path: '/item-classes',
    summary: 'Declare kinds of items in a batch',
    access: 'write',
    schema: postItemClasses,
    run: (call) =>
      answerOnce(call, 'POST /item-classes', async (keep: Keep) => {
        const { body, caller, services } = call;
        const game = await issuingGame(call);
        const plan = await planClasses(services.studio.ports, caller.acct, game.game_id, body.reference_id, body.rows);
        if (body.dry_run) return dryRunAnswer(plan);
        refuseAtomic(body.mode, plan);
        let answer = sequencedAnswer(plan, []);
        let sequenced: readonly string[] = [];
        const envs = plan.bodies.length === 0 ? [] : signedEnvs(call, plan.bodies);
        await sequenceClasses(
          services.studio.ports,
          { acct: caller.acct, gameId: game.game_id, referenceId: body.reference_id, rows: body.rows, plan },
          envs,
          async (sql, txIds) => {
            sequenced = txIds;
            answer = sequencedAnswer(plan, txIds);
            await keep(sql, answer);
          },
        );
        return finish(call, answer, sequenced);
      }),
  }),
  route({
    method: 'PATCH',
    path: '/item-classes/{id}',
    summary: 'Lower the supply cap of a kind; the entry and the answer hold the old and the new value',
    access: 'write',
    schema: patchItemClass,
    run: (call) =>
      answerOnce(call, `PATCH /item-classes/${call.params.id}`, async (keep: Keep) => {
        const { body, caller, services } = call;
        const { ports } = services.studio;
        const classId = call.params.id ?? '';
        const known = await findClassCap(services.sql, caller.acct, classId);
        if (known === null) throw new Problem('class_unknown');
        const cap = BigInt(body.supply_cap);
        const serial = Number(known.ledger_serial);
        const planned = planCap(ports, { acct: caller.acct, referenceId: body.reference_id, classId, serial, cap });
        if (planned.kind === 'rejected') throw new Problem(planned.code);
        const { plan, before } = planned;
        if (body.dry_run) return dryRunAnswer(plan);
        let txIds: readonly string[] = [];
        const answerWith = (ids: readonly string[]): RouteAnswer => {
          const { body: sequenced } = sequencedAnswer(plan, ids);
          const supplyCap = { before: before === 0n ? null : before.toString(), now: cap.toString() };
          return { status: 200, body: { ...sequenced, class_id: classId, supply_cap: supplyCap } };
        };
        await ports.sequence(signedEnvs(call, plan.bodies), async (sql, results) => {
          txIds = plan.txIdsOf(results).map((txId) => toHex(txId));
          await setSupplyCap(sql, classId, cap);
          await keep(sql, answerWith(txIds));
        });
        return finish(call, answerWith(txIds), txIds);
      }),
  }),
  route({
    method: 'POST',
    path: '/mints',
    summary: 'Issue items to accounts in a batch',
    access: 'write',
    schema: postMints,
    run: (call) =>
      answerOnce(call, 'POST /mints', async (keep: Keep) => {
        const { body, caller, services } = call;
        const game = await issuingGame(call);
        const plan = await planMints(services.studio.ports, caller.acct, game.game_id, body.reference_id, body.rows);
        if (body.dry_run) return dryRunAnswer(plan);
        refuseAtomic(body.mode, plan);
        let answer = sequencedAnswer(plan, []);
        let sequenced: readonly string[] = [];
        const envs = plan.bodies.length === 0 ? [] : signedEnvs(call, plan.bodies);
        await sequenceMints(
          services.studio.ports,
          { acct: caller.acct, referenceId: body.reference_id, plan },
          envs,
          async (sql, txIds) => {
            sequenced = txIds;
            answer = sequencedAnswer(plan, txIds);
            await keep(sql, answer);
          },
        );
        return finish(call, answer, sequenced);
      }),
  }),
];
