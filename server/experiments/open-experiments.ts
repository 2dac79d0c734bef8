/** The desk of experiments as procedures see it. */
import type { OpenedMarket } from '#server/exchange/open-market.ts';
import { type ExperimentWatch, type WatchGround, watchExperiments } from './watch.ts';

export type ExperimentDesk = {
  readonly market: Pick<OpenedMarket, 'experiments' | 'endExperimentOrders'>;
  readonly watch: ExperimentWatch;
};

export function openExperiments(ground: WatchGround): ExperimentDesk {
  return { market: ground.market, watch: watchExperiments(ground) };
}
