/** A demonstration chain's first rules: pack CN activated by the supervisor, and the pilot experiment entered in state TESTING by one
 *  entry marked seeded (rulebook 6.4, ledger 6.2). Other chains get theirs from their supervisors. */
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { recordKey } from '#ledger/tx/ids.ts';
import { experimentHash, refuseRegistration } from '#sandbox/experiments/experiment.ts';
import { priceTimePilot } from '#sandbox/experiments/sbx-2026-0001.ts';
import { PACKS, packHash } from '#sandbox/packs/pack.ts';
import { insertPack } from '#server/compliance/packs.repo.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';
import { findActivePack, JURISDICTION } from './active-pack.ts';
import { insertExperiment } from './experiments.repo.ts';
import { message } from './messages.ts';
import type { MarketGround } from './open-market.ts';

const TESTING = 4;
const SEEDED = 1;
const SIMULATED = 2;
const PILOT_KINDS = 12;
const WINDOW_MS = 3_600_000;

function bodyOf(ledger: LedgerNode, ground: MarketGround, op: Op): TxBody {
  const now = ground.clock.now();
  return { chain: ledger.chain, salt: ground.random.bytes(16), notBefore: BigInt(now - 60_000), notAfter: BigInt(now + WINDOW_MS), op };
}

function only(envs: readonly TxEnv[]): TxEnv {
  const [env] = envs;
  assert(env !== undefined, 'one body, one env');
  return env;
}

/** Once per chain. @returns whether a pack is in force now */
export async function ensureRules(ground: MarketGround): Promise<boolean> {
  const { ledger, clock } = ground;
  const now = clock.now();
  const active = findActivePack(ledger.pending, now);
  const pack = active?.pack ?? PACKS.find(({ id }) => id === JURISDICTION);
  assert(pack !== undefined, 'the jurisdiction ships a pack');
  if (active !== null) return true;
  if (ledger.demo === null) return false;
  const op: Op = {
    kind: 'rule_pack_activate',
    jurisdiction: JURISDICTION,
    pack: fromHex(packHash(pack), 32),
    from: BigInt(now - 1000),
    tighten: 1,
  };
  const env = only(ledger.demo.supervisor.batchSign([bodyOf(ledger, ground, op)]));
  const [result] = await sequenceOutside(ground, [env], async (tx) => {
    const words = { zh: `规则包 ${pack.id} ${pack.version} 生效`, en: `Rule pack ${pack.id} ${pack.version} in force` };
    await insertPack(tx, pack, now, words);
    await ground.outbox.append(tx, [
      message('public', 'pack.state', now, {
        packId: pack.id,
        version: pack.version,
        packHash: packHash(pack),
        from: null,
        to: 'active',
        effectiveFrom: toIso(now),
      }),
    ]);
  });
  assert(result?.kind === 'sequenced', `the first pack is activated (${result?.kind === 'rejected' ? result.code : ''})`);
  return true;
}

/** As soon as the pilot's kinds are certified. @returns whether the experiment was entered now */
export async function ensurePilot(ground: MarketGround, classRefs?: readonly string[]): Promise<boolean> {
  const { ledger, clock, sql } = ground;
  if (ledger.demo === null || !(await isPilotMissing(sql))) return false;
  const kinds = await query<{ class_id: string; game_id: string }>(
    sql,
    `select class_id, game_id from catalogue.item_classes
     where interchangeable and certified_at is not null and ($1::text[] is null or class_ref = any($1)) order by class_ref limit ${PILOT_KINDS}`,
    [classRefs === undefined ? null : [...classRefs]],
  );
  if (kinds.length < PILOT_KINDS) return false;
  const cohort = kinds;
  const pinned = await query<{ acct: string }>(sql, 'select acct from identity.players where is_demonstration order by acct');
  const now = clock.now();
  const experiment = priceTimePilot({
    seededAt: now,
    classIds: cohort.map((kind) => kind.class_id),
    gameIds: [...new Set(cohort.map((kind) => kind.game_id))],
    pinnedPersonRefs: pinned.map((row) => row.acct),
  });
  const active = findActivePack(ledger.pending, now);
  if (active === null || refuseRegistration(experiment, active.pack, ledger.demo !== null) !== null) return false;
  const op: Op = {
    kind: 'experiment_transition',
    experiment: recordKey.experiment(experiment.id),
    to: TESTING,
    flags: SEEDED | SIMULATED,
    doc: fromHex(experimentHash(experiment), 32),
  };
  const signed = ledger.demo.supervisor.coSign(only(ledger.operator.batchSign([bodyOf(ledger, ground, op)])));
  const [result] = await sequenceOutside(ground, [signed], async (tx, results) => {
    const [first] = results;
    if (first?.kind !== 'sequenced') return;
    await insertExperiment(tx, experiment, now);
    await ground.outbox.append(tx, [
      message('sup:all', 'sbx.state', now, {
        experimentId: experiment.id,
        from: null,
        to: experiment.status,
        reason: 'seeded',
        simulated: true,
      }),
    ]);
  });
  if (result?.kind !== 'sequenced') ground.log.error({ code: result?.code }, "couldn't enter the pilot experiment");
  return result?.kind === 'sequenced';
}

async function isPilotMissing(sql: Queryable): Promise<boolean> {
  const [row] = await query<{ n: number }>(sql, 'select count(*)::int as n from experiments.experiments');
  return row?.n === 0;
}
