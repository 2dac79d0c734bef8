/** Experiments as pages show them, with counters worked out from the snapshot itself. */

import { experimentView } from '#server/exchange/experiment-view.ts';
import { createExperiments } from '#server/exchange/experiments.ts';
import type { ExperimentView } from '#server/trpc/views.ts';
import type { Snapshot } from './snapshot.ts';

const NOT_SHOWN: readonly string[] = ['DRAFT'];

export async function listExperimentViews({ tx, now, viewer }: Snapshot): Promise<readonly ExperimentView[]> {
  const experiments = createExperiments();
  await experiments.reload(tx);
  return experiments
    .all()
    .filter(({ experiment }) => !NOT_SHOWN.includes(experiment.status))
    .map((running) => experimentView(running, viewer, now));
}

export async function findExperimentView(snapshot: Snapshot, experimentId: string): Promise<ExperimentView | null> {
  const views = await listExperimentViews(snapshot);
  return views.find((view) => view.experimentId === experimentId) ?? null;
}
