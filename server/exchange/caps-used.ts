/** How full the caps are that hold for an experiment as a whole: nobody's own. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Experiments } from './experiments.ts';

const OF_THE_EXPERIMENT: readonly string[] = ['SBX_CAP_EXPERIMENT_OPEN_EXPOSURE', 'SBX_CAP_EXPERIMENT_TOTAL_TURNOVER'];
/** Nobody's reference: only the counters of everybody are asked for. */
const NOBODY = '';

export type CapUse = { readonly experimentId: string; readonly code: string; readonly ratio: number };

export function capsUsed(experiments: Experiments, now: Instant): readonly CapUse[] {
  return experiments.all().flatMap(({ experiment, caps }) => [
    ...caps
      .gauges(NOBODY, now)
      .filter(({ code }) => OF_THE_EXPERIMENT.includes(code))
      .map(({ code, limitFen, usedFen, reservedFen }) => ({
        experimentId: experiment.id,
        code,
        ratio: Number(usedFen + reservedFen) / Number(limitFen),
      })),
    { experimentId: experiment.id, code: 'SBX_CAP_PARTICIPANTS', ratio: caps.participants() / experiment.caps.participants },
  ]);
}
