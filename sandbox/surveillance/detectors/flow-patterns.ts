/** CN-SV-10: shapes that money takes when many accounts serve one purpose. Each shape is a file of `flows/`. */
import type { Detector } from '../detector.ts';
import { NOTHING } from '../detector.ts';
import { DAY_MS } from '../facts.ts';
import { createCollectionWatch } from '../flows/collection.ts';
import { createFanWatch } from '../flows/fan.ts';
import { createCycleWatch } from '../flows/money-cycle.ts';
import { createScatterWatch } from '../flows/scatter-gather.ts';

export const flowPatterns: Detector = {
  id: 'CN-SV-10',
  name: 'flow_pattern',
  title: { zh: '资金汇集与分散', en: 'Fan-in, fan-out, cycle' },
  definition: {
    zh: '七天内多个账户向一个账户付款（或相反），经中间账户转付，小额汇集，或资金循环回到起点',
    en: 'Within days many accounts pay one, or one pays many, through middle accounts, in small sums, or round back to the start',
  },
  reads: ['payment'],
  label: null,
  audience: ['finance'],
  open: (parameters, { clusters, startedAt }) => {
    const windowMs = parameters.count('windowDays') * DAY_MS;
    const fan = createFanWatch({
      minOthers: parameters.count('minOthers'),
      windowMs,
      burstFactor: parameters.rate('burstFactor'),
      outlierFactor: parameters.rate('outlierFactor'),
      bandShare: parameters.rate('bandShare'),
      bandRatio: parameters.rate('bandRatio'),
      passedShare: parameters.rate('passedShare'),
    });
    const scatter = createScatterWatch({ minMiddle: parameters.count('minMiddle'), windowMs, kept: parameters.rate('middleKept') });
    const cycle = createCycleWatch({
      windowMs: parameters.count('cycleDays') * DAY_MS,
      stepMs: parameters.count('cycleStepDays') * DAY_MS,
      mostSteps: parameters.count('cycleMostSteps'),
      lossPerStep: parameters.rate('cycleLoss'),
    });
    const collection = createCollectionWatch({
      smallShare: parameters.rate('smallShare'),
      minHabit: parameters.count('minHabit'),
      minSplit: parameters.count('minSplit'),
      splitRatio: parameters.rate('splitRatio'),
      minPayers: parameters.count('minPayers'),
      windowMs: parameters.count('collectionDays') * DAY_MS,
    });
    let order = 0;
    return {
      take: (fact) => {
        if (fact.kind !== 'payment') return NOTHING;
        const [from, to] = [clusters.of(fact.from), clusters.of(fact.to)];
        if (from === to) return NOTHING;
        order += 1;
        const flow = { payment: fact, from, to, amount: Number(fact.amountFen), order };
        return [...fan.take(flow, startedAt()), ...scatter.take(flow), ...cycle.take(flow), ...collection.take(flow)];
      },
      close: () => fan.close(),
    };
  },
};
