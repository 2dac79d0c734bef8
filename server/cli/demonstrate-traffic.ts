/** The command behind `npm run demo:traffic`: parses the options, runs until the time is over or a signal comes, prints what was measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { CLOCK_HEADER, movableClock, systemClock } from '#server/clock.ts';
import { systemRandom } from '#server/random.ts';
import { runTraffic } from '#server/workers/demonstration/traffic.ts';

type Options = Readonly<Record<'rate' | 'minutes' | 'seed' | 'people' | 'abuse' | 'base', string>>;

export async function demonstrateTraffic(
  options: Options,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const [rate, minutes, people, share] = [options.rate, options.minutes, options.people, options.abuse].map(Number);
  const isSound = [rate, minutes, people, share].every((value) => value !== undefined && Number.isFinite(value) && value >= 0);
  if (
    !isSound ||
    rate === undefined ||
    rate === 0 ||
    rate > 200 ||
    minutes === undefined ||
    people === undefined ||
    share === undefined ||
    share > 1
  ) {
    err('--rate is above 0 and at most 200, --minutes and --people are numbers, --abuse is a share from 0 to 1');
    return 2;
  }
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
  try {
    // People live in the market's time, which an operator may have moved.
    const clock = movableClock(systemClock);
    const answer = await fetch(new URL('/api/trpc/session.demoAccounts', options.base));
    clock.moveTo(Number(answer.headers.get(CLOCK_HEADER) ?? 0));
    const report = await runTraffic(
      { base: options.base, sm2: openSslSm2(), now: () => clock.now(), random: (length) => systemRandom.bytes(length) },
      { rate, minutes, seed: options.seed, abuse: share, people },
      { say: (line) => err(line), sleep: (ms) => sleep(ms), isStopped: () => isStopped },
    );
    out(JSON.stringify(report));
    return 0;
  } catch (error) {
    err(error instanceof Error ? error.message : String(error));
    return 1;
  }
}
