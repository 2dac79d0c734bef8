/** Taking part in an experiment, and stopping at any time, as its disclosure says. */
import { armOf, refuseJoining } from '#sandbox/experiments/experiment.ts';
import type { Player } from '#server/identity/identity.ts';
import { activePack } from './active-pack.ts';
import type { ExchangeCode } from './codes.ts';
import { experimentView } from './experiment-view.ts';
import { endParticipation, insertParticipant, listOrdersInside } from './experiments.repo.ts';
import type { JoinAnswer } from './market.ts';
import type { Parts } from './take-orders.ts';
import { type Clocks, endOrders } from './trade-clocks.ts';

type Ground = Pick<Parts, 'ground' | 'experiments'>;

/** After having read the disclosure; again after having left, from then on. */
export async function joinExperiment(
  { ground, experiments }: Ground,
  player: Player,
  experimentId: string,
  disclosureVersion: string,
): Promise<JoinAnswer> {
  const { sql, ledger, clock } = ground;
  const refuse = (code: ExchangeCode): JoinAnswer => ({ kind: 'rejected', code, facts: {} });
  const running = experiments.find(experimentId);
  if (running === null) return refuse('experiment_unknown');
  const { experiment, caps, joined } = running;
  if (disclosureVersion !== experiment.safeguards.disclosureVersion) return refuse('disclosure_outdated');
  const now = clock.now();
  const [classId = ''] = experiment.eligibility.itemClasses;
  const [gameId = ''] = experiment.eligibility.games;
  const code = refuseJoining(
    experiment,
    {
      personRef: player.acct,
      birthDate: player.birthDate ?? '9999-12-31',
      realNameLevel: player.level,
      hasOpenAmlCase: player.hasOpenAmlCase,
      classId,
      gameId,
      at: now,
    },
    activePack(ledger.pending, now).pack,
  );
  if (code === 'SBX_NOT_ELIGIBLE_AGE') return refuse('minor_refused');
  if (code === 'SBX_NOT_ELIGIBLE_LEVEL') return refuse('level_required');
  if (code !== null) return refuse('experiment_inactive');
  return ledger.runGroup(async () => {
    const answer = caps.join(player.acct);
    if (answer.kind === 'rejected') return refuse('SBX_CAP_PARTICIPANTS');
    const facts = joined.get(player.acct) ?? { at: now, disclosureVersion, arm: armOf(experiment, player.acct).arm };
    await sql.begin((tx) => insertParticipant(tx, experimentId, player.acct, { ...facts, disclosureVersion }));
    joined.set(player.acct, { ...facts, disclosureVersion });
    return { kind: 'joined', experiment: experimentView(running, player.acct, now) };
  });
}

/** From now on his orders stand under the pack alone; what stands open inside ends, and what it held is free. What two people have agreed
 *  on runs out. Asked again it ends what a crash left open. */
export async function leaveExperiment(
  { ground, experiments }: Ground,
  clocks: Clocks,
  player: Player,
  experimentId: string,
): Promise<JoinAnswer> {
  const { sql, ledger, clock } = ground;
  const running = experiments.find(experimentId);
  if (running === null) return { kind: 'rejected', code: 'experiment_unknown', facts: {} };
  const now = clock.now();
  await ledger.runGroup(async () => {
    await sql.begin((tx) => endParticipation(tx, experimentId, player.acct, now));
    running.caps.leave(player.acct);
    running.joined.delete(player.acct);
  });
  await endOrders(clocks, await listOrdersInside(sql, experimentId, player.acct), 'canceled', 'experiment_left');
  return { kind: 'joined', experiment: experimentView(running, player.acct, now) };
}
