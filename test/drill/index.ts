/**
 * `npm run drill -- --list`, `npm run drill -- NAME --json`: disasters on real processes (`ledger.md` 22). Exit 0 passed, 1 failed, 2 misused,
 * 3 passed, but what it left behind could not be cleared away.
 */
import { parseArgs } from 'node:util';
import { findEtcd, startEtcd } from '#test/support/etcd.ts';
import { DISASTERS } from './disasters.ts';
import { type Drill, DrillFailure, secondsSince } from './drill.ts';
import { DRILLS } from './drills.ts';
import { openSite } from './site.ts';

const { values, positionals } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const PASSED = 0;
const FAILED = 1;
const NOT_CLEARED = 3;
const say = (line: string) => process.stderr.write(`${line}\n`);

if (values.list) {
  for (const { name, about } of DRILLS) process.stdout.write(`${name.padEnd(32)}${about}\n`);
  process.stdout.write('\nDisaster tests of ledger.md 22, and where each runs:\n');
  for (const { no, what, where } of DISASTERS)
    process.stdout.write(`${String(no).padStart(2)}  ${what.padEnd(62)}${where ?? 'nowhere yet'}\n`);
} else {
  const [name] = positionals;
  const drill = DRILLS.find((each) => each.name === name);
  if (drill === undefined) {
    say(`usage: npm run drill -- NAME [--json]; NAME is one of ${DRILLS.map((each) => each.name).join(', ')}`);
    process.exitCode = 2;
  } else process.exitCode = await run(drill);
}

async function run(drill: Drill): Promise<number> {
  const begun = performance.now();
  const etcd = drill.ordering === 'etcd' ? await startEngine() : null;
  const { isInstitutionApart = false } = drill;
  const site = await openSite({ say, isInstitutionApart, ...(etcd === null ? {} : { ordering: `etcd:${etcd.endpoints.join(',')}` }) });
  const failures: string[] = [];
  let outcome: Awaited<ReturnType<Drill['run']>> = { lost: 0, facts: {} };
  try {
    outcome = await drill.run({
      site,
      say,
      expect: (holds, fact) => {
        say(`${holds ? 'ok  ' : 'FAIL'} ${fact}`);
        if (!holds) throw new DrillFailure(fact);
      },
    });
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
    if (!(error instanceof DrillFailure)) say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const hasPassed = failures.length === 0 && outcome.lost === 0;
  // The verdict first: what happens while the ground is cleared is another matter, and must not swallow it.
  print({
    name: drill.name,
    passed: hasPassed,
    seconds: secondsSince(begun),
    lost: outcome.lost,
    ...outcome.facts,
    ...(failures.length === 0 ? {} : { failures }),
  });
  const isKept = values.keep && !hasPassed;
  if (isKept) say(`kept for looking: ${site.folder}`);
  const isClean = await clear([() => site.close({ isKept }), async () => etcd?.stop()]);
  if (!hasPassed) return FAILED;
  return isClean ? PASSED : NOT_CLEARED;
}

/** Every step, whatever became of the one before; a failure is a line of its own after the verdict. */
async function clear(steps: readonly (() => Promise<void>)[]): Promise<boolean> {
  const failures: string[] = [];
  for (const step of steps)
    await step().catch((error: unknown) => {
      failures.push(error instanceof Error ? error.message : String(error));
    });
  if (failures.length > 0) print({ closeFailures: failures });
  return failures.length === 0;
}

function print(facts: Readonly<Record<string, unknown>>): void {
  if (values.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
  else for (const [fact, value] of Object.entries(facts)) process.stdout.write(`${fact.padEnd(20)} ${String(value)}\n`);
}

async function startEngine() {
  const found = await findEtcd();
  if (found.kind === 'missing') throw new Error(found.reason);
  return startEtcd(found.path);
}
