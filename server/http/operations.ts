/** For those who run the market: `/healthz` (alive), `/readyz` (able to take an order), `/metrics` (Prometheus text). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Services } from '#server/context.ts';
import type { MarketObserver } from '#server/exchange/observers.ts';
import { type GaugeSource, openGauges } from '#server/operations/gauges.ts';
import { openMarketMetrics } from '#server/operations/market-metrics.ts';

export interface Operations {
  /** True when the request was one of the three. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<boolean>;
  observe(route: string, status: number, seconds: number): void;
  readonly market: MarketObserver;
}

/** `source` answers `null` until everything is open. */
export function openOperations(source: () => GaugeSource | null): Operations {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'daoju_http_requests_total',
    help: 'Answered requests by kind of route and status',
    labelNames: ['route', 'code'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'daoju_http_request_seconds',
    help: 'Time to answer, by kind of route',
    labelNames: ['route'] as const,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers: [registry],
  });
  const gauges = openGauges(registry);
  return {
    market: openMarketMetrics(registry),
    observe: (route, status, seconds) => {
      requests.inc({ route, code: String(status) });
      durations.observe({ route }, seconds);
    },
    handle: async (_req, res, path) => {
      if (path === '/healthz') answer(res, 200, { status: 'alive' });
      else if (path === '/readyz') await answerReady(source()?.services ?? null, res);
      else if (path === '/metrics') {
        const opened = source();
        if (opened !== null) await gauges.refresh(opened);
        res.setHeader('content-type', registry.contentType);
        res.end(await registry.metrics());
      } else return false;
      return true;
    },
  };
}

async function answerReady(services: Services | null, res: ServerResponse): Promise<void> {
  if (services === null) return answer(res, 503, { status: 'starting' });
  const { halted, waiting, oldestWaitingMs } = services.ledger.health();
  if (halted !== null) return answer(res, 503, { status: 'halted', reason: halted });
  try {
    await services.sql`select 1`;
  } catch {
    return answer(res, 503, { status: 'database_unreachable' });
  }
  // An expired certificate stops nobody's order, so it is said and does not make the market unready.
  const expiring = services.certificates.expiries().filter(({ warning }) => warning !== null);
  return answer(res, 200, { status: 'ready', height: Number(services.ledger.certified.height), waiting, oldestWaitingMs, expiring });
}

function answer(res: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  res.statusCode = status;
  res.setHeader('content-type', 'application/json');
  res.setHeader('cache-control', 'no-store');
  res.end(JSON.stringify(body));
}
