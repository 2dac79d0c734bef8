/**
 * The other organisations of a demonstration, each in a process of its own on this machine: started with the market, told the chain and
 * each other's addresses, started again when they die, and ended with it, however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeMember, type Member } from '#ledger/codec/config.ts';
import { DEMONSTRATION_MEMBERS, type DemonstrationMember } from '#ledger/node/membership.ts';
import { type Bytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import type { Log } from '#server/log.ts';
import { type FromParent, parseFromMember } from './messages.ts';

const MAIN = path.resolve(import.meta.dirname, '../main.ts');
const INTRODUCTION_MS = 60_000;
const RESTART_MS = 1_000;
const STOP_MS = 10_000;
const FOLLOW_MS = 10_000;
const FOLLOW_POLL_MS = 20;

export type LocalMembers = {
  /** Starts the processes; a second call does nothing. */
  launch(): void;
  /** Resolves when each has said who it is: members by id. `certifiedAt`: time of genesis. */
  introduce(ground: {
    readonly certifiedAt: number;
    readonly orderingUrl: string;
    /** Null: the member starts a PostgreSQL of its own. */
    readonly databaseUrlOf: (name: string) => string | null;
    readonly clockOffsetMs: () => number;
  }): Promise<readonly Member[]>;
  /** From now on they belong to this chain and know that the operator answers at `operatorBase`. */
  join(genesis: Bytes, operatorBase: string): void;
  endpoints(): Readonly<Record<string, string>>;
  /** Resolves when each that runs has followed, or has had ten seconds to. */
  moveClock(offsetMs: number): Promise<void>;
  /** Of a member's process, for drills that kill it; null while it is down. */
  pidOf(name: string): number | null;
  stop(): Promise<void>;
};

type Running = {
  readonly org: DemonstrationMember;
  child: ChildProcess | null;
  endpoint: string | null;
  /** How far its clock is ahead, as it last said. */
  offsetMs: number;
};

/** Nothing runs before `launch`. */
export function startLocalMembers(options: { readonly dataDir: string; readonly logLevel: string; readonly log: Log }): LocalMembers {
  const { log } = options;
  const introductions = new Map<number, (member: Member) => void>();
  let introduction: ((org: DemonstrationMember) => FromParent) | null = null;
  let chain: { readonly genesis: string; readonly operatorBase: string } | null = null;
  let isStopping = false;

  const start = (org: DemonstrationMember): ChildProcess => {
    const dataDir = path.join(options.dataDir, 'members', org.name);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return spawn(process.execPath, [MAIN, '--role', 'member', '--member', org.name], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: dataDir,
        DATABASE_URL: undefined,
        LOG_LEVEL: options.logLevel,
      },
    });
  };

  const running: readonly Running[] = DEMONSTRATION_MEMBERS.map((org) => ({ org, child: null, endpoint: null, offsetMs: 0 }));

  const endpoints = () =>
    Object.fromEntries([
      ...(chain === null ? [] : [['1', chain.operatorBase]]),
      ...running.flatMap(({ org, endpoint }) => (endpoint === null ? [] : [[String(org.id), endpoint]])),
    ]);
  const tell = (to: Running, message: FromParent) => {
    if (to.child?.connected === true) to.child.send(message, () => undefined);
  };

  const run = (member: Running): void => {
    const { org } = member;
    const child = start(org);
    member.child = child;
    child.on('message', (raw) => {
      const message = parseFromMember(raw);
      if (message.kind === 'joined') return;
      if (message.kind === 'clock_moved') {
        member.offsetMs = message.offsetMs;
        return;
      }
      member.endpoint = message.endpoint;
      introductions.get(org.id)?.(decodeMember(fromHex(message.member)));
      if (chain === null) return;
      tell(member, { kind: 'join', genesis: chain.genesis, endpoints: endpoints() });
      for (const other of running) if (other !== member) tell(other, { kind: 'endpoints', endpoints: endpoints() });
    });
    child.once('error', (error) => log.error({ error, member: org.name }, "couldn't start a member"));
    child.once('exit', (code, signal) => {
      member.endpoint = null;
      if (isStopping) return;
      log.error({ member: org.name, code, signal }, 'a member ended and is started again');
      setTimeout(() => {
        if (isStopping) return;
        run(member);
        if (introduction !== null) tell(member, introduction(org));
      }, RESTART_MS);
    });
  };
  return {
    launch: () => {
      for (const member of running) if (member.child === null) run(member);
    },
    endpoints,
    pidOf: (name) => running.find(({ org }) => org.name === name)?.child?.pid ?? null,
    moveClock: async (offsetMs) => {
      for (const member of running) tell(member, { kind: 'clock', offsetMs });
      // A member that is down learns it with its introduction.
      const isBehind = (member: Running) => member.endpoint !== null && member.offsetMs < offsetMs;
      const until = performance.now() + FOLLOW_MS;
      while (running.some(isBehind) && performance.now() < until) await sleep(FOLLOW_POLL_MS);
      const late = running.filter(isBehind).map(({ org }) => org.name);
      if (late.length > 0) log.error({ members: late.join(' ') }, 'members have not followed the clock');
    },
    introduce: ({ certifiedAt, orderingUrl, databaseUrlOf, clockOffsetMs }) => {
      const make = (org: DemonstrationMember): FromParent => ({
        kind: 'introduce',
        certifiedAt,
        orderingUrl,
        databaseUrl: databaseUrlOf(org.name),
        clockOffsetMs: clockOffsetMs(),
      });
      introduction = make;
      const ask = (member: Running) =>
        new Promise<Member>((resolve, reject) => {
          const impatience = setTimeout(() => reject(new Error(`the ${member.org.name} does not answer`)), INTRODUCTION_MS);
          introductions.set(member.org.id, (stated) => {
            clearTimeout(impatience);
            resolve(stated);
          });
          tell(member, make(member.org));
        });
      return Promise.all(running.map(ask));
    },
    join: (genesis, operatorBase) => {
      chain = { genesis: toHex(genesis), operatorBase };
      for (const member of running) tell(member, { kind: 'join', genesis: chain.genesis, endpoints: endpoints() });
    },
    stop: async () => {
      isStopping = true;
      await Promise.all(
        running.map(async ({ child }) => {
          if (child === null || child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.kill('SIGTERM');
          const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
          await ended;
          clearTimeout(impatience);
        }),
      );
    },
  };
}
