/** The members beside a program, by their processes: stopped where they stand and continued, as a machine that hangs is. */
import { spawnSync } from 'node:child_process';
import type { Program } from './program.ts';

export function memberPid(program: Pick<Program, 'pid'>, name: string): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  for (const line of stdout.split('\n')) {
    const [pid, parent, ...args] = line.trim().split(/\s+/);
    const at = args.indexOf('--member');
    if (Number(parent) === program.pid && at >= 0 && args[at + 1] === name) return Number(pid);
  }
  throw new Error(`the ${name} has no process`);
}
