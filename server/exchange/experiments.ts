/** Experiments that run: documents, who joined, and the counter of each, in memory under the one writer and rebuilt from tables. */
import type { AccountId, ClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { type CapCounter, createCapCounter } from '#sandbox/experiments/cap-counter.ts';
import { type Experiment, type Participation, participate, reachesEveryOrder } from '#sandbox/experiments/experiment.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { ClassRow } from '#server/settlement/model.ts';
import type { Mechanism } from '#server/trpc/views.ts';
import { listExperiments, listParticipants, readCapState } from './experiments.repo.ts';

export type Joined = { readonly at: Instant; readonly disclosureVersion: string; readonly arm: string };
export type Running = {
  readonly experiment: Experiment;
  readonly caps: CapCounter;
  readonly joined: Map<AccountId, Joined>;
};

export interface Experiments {
  find(experimentId: string): Running | null;
  all(): readonly Running[];
  /** The document as it is from now on; what was counted and who joined stay. Only in the ledger's line. */
  set(experiment: Experiment): void;
  /** The experiment whose cohort has this kind: the one that runs, else the newest that was published. */
  ofClass(classId: ClassId): Running | null;
  /** The one whose rules an order of this kind may be placed under: of the matched book that of the kind, of every other one that tests
   *  now and tries more than a mechanism. */
  ofOrder(classId: ClassId, mechanism: Mechanism): Running | null;
  participation(running: Running, player: Player, itemClass: ClassRow, pack: RulePack, at: Instant): Participation;
  /** Reads everything again: at the start, and after a group that was thrown away. */
  reload(sql: Queryable): Promise<void>;
}

const RUNS: readonly Experiment['status'][] = ['TESTING', 'PAUSED'];

export function createExperiments(): Experiments {
  let running = new Map<string, Running>();
  const ofClass = (classId: ClassId) => {
    const found = [...running.values()].filter(
      ({ experiment }) => experiment.status !== 'DRAFT' && experiment.eligibility.itemClasses.includes(classId),
    );
    return found.find(({ experiment }) => RUNS.includes(experiment.status)) ?? found.at(-1) ?? null;
  };
  return {
    find: (experimentId) => running.get(experimentId) ?? null,
    all: () => [...running.values()],
    ofClass,
    ofOrder: (classId, mechanism) => {
      const found = ofClass(classId);
      if (found === null || mechanism === 'price_time') return found;
      return found.experiment.status === 'TESTING' && reachesEveryOrder(found.experiment) ? found : null;
    },
    set: (experiment) => {
      const known = running.get(experiment.id);
      running.set(experiment.id, {
        experiment,
        caps: known?.caps ?? createCapCounter(experiment.caps),
        joined: known?.joined ?? new Map(),
      });
    },
    participation: ({ experiment, joined }, player, itemClass, pack, at) =>
      participate(
        experiment,
        {
          personRef: player.acct,
          birthDate: player.birthDate ?? '9999-12-31',
          realNameLevel: player.level,
          hasOpenAmlCase: player.hasOpenAmlCase,
          acceptedDisclosure: joined.get(player.acct)?.disclosureVersion ?? null,
          classId: itemClass.classId,
          gameId: itemClass.gameId,
          at,
        },
        pack,
      ),
    reload: async (sql) => {
      const next = new Map<string, Running>();
      for (const experiment of await listExperiments(sql)) {
        const joined = await listParticipants(sql, experiment.id);
        const state = await readCapState(sql, experiment.id, [...joined.keys()]);
        next.set(experiment.id, { experiment, caps: createCapCounter(experiment.caps, state), joined });
      }
      running = next;
    },
  };
}
