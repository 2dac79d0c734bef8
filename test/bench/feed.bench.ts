/**
 * The supervisors' feed under load: 500 sockets of staff, 500 trades a second for a minute, 100 of the sockets cut and resumed on the way.
 * Commits are real (durable, 25 trades each, the messages of a trade in the three rooms that hear of it, numbered and chained in
 * PostgreSQL); the trades themselves are not made here: `bench -- settle` measures those. Every client checks its numbers; one client a
 * room checks bodies, chain and heads too. Latency: from the answer to COMMIT to the client's program, on one machine's clock.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { StaffRole } from '#server/trpc/views.ts';
import type { ClientReport, ClientsOrder, FromClients } from './feed-clients.ts';
import { type Services, tradeMessages, withFeedGround } from './feed-ground.ts';

const SOCKETS = 500;
const CLIENT_PROCESSES = 2;
const TRADES_PER_SECOND = 500;
const SECONDS = 60;
const COMMITS_PER_SECOND = 20;
const CUTS = 100;
const ROOMS = { sup_tax: 'sup:tax', sup_market: 'sup:market', sup_finance: 'sup:finance' } as const satisfies Partial<
  Record<StaffRole, string>
>;

export async function benchFeed(): Promise<Readonly<Record<string, unknown>>> {
  const clients: ChildProcess[] = [];
  try {
    return await withFeedGround(
      () => null,
      async ({ base, services, signIn }) => {
        const orders = await Promise.all(Object.entries(ROOMS).map(async ([role, room]) => ({ cookie: await signIn(role), room })));
        const share = { sockets: SOCKETS / CLIENT_PROCESSES, cuts: CUTS / CLIENT_PROCESSES, seconds: SECONDS };
        for (let n = 0; n < CLIENT_PROCESSES; n++) clients.push(startClients({ base, rooms: orders, ...share }));
        await Promise.all(clients.map((client) => answer(client, 'ready')));
        const before = process.cpuUsage();
        for (const client of clients) client.send('go');
        const committed = await appendTrades(services);
        const cpu = process.cpuUsage(before);
        const headOf = async (room: string) => [room, (await services.outbox.getHead(room)).seq] as const;
        const heads = Object.fromEntries(await Promise.all(Object.values(ROOMS).map(headOf)));
        for (const client of clients) client.send(heads);
        const answers = await Promise.all(clients.map((client) => answer(client, 'report')));
        return summary(
          committed,
          answers.flatMap((each) => (each.kind === 'report' ? [each.report] : [])),
          cpu,
        );
      },
    );
  } finally {
    for (const client of clients) client.kill();
  }
}

function startClients(order: ClientsOrder): ChildProcess {
  const child = fork(path.join(import.meta.dirname, 'feed-clients.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(order);
  return child;
}

function answer(child: ChildProcess, kind: FromClients['kind']): Promise<FromClients> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the clients ended with ${code}`)));
    child.on('message', (message: FromClients) => {
      if (message.kind === kind) resolve(message);
    });
  });
}

/** When each number of a room was committed: the n-th trade is the n-th message of each room. */
async function appendTrades({ sql, outbox, clock }: Services): Promise<readonly number[]> {
  const committed: number[] = [];
  const perCommit = TRADES_PER_SECOND / COMMITS_PER_SECOND;
  const startedAt = performance.now();
  for (let round = 0; round < SECONDS * COMMITS_PER_SECOND; round++) {
    const wait = startedAt + (round * 1000) / COMMITS_PER_SECOND - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const at = clock.now();
    const messages = Array.from({ length: perCommit }, (_, n) => tradeMessages(round * perCommit + n + 1, at)).flat();
    await sql.begin((tx) => outbox.append(tx, messages));
    const now = Date.now();
    for (let n = 0; n < perCommit; n++) committed.push(now);
  }
  return committed;
}

function summary(committed: readonly number[], reports: readonly ClientReport[], cpu: NodeJS.CpuUsage) {
  const latencies = reports.flatMap(({ samples }) => samples.map(([seq, at]) => at - (committed[seq - 1] ?? at))).sort((a, b) => a - b);
  const total = (pick: (report: ClientReport) => number) => reports.reduce((sum, report) => sum + pick(report), 0);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? null;
  return {
    sockets: SOCKETS,
    tradesPerSecond: TRADES_PER_SECOND,
    seconds: SECONDS,
    trades: committed.length,
    delivered: total((report) => report.applied),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: latencies.at(-1) ?? null,
    cuts: total((report) => report.cuts),
    lost: total((report) => report.lost),
    duplicatesShown: total((report) => report.duplicatesShown),
    duplicatesDelivered: total((report) => report.duplicatesDelivered),
    chainFaults: total((report) => report.chainFaults),
    serverCpuSeconds: Math.round((cpu.user + cpu.system) / 100_000) / 10,
  };
}
