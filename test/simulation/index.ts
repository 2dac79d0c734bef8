/** `npm run sim -- --seeds N [--seed S] [--from S]`: N seeds, or one. A failing seed is printed; the same seed replays exactly. */
import { runSeed } from './run.ts';

function option(name: string): number | null {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? undefined : process.argv[at + 1];
  return value === undefined || !/^\d+$/.test(value) ? null : Number(value);
}

const one = option('--seed');
const from = one ?? option('--from') ?? 1;
const count = one === null ? (option('--seeds') ?? 300) : 1;
const startedAt = performance.now();
const totals = { heights: 0, entries: 0, signatures: 0, messages: 0, recoveries: 0, convictions: 0, withLiar: 0 };
const failed: number[] = [];
for (let seed = from; seed < from + count; seed++) {
  const outcome = runSeed(seed);
  totals.heights += outcome.height;
  totals.entries += outcome.entries;
  totals.signatures += outcome.signatures;
  totals.messages += outcome.messages;
  totals.recoveries += outcome.recoveries;
  totals.convictions += outcome.convictions;
  if (outcome.liar !== null) totals.withLiar++;
  if (one !== null) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  if (outcome.broken === null) continue;
  failed.push(seed);
  const what = `${outcome.faults.join(', ')}${outcome.liar === null ? '' : `, member ${outcome.liar} lies`}`;
  process.stdout.write(`seed ${seed} (${what}): ${outcome.broken}\n  replay: npm run sim -- --seed ${seed}\n`);
}
const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
process.stdout.write(`${JSON.stringify({ seeds: count, failed: failed.length, seconds, ...totals })}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
