/**
 * The supervisors' feed under load: 500 sockets of staff, 500 trades a second for a minute, 100 of the sockets cut and resumed on the way;
 * other loads with `--sockets=N --rate=N --seconds=N`.
 * Commits are real (durable, 25 trades each, the messages of a trade in the three rooms that hear of it, numbered and chained in
 * PostgreSQL); the trades themselves are not made here: `bench -- settle` measures those. Every client checks its numbers; in each
 * of the two processes one client a room is whole, Socket.IO's own with a supervisor's check of bodies, chain and heads, and the others are
 * thin (`thin-screen.ts` says what those leave out). Latency: from the answer to COMMIT to the client's program, on one machine's clock, whose cores
 * the server, PostgreSQL and all the screens share: `machineIdle` says what was left of them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import type { StaffRole } from '#server/trpc/views.ts';
import type { ClientReport, ClientsOrder, FromClients } from './feed-clients.ts';
import { type Services, tradeMessages, withFeedGround } from './feed-ground.ts';

const CLIENT_PROCESSES = 2;
const COMMITS_PER_SECOND = 20;
type Load = { readonly sockets: number; readonly tradesPerSecond: number; readonly seconds: number; readonly cuts: number };
const ROOMS = { sup_tax: 'sup:tax', sup_market: 'sup:market', sup_finance: 'sup:finance' } as const satisfies Partial<
  Record<StaffRole, string>
>;

function loadOf(flags: readonly string[]): Load {
  const asked = (name: string, usual: number) => {
    const flag = flags.find((each) => each.startsWith(`--${name}=`));
    return flag === undefined ? usual : Number(flag.slice(name.length + '--='.length));
  };
  const sockets = asked('sockets', 500);
  return { sockets, tradesPerSecond: asked('rate', 500), seconds: asked('seconds', 60), cuts: Math.floor(sockets / 5) };
}

export async function benchFeed(flags: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const load = loadOf(flags);
  const clients: ChildProcess[] = [];
  try {
    return await withFeedGround(
      () => null,
      async ({ base, services, signIn }) => {
        const orders = await Promise.all(Object.entries(ROOMS).map(async ([role, room]) => ({ cookie: await signIn(role), room })));
        const share = { sockets: load.sockets / CLIENT_PROCESSES, cuts: load.cuts / CLIENT_PROCESSES, seconds: load.seconds };
        for (let n = 0; n < CLIENT_PROCESSES; n++) clients.push(startClients({ base, rooms: orders, ...share }));
        await Promise.all(clients.map((client) => answer(client, 'ready')));
        const [before, machine] = [process.cpuUsage(), machineTimes()];
        for (const client of clients) client.send('go');
        const committed = await appendTrades(services, load);
        const cpu = process.cpuUsage(before);
        const idle = idleShare(machine, machineTimes());
        const headOf = async (room: string) => [room, (await services.outbox.getHead(room)).seq] as const;
        const heads = Object.fromEntries(await Promise.all(Object.values(ROOMS).map(headOf)));
        for (const client of clients) client.send(heads);
        const answers = await Promise.all(clients.map((client) => answer(client, 'report')));
        const reports = answers.flatMap((each) => (each.kind === 'report' ? [each.report] : []));
        return { ...load, ...summary(committed, reports), serverCpuSeconds: seconds(cpu), machineIdle: idle };
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
async function appendTrades({ sql, outbox, clock }: Services, load: Load): Promise<readonly number[]> {
  const committed: number[] = [];
  const perCommit = load.tradesPerSecond / COMMITS_PER_SECOND;
  const startedAt = performance.now();
  for (let round = 0; round < load.seconds * COMMITS_PER_SECOND; round++) {
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

/** Of all cores together, since the machine was started. */
function machineTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { idle: times.reduce((sum, { idle }) => sum + idle, 0), all };
}

function idleShare(before: ReturnType<typeof machineTimes>, after: ReturnType<typeof machineTimes>): number {
  return Math.round(((after.idle - before.idle) / (after.all - before.all)) * 100) / 100;
}

const seconds = ({ user, system }: NodeJS.CpuUsage): number => Math.round((user + system) / 100_000) / 10;

function summary(committed: readonly number[], reports: readonly ClientReport[]) {
  const latencies = reports.flatMap(({ samples }) => samples.map(([seq, at]) => at - (committed[seq - 1] ?? at))).sort((a, b) => a - b);
  const total = (pick: (report: ClientReport) => number) => reports.reduce((sum, report) => sum + pick(report), 0);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? null;
  return {
    trades: committed.length,
    delivered: total((report) => report.applied),
    batches: total((report) => report.batches),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: latencies.at(-1) ?? null,
    cutsMade: total((report) => report.cuts),
    lost: total((report) => report.lost),
    duplicatesShown: total((report) => report.duplicatesShown),
    duplicatesDelivered: total((report) => report.duplicatesDelivered),
    chainFaults: total((report) => report.chainFaults),
    clientCpuSeconds: reports.map(({ cpu }) => seconds(cpu)),
  };
}
