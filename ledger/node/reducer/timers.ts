/** What is done because time has passed, and when the next of it is due. */

import { askStandingAgain, canSign } from './abstain.ts';
import { campaignIfDue, leadIfSynced, renewIfDue } from './campaign.ts';
import { askBlocks, isBehind, nextBlock } from './catch-up.ts';
import { blockDueAt, proposeIfDue, pursueProposal } from './lead.ts';
import { sealIfDue } from './seal.ts';
import type { Ground, MemberState, Moment } from './state.ts';
import { askWhoStalls, pushAgain } from './submit.ts';
import { Turn } from './turn.ts';
import { applyFinality, pursueVote, RETRY_MS, resendVote } from './vote.ts';

/** Every member polls the others' checkpoints (`ledger.md` 14). */
const CHECKPOINT_MS = 10_000n;
/** A member that has endorsed and hears nothing reads the engine itself. */
const WAIT_READ_MS = 2_000n;
const TICK_MS = 500n;

export function tick(turn: Turn): void {
  turn.setTimer({ tickedAt: turn.now });
  if (turn.state.standing.kind === 'halted') return;
  renewIfDue(turn);
  pursueRound(turn);
  nextBlock(turn);
  sealIfDue(turn);
  askStandingAgain(turn);
  pollCheckpoints(turn);
  pushAgain(turn);
  askWhoStalls(turn);
  leadIfSynced(turn);
  pursueProposal(turn);
  proposeIfDue(turn);
  campaignIfDue(turn);
}

/** Asks again for what a lost message would have brought. */
function pursueRound(turn: Turn): void {
  const { round, state, now } = turn;
  applyFinality(turn);
  pursueVote(turn);
  if (round.vote !== null && round.certifying === null && now - round.vote.sentAt >= RETRY_MS) resendVote(turn);
  const isWaiting = round.endorsed.length > 0 && round.vote === null && round.slot === null && round.certifying === null;
  if (!isWaiting || !canSign(turn) || isBehind(turn) || now - state.timers.engineReadAt < WAIT_READ_MS) return;
  turn.setTimer({ engineReadAt: now });
  turn.emit({ kind: 'read_engine', purpose: 'wait', epoch: round.epoch, height: round.height });
}

function pollCheckpoints(turn: Turn): void {
  if (turn.now - turn.state.timers.checkpointAt < CHECKPOINT_MS) return;
  turn.setTimer({ checkpointAt: turn.now });
  turn.sendAll({ kind: 'checkpoint_ask' });
  askBlocks(turn);
}

/**
 * When the next `tick` is due, in monotonic time. Never later than half a second after the last one, however much happens in
 * between: repeated acts need no deadline of their own. A block is due to the millisecond.
 */
export function nextWakeAt(ground: Ground, state: MemberState, moment: Moment): bigint {
  const turn = new Turn(ground, state, moment);
  const latest = state.timers.tickedAt + TICK_MS;
  const { leading } = state;
  const due = [
    leading.kind === 'lead' && leading.proposed === null && leading.job === null ? blockDueAt(turn) : latest,
    leading.kind === 'follow' ? leading.notBefore : latest,
  ];
  const next = due.reduce((best, each) => (each < best ? each : best), latest);
  return next > turn.now ? next : turn.now + 1n;
}
