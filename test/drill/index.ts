/** `npm run drill -- --list`, `npm run drill -- NAME --json`: disasters on real processes (`ledger.md` 22). Exit 0 passed, 1 failed, 2 misused. */
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
  const isKept = values.keep && !hasPassed;
  if (isKept) say(`kept for looking: ${site.folder}`);
  await site.close({ isKept });
  await etcd?.stop();
  const answer = {
    name: drill.name,
    passed: hasPassed,
    seconds: secondsSince(begun),
    lost: outcome.lost,
    ...outcome.facts,
    ...(failures.length === 0 ? {} : { failures }),
  };
  if (values.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else for (const [fact, value] of Object.entries(answer)) process.stdout.write(`${fact.padEnd(20)} ${String(value)}\n`);
  return hasPassed ? 0 : 1;
}

async function startEngine() {
  const found = await findEtcd();
  if (found.kind === 'missing') throw new Error(found.reason);
  return startEtcd(found.path);
}
