/** `npm run demo:traffic` (product O-24): simulated people trade through the public API of a running demonstration. Arrivals are Poisson,
 *  busier in Beijing evenings; everything is drawn from the seed, the clock and the answers. */
import { DEMONSTRATION_MARKET_MAKERS } from '#drizzle/seed/demonstration-keys.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { draw } from './plan.ts';
import { createPlayerClient } from './player-client.ts';
import { type AbuseLabel, abuse, PATTERN_NAMES } from './traffic-abuse.ts';
import { bid, buy, changeMind, type Dice, list, type Outcome, serve, type Trader } from './traffic-acts.ts';
import { joinPilot, type Pilot, tradeInPilot } from './traffic-matched.ts';
import { accountOf, bringPerson, type TrafficGround, type TrafficPerson, trafficPerson } from './traffic-people.ts';

export type TrafficOptions = {
  /** Acts a second. */
  readonly rate: number;
  readonly minutes: number;
  readonly seed: string;
  /** Share of acts that are abuse patterns. */
  readonly abuse: number;
  readonly people: number;
};
export type TrafficReport = {
  readonly acts: number;
  readonly trades: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly results: Readonly<Record<string, number>>;
  readonly labels: readonly AbuseLabel[];
};
export type TrafficShell = {
  readonly say: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
};

const DEPOSIT_FEN = '2000000';
const AT_ONCE = 8;
const SAY_EVERY_MS = 5000;
const DEPOSIT_POLLS = 60;
/** Of ordinary acts. */
const PILOT_SHARE = 0.2;

/** @throws {Error} on any chain that is not a demonstration */
export async function runTraffic(ground: TrafficGround, options: TrafficOptions, shell: TrafficShell): Promise<TrafficReport> {
  const visitor = createPlayerClient({ ...ground, acct: '', privateKey: new Uint8Array(32) });
  const home = await visitor.api.home.get.query();
  if (!home.isDemonstration) throw new Error('simulated traffic is refused: this chain is not a demonstration');
  let counter = 0;
  const dice: Dice = () => draw(1 << 30, 'dice', options.seed, String(counter++)) / (1 << 30);
  const makers = await bringMakers(ground);
  const people = await bringPeople(ground, home.chain, options, shell);
  const traders = [...makers, ...people];
  const pilot = await joinPilot(traders);
  let newcomers = 0;
  const newcomer = () => join(ground, trafficPerson(`${options.seed}m`, home.chain, newcomers++));
  const latencies: number[] = [];
  const results = new Map<string, number>();
  const labels: AbuseLabel[] = [];
  let trades = 0;
  const count = ({ act, result, tradeId }: Outcome): void => {
    results.set(`${act}: ${result}`, (results.get(`${act}: ${result}`) ?? 0) + 1);
    if (tradeId !== null) trades++;
  };
  const act = async (): Promise<void> => {
    const from = ground.now();
    if (dice() < options.abuse) {
      const pattern = PATTERN_NAMES[Math.floor(dice() * PATTERN_NAMES.length)] ?? 'wash';
      const label = await abuse(ground, pattern, { makers, people, newcomer, sleep: shell.sleep }, dice);
      labels.push(label);
      const result = label.isComplete ? 'complete' : 'in part';
      count({ act: `abuse ${pattern}`, result, tradeId: null });
      trades += label.tradeIds.length;
    } else count(await ordinary(ground, { traders, makers, people, pilot }, dice));
    latencies.push(ground.now() - from);
  };

  const startedAt = ground.now();
  const endsAt = startedAt + options.minutes * 60_000;
  const running = new Set<Promise<void>>();
  let saidAt = startedAt;
  while (!shell.isStopped() && ground.now() < endsAt) {
    await shell.sleep(Math.min(5000, (-Math.log(1 - dice()) * 1000) / (options.rate * busyness(ground.now()))));
    if (running.size >= AT_ONCE) await Promise.race(running);
    const one: Promise<void> = act()
      .catch((error: unknown) => count({ act: 'refused', result: refusalCode(error), tradeId: null }))
      .finally(() => running.delete(one));
    running.add(one);
    if (ground.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = ground.now();
      const seconds = (saidAt - startedAt) / 1000;
      shell.say(
        `${latencies.length} acts, ${trades} trades, ${Math.round((latencies.length * 10) / seconds) / 10}/s, p50 ${quantile(latencies, 50)} ms, p95 ${quantile(latencies, 95)} ms`,
      );
    }
  }
  await Promise.all(running);
  return {
    acts: latencies.length,
    trades,
    seconds: Math.round((ground.now() - startedAt) / 1000),
    p50Ms: quantile(latencies, 50),
    p95Ms: quantile(latencies, 95),
    results: Object.fromEntries([...results].sort(([a], [b]) => a.localeCompare(b))),
    labels,
  };
}

/** The market makers' keys are published; their accounts follow from them and the recovery keys of this chain. */
async function bringMakers(ground: TrafficGround): Promise<readonly Trader[]> {
  const makers: Trader[] = [];
  for (const { name } of DEMONSTRATION_MARKET_MAKERS) {
    const { privateKey, encPublicKey } = demonstrationKeys(name);
    const acct = await accountOf(ground, privateKey, encPublicKey);
    const client = createPlayerClient({ ...ground, acct: toHex(acct.id), privateKey });
    await client.signIn();
    makers.push({ name, acct: toHex(acct.id), client, privateKey, isMaker: true });
  }
  return makers;
}

async function bringPeople(ground: TrafficGround, chain: string, options: TrafficOptions, shell: TrafficShell): Promise<readonly Trader[]> {
  const people: Trader[] = [];
  for (let index = 0; index < options.people && !shell.isStopped(); index++) {
    const person = trafficPerson(options.seed, chain, index);
    const trader = await join(ground, person);
    const { client } = trader;
    const money = await client.api.money.get.query();
    if (money.entries.length === 0) {
      await client.deposit({ referenceId: 'traffic-deposit', amountFen: DEPOSIT_FEN });
      for (let poll = 0; poll < DEPOSIT_POLLS && (await client.api.money.get.query()).entries.length === 0; poll++) await shell.sleep(250);
    }
    people.push(trader);
  }
  shell.say(`${people.length} people with keys of their own have joined`);
  return people;
}

async function join(ground: TrafficGround, person: TrafficPerson): Promise<Trader> {
  const client = await bringPerson(ground, person);
  const me = await client.api.account.me.query();
  return { name: person.name, acct: me?.acct ?? '', client, privateKey: person.privateKey, isMaker: false };
}

type Crowd = {
  readonly traders: readonly Trader[];
  readonly makers: readonly Trader[];
  readonly people: readonly Trader[];
  readonly pilot: Pilot | null;
};

async function ordinary(ground: TrafficGround, { traders, makers, people, pilot }: Crowd, dice: Dice): Promise<Outcome> {
  const one = (all: readonly Trader[]): Trader => {
    const trader = all[Math.floor(dice() * all.length)];
    assert(trader !== undefined, 'somebody trades');
    return trader;
  };
  const kind = dice();
  const buyers = people.length > 0 ? people : makers;
  if (pilot !== null && dice() < PILOT_SHARE) {
    const trader = one(dice() < 0.5 ? makers : buyers);
    if (pilot.isIn.has(trader)) return tradeInPilot(ground, trader, pilot, dice);
  }
  if (kind < 0.45) return buy(ground, one(buyers), dice);
  if (kind < 0.7) return list(ground, one(makers), dice);
  if (kind < 0.82) return bid(ground, one(buyers), dice);
  if (kind < 0.92) return serve(ground, one(makers), dice);
  return changeMind(ground, one(traders), dice);
}

/** Between 19 and 23 o'clock in Beijing twice as much as by day, after midnight half. */
function busyness(now: number): number {
  const hour = (Math.floor(now / 3_600_000) + 8) % 24;
  return hour >= 19 && hour < 23 ? 2 : hour < 8 ? 0.5 : 1;
}

function quantile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

function refusalCode(error: unknown): string {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : null;
  const refusal = typeof data === 'object' && data !== null && 'refusal' in data ? data.refusal : null;
  return typeof refusal === 'object' && refusal !== null && 'code' in refusal
    ? String(refusal.code)
    : error instanceof Error
      ? error.message.slice(0, 80)
      : 'unknown';
}
