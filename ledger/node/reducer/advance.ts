/** A block is on the disk: the tip moves, and the next height begins. */
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { beginSync, giveUp } from './campaign.ts';
import { nextBlock } from './catch-up.ts';
import type { MemberEvent } from './events.ts';
import { examine } from './examine.ts';
import { proposeIfDue } from './lead.ts';
import { newRound } from './rounds.ts';
import { settle } from './submit.ts';
import type { Turn } from './turn.ts';
import { KEPT_ROUNDS, pastOf } from './witness.ts';

export function accept(turn: Turn, event: Extract<MemberEvent, { kind: 'block_stored' }>): void {
  const { state, round, now } = turn;
  const { header, finality } = event.certified;
  if (header.height !== state.tip.header.height + 1n || !equalBytes(header.prevHash, state.tip.hash)) return;
  const tip = { header, hash: headerHash(header), finality };
  const { config } = event;
  turn.set({
    tip,
    isConfigPending: event.isConfigPending,
    configs: state.configs.some((each) => each.epoch === config.epoch) ? state.configs : [...state.configs, config],
    past: [...state.past, pastOf(round)].slice(-KEPT_ROUNDS),
    round: newRound({ tip, config, recoveries: state.recoveries, records: state.records, now }),
    progressAt: now,
  });
  settle(turn, event.settled);
  goOnLeading(turn, round.config.epoch);
  nextBlock(turn);
  proposeIfDue(turn);
  examineEarly(turn);
}

/** What came before its time. */
function examineEarly(turn: Turn): void {
  const { early } = turn.state;
  if (early === null) return;
  turn.set({ early: null });
  if (early.proposal.header.height === turn.round.height) examine(turn, early.from, early.proposal);
}

/** A leader goes on at the next height. In a new epoch the engine may be another one, and so may the leaders. */
function goOnLeading(turn: Turn, epochBefore: number): void {
  const { leading } = turn.state;
  const { round, ground } = turn;
  if (leading.kind === 'sync') beginSync(turn);
  if (leading.kind !== 'lead') return;
  if (round.epoch !== epochBefore || !round.config.ordering.leaders.includes(ground.self)) {
    giveUp(turn);
    return;
  }
  turn.set({ leading: { ...leading, job: null, proposed: null } });
}
