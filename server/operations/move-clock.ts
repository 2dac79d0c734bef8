/**
 * The movable clock of a demonstration (product O-25): forward by fixed steps, for this process and the members beside it. Business time
 * alone moves; sessions, signatures of requests, timers of the rounds and leases stay with the machine's clock (decision in
 * server/README.md).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import type { Clock, MovableClock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import { RefusalError } from '#server/refusal.ts';
import type { ClockStep, ClockView } from '#server/trpc/views.ts';
import { insertClockMove, listClockMoves } from './clock-moves.repo.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const CLOCK_STEPS = { '15m': 15 * MINUTE_MS, '24h': 24 * HOUR_MS, '72h': 72 * HOUR_MS, '7d': 168 * HOUR_MS } as const;
/** So far the rule packs and certificates of a demonstration reach. */
const LIMIT_MS = 400 * 24 * HOUR_MS;
const SETTLE_MS = 15_000;
const POLL_MS = 100;

export const CLOCK_REFUSALS = {
  demonstration_only: { kind: 'forbidden', message: 'The clock can be moved on a demonstration only. This market runs by real time.' },
  clock_fixed: {
    kind: 'unavailable',
    message: 'The members of this site run elsewhere and keep their own clocks; a clock that differs from theirs would stop the chain.',
  },
  clock_moved: { kind: 'conflict', message: 'Somebody has just moved the clock. Look at the time it shows now, then decide.' },
  clock_limit: { kind: 'unprocessable', message: 'The clock goes 400 days ahead at most. Reset the demonstration to begin again.' },
  clock_waiting: {
    kind: 'conflict',
    message: 'Entries wait for the members and would be too old after the jump. Wait until they are certified, then try again.',
  },
} as const satisfies Record<string, { readonly kind: ConstructorParameters<typeof RefusalError>[0]; readonly message: string }>;
export type ClockCode = keyof typeof CLOCK_REFUSALS;

function refuse(code: ClockCode): RefusalError {
  const { kind, message } = CLOCK_REFUSALS[code];
  return new RefusalError(kind, code, message);
}

/** What moves besides this process; null where the members run elsewhere. */
export type ClockFollowers = ((offsetMs: number) => Promise<void>) | null;

export type ClockGround = {
  readonly sql: Sql;
  readonly log: Log;
  readonly ledger: Pick<LedgerNode, 'genesis' | 'health'>;
  readonly machine: Clock;
  /** Null: the time is not ours to move. */
  readonly clock: MovableClock | null;
  readonly followers: ClockFollowers;
};

export interface ClockPanel {
  /** Ahead of the machine's clock. */
  readonly offsetMs: number;
  view(): Promise<ClockView>;
  /** `fromOffsetMs`: where the caller saw it, so that a press that arrives twice moves it once. @throws {RefusalError} */
  forward(by: string, step: ClockStep, fromOffsetMs: number): Promise<ClockView>;
}

export function openClockPanel(ground: ClockGround): ClockPanel {
  const { sql, log, machine, clock, followers, ledger } = ground;
  let moving: Promise<unknown> = Promise.resolve();

  const requireMovable = (): MovableClock => {
    if (ledger.genesis.demonstration !== 1) throw refuse('demonstration_only');
    if (clock === null || followers === null) throw refuse('clock_fixed');
    return clock;
  };
  const view = async (): Promise<ClockView> => {
    const movable = requireMovable();
    const moves = await listClockMoves(sql);
    return {
      now: toIso(movable.now()),
      offsetMs: movable.offsetMs,
      moves: moves.map((move) => ({ offsetMs: Number(move.offset_ms), by: move.moved_by, at: toIso(instant(move.at.getTime())) })),
    };
  };
  const move = async (by: string, step: ClockStep, fromOffsetMs: number): Promise<ClockView> => {
    const movable = requireMovable();
    const target = fromOffsetMs + CLOCK_STEPS[step];
    if (movable.offsetMs === target) return view();
    if (movable.offsetMs !== fromOffsetMs) throw refuse('clock_moved');
    if (target > LIMIT_MS) throw refuse('clock_limit');
    if (!(await isSettled(ledger))) throw refuse('clock_waiting');
    // Durable before anybody follows: after a crash in between, the next start tells the members.
    await insertClockMove(sql, { offsetMs: target, by, at: machine.now() });
    await followers?.(target);
    movable.moveTo(target);
    log.warn({ by, step, offsetMs: target }, 'the clock of the demonstration was moved');
    return view();
  };
  return {
    get offsetMs() {
      return clock?.offsetMs ?? 0;
    },
    view,
    forward: (by, step, fromOffsetMs) => {
      const moved = moving.then(() => move(by, step, fromOffsetMs));
      moving = moved.catch(() => undefined);
      return moved;
    },
  };
}

/** Whether everything that waited when it was asked has become a block. A LedgerTx has a window, and the jump may lie behind its end. */
async function isSettled(ledger: ClockGround['ledger']): Promise<boolean> {
  const begun = performance.now();
  for (;;) {
    const { waiting, oldestWaitingMs } = ledger.health();
    const elapsed = performance.now() - begun;
    if (waiting === 0 || oldestWaitingMs < elapsed) return true;
    if (elapsed > SETTLE_MS) return false;
    await sleep(POLL_MS);
  }
}
