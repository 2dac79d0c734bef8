/** The operator's desk: its sequencer. What another member took goes through the operator's own door, which keeps the books. */
import type { Sequencer } from '../sequencer.ts';
import type { LedgerOptions } from '../types.ts';
import type { ConsortiumOptions } from './options.ts';
import type { TxDesk } from './tx-desk.ts';

export interface SequencerDeskOptions {
  readonly door: ConsortiumOptions['door'];
  readonly onDisplaced: LedgerOptions['onDisplaced'];
}

export function sequencerDesk(sequencer: Sequencer, { door, onDisplaced }: SequencerDeskOptions): TxDesk {
  return {
    pending: sequencer.pending,
    get waiting() {
      return sequencer.waiting.map(({ txId, env }) => ({ txId, env }));
    },
    envOf: (txId) => sequencer.envOf(txId),
    admit: async (envs) => {
      const fresh = envs.filter((env) => !sequencer.isKnown(env));
      // Whatever it takes begins to wait, and is told to the rounds from there.
      if (door !== undefined && fresh.length > 0) await door(fresh);
      return [];
    },
    between: (work) => sequencer.between(work),
    settle: (entered, named, changed) => sequencer.settle(entered, named, changed),
    onDisplaced,
  };
}
