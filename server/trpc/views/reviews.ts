/** Decisions of the rules as a supervisor reads them (product V-09, rulebook 6.8). */
import type { FenText, Hex, IsoText, Mechanism, Names, OrderIntent, OrderState, TradeState } from './words.ts';

export type DecisionReason = {
  readonly code: string;
  readonly weight: 'deny' | 'review';
  readonly ruleId: string;
  readonly citation: string;
  readonly confidence: string;
  readonly facts: Readonly<Record<string, string>>;
};

export type RuledDecision = {
  /** Account, stage and reference: what names a decision. */
  readonly id: string;
  readonly at: IsoText;
  readonly kind: 'allow' | 'deny' | 'review';
  readonly stage: 'order' | 'quote' | 'gift';
  readonly acctRef: Hex;
  readonly intent: OrderIntent | 'gift';
  readonly side: 'sell' | 'buy';
  readonly mechanism: Mechanism;
  readonly classId: string;
  readonly gameId: string;
  readonly names: Names | null;
  readonly priceFen: FenText;
  readonly quantity: number;
  /** CN-SV-00 at that moment; null: none yet. */
  readonly referenceFen: FenText | null;
  readonly reasons: readonly DecisionReason[];
  readonly packHash: Hex;
  readonly experimentId: string | null;
  /** `placed`, or the code that the player was given. */
  readonly outcome: string;
  readonly orderId: string | null;
  readonly orderState: OrderState | null;
  readonly trades: readonly {
    readonly tradeId: string;
    readonly state: TradeState;
    readonly priceFen: FenText;
    readonly settledAt: IsoText | null;
  }[];
};

export type DecisionPage = {
  readonly rows: readonly RuledDecision[];
  /** Of all that fit, at most a thousand. */
  readonly count: number;
  readonly nextCursor: string | null;
  readonly games: readonly { readonly gameId: string; readonly names: Names }[];
};
