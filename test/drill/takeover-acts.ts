/** How the members replace an operator that is gone, by the commands of their own staff (product O-05). */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { until } from './acts.ts';
import type { DrillGround } from './drill.ts';
import { MEMBER_ID, type Org, type StartOptions } from './site.ts';

const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');

export function cli({ site, say }: DrillGround, org: Org, ...args: readonly string[]): string {
  const done = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { ...process.env, DATA_DIR: site.dirOf(org), DATABASE_URL: undefined, INSTITUTION_URL: site.institutionUrl() },
  });
  if (done.status !== 0) say(`${args.join(' ')}: ${done.status} ${done.stdout} ${done.stderr}`);
  return done.stdout;
}

/** The three that are left decide: the operator leaves, the notary takes its place. */
export async function decide(ground: DrillGround): Promise<void> {
  const { site, say } = ground;
  const file = path.join(site.folder, 'decision.json');
  cli(ground, 'notary', 'config', 'propose', '--leaves', String(MEMBER_ID.operator), '--operator', String(MEMBER_ID.notary), '--to', file);
  for (const org of ['studio', 'supervisor', 'notary'] as const) cli(ground, org, 'config', 'approve', file);
  const answer = cli(ground, 'notary', 'config', 'submit', file, '--to', site.baseOf('notary'), '--json');
  say(`submitted: ${answer.trim()}`);
}

export async function isOperator({ site }: DrillGround): Promise<boolean> {
  const holds = async () => {
    const status = await site.status('notary');
    return status !== null && status.epoch > 0 && status.members.every((member) => member.id !== MEMBER_ID.operator);
  };
  await until(holds, 120_000, 'the new configuration');
  return holds();
}

/** At the supervisor. @returns the file */
export function handOver(ground: DrillGround): string {
  const file = path.join(ground.site.folder, 'hand-over.jsonl');
  cli(ground, 'supervisor', 'hand-over', '--to', String(MEMBER_ID.notary), '--file', file);
  return file;
}

/** The notary's node ends, its market is written and opened. @returns what the command said */
export async function takeOver(ground: DrillGround, file: string | null, options: StartOptions = {}): Promise<string> {
  const { site, say } = ground;
  await site.stop('notary');
  const answer = cli(ground, 'notary', 'promote', ...(file === null ? [] : ['--hand-over', file]), '--json');
  say(answer.trim());
  await site.start('notary', 'market', options);
  return answer;
}

export function reconcile(ground: DrillGround): boolean {
  const answer = cli(ground, 'notary', 'reconcile', '--json');
  return /"breaks":\[\]/.test(answer);
}
