/** A decision of the sandbox together with everything that it was made from: the row that policy replay decides again (rulebook 6.8). */
import type { AccountId, OrderId } from '#ledger/primitives/ids.ts';
import type { Attempt, Decision, DecisionFacts } from '#sandbox/decisions/decision.ts';
import type { ParticipationCode } from '#sandbox/experiments/experiment.ts';
import type { AssessInput } from '#sandbox/tax/assessment.ts';
import type { OrderIntent } from '#server/trpc/views.ts';

export type Decided = {
  readonly attempt: Attempt;
  readonly facts: DecisionFacts;
  readonly decision: Decision;
  /** The experiment that the attempt asked for, as its document stood. */
  readonly experiment: {
    readonly id: string;
    readonly hash: string;
    readonly participation: 'in' | ParticipationCode;
    readonly arm: string | null;
  } | null;
};

export type DecisionWrite = {
  readonly acct: AccountId;
  readonly stage: 'order' | 'quote' | 'gift';
  /** Of a gift that was sent: its id. */
  readonly referenceId: string;
  readonly orderId: OrderId | null;
  readonly targetOrderId: OrderId | null;
  readonly intent: OrderIntent | 'gift';
  readonly decided: Decided;
};

/** Facts of a natural person that pick among a pack's constants; nobody here has declared others yet. */
export const PERSON_TAX_FACTS = { place: 'CITY', vatStatus: 'SMALL_SCALE' } as const satisfies Pick<AssessInput, 'place' | 'vatStatus'>;
