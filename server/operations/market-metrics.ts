/** What the market tells of its work, as counters and histograms (product O-14). */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { MarketObserver } from '#server/exchange/observers.ts';

const ANSWER_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5];
const CERTIFY_BUCKETS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 120];

export function openMarketMetrics(registry: Registry): MarketObserver {
  const registers = [registry];
  const orderAnswer = new Histogram({
    name: 'daoju_order_answer_seconds',
    help: 'From the arrival of a signed order to its answer, replays left out',
    buckets: ANSWER_BUCKETS,
    registers,
  });
  const verify = new Histogram({
    name: 'daoju_sm2_verify_seconds',
    help: 'Until the signatures of one order or cancel were verified, the wait for a worker included',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  });
  const certify = new Histogram({
    name: 'daoju_certify_seconds',
    help: 'From settlement to finality of a trade',
    buckets: CERTIFY_BUCKETS,
    registers,
  });
  const matches = counter(registry, 'daoju_match_commands_total', 'Commands of the matched book by result', ['result']);
  const cancels = counter(registry, 'daoju_cancel_outcomes_total', 'Answered cancels by outcome', ['outcome']);
  const trades = counter(registry, 'daoju_trades_total', 'Trades that reached a state since the start of this process', ['state']);
  const decisions = counter(registry, 'daoju_decisions_total', 'Decisions by kind and code of the first reason', ['decision', 'code']);
  return {
    orderAnswered: (seconds) => orderAnswer.observe(seconds),
    signaturesVerified: (seconds) => verify.observe(seconds),
    certified: (seconds) => certify.observe(seconds),
    matchAnswered: (result) => matches.inc({ result }),
    cancelAnswered: (outcome) => cancels.inc({ outcome }),
    decided: (decision, code) => decisions.inc({ decision, code }),
    tradesReached: (state, count) => {
      if (count > 0) trades.inc({ state }, count);
    },
  };
}

function counter<Label extends string>(registry: Registry, name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}
