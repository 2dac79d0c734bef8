/** Ends that come by themselves (product V-15). The ledger counts its own; here the rows follow, and everybody concerned is told. What a
 *  turn misses the next one does: nothing depends on when it runs. */
import { instant } from '#ledger/primitives/instant.ts';
import { every, type Ticking } from '#server/every.ts';
import type { Log } from '#server/log.ts';
import { recordStep } from './case-desk.ts';
import { freezeMessages } from './case-messages.ts';
import { findCase } from './cases.repo.ts';
import { factsOf } from './freeze.ts';
import { endFreeze, listOver } from './freezes.repo.ts';
import { tellSubjects } from './openings.ts';
import type { CaseGround } from './sign-acts.ts';

const EVERY_MS = 1_000;

export interface CaseClocks {
  /** @returns how many ends and steps came */
  turn(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

/** `further`: clocks of what builds on cases; each says how many steps came. */
export function openCaseClocks(ground: CaseGround & { readonly log: Log }, further: readonly (() => Promise<number>)[] = []): CaseClocks {
  let ticking: Ticking | null = null;
  let turning: Promise<unknown> = Promise.resolve();

  const turnOnce = async () => {
    let steps = (await endFreezes(ground)) + (await tellSubjects(ground));
    for (const each of further) steps += await each();
    return steps;
  };
  /** One after the other, whoever asks: two turns at once would take the same step twice. */
  const turn = () => {
    const mine = turning.then(turnOnce);
    turning = mine.catch(() => undefined);
    return mine;
  };
  return {
    turn,
    start: () => {
      ticking = every(EVERY_MS, turn, (error) =>
        ground.log.error({ error }, "couldn't turn the clocks of cases; the next turn tries again"),
      );
    },
    stop: async () => {
      ticking?.stop();
      await turning;
    },
  };
}

async function endFreezes(ground: CaseGround): Promise<number> {
  const { sql, clock, outbox } = ground;
  const { count } = await sql.begin(async (tx) => {
    const now = clock.now();
    const over = await listOver(tx, now);
    for (const freeze of over) {
      const as = freeze.state === 'active' ? 'over' : 'withdrawn';
      await endFreeze(tx, freeze.freeze_id, as, instant(freeze.until.getTime()));
      const row = freeze.case_id === null ? null : await findCase(tx, freeze.case_id);
      const body = { freezeId: freeze.freeze_id, scope: freeze.scope, targetId: freeze.target_id, as };
      if (row !== null) await recordStep(ground, tx, row, { by: null, act: 'freeze_ended', to: row.state, body });
      if (as === 'over') await outbox.append(tx, freezeMessages('freeze.lifted', factsOf(freeze), now));
    }
    return { count: over.length };
  });
  return count;
}
