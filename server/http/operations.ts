/** For those who run the market: `/healthz` (alive), `/readyz` (able to take an order), `/metrics` (Prometheus text). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Services } from '#server/context.ts';

export interface Operations {
  /** True when the request was one of the three. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<boolean>;
  observe(route: string, status: number, seconds: number): void;
}

/** `services` answers `null` until everything is open. */
export function openOperations(services: () => Services | null): Operations {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'daoju_http_seconds',
    help: 'Time to answer, by kind of route and status class',
    labelNames: ['route', 'status'] as const,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers: [registry],
  });
  new Gauge({
    name: 'daoju_ledger_waiting',
    help: 'LedgerTx that are sequenced and not yet sealed',
    registers: [registry],
    collect() {
      this.set(services()?.ledger.health().waiting ?? 0);
    },
  });
  new Gauge({
    name: 'daoju_ledger_height',
    help: 'Height of the last certified block',
    registers: [registry],
    collect() {
      this.set(Number(services()?.ledger.certified.height ?? 0n));
    },
  });
  new Gauge({
    name: 'daoju_certificate_expiry_seconds',
    help: 'Time left of each certificate in use; negative once it has expired',
    labelNames: ['subject', 'kind'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { subject, kind, secondsLeft } of services()?.certificates.expiries() ?? []) this.set({ subject, kind }, secondsLeft);
    },
  });
  return {
    observe: (route, status, seconds) => durations.observe({ route, status: `${Math.floor(status / 100)}xx` }, seconds),
    handle: async (_req, res, path) => {
      if (path === '/healthz') answer(res, 200, { status: 'alive' });
      else if (path === '/readyz') await answerReady(services(), res);
      else if (path === '/metrics') {
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
