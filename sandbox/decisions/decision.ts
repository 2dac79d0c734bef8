/** May this person do this, now, under this pack? A Decision carries its reasons and the pack's hash; nothing is matched without one. */
import type { Fen } from '#ledger/primitives/fen.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Confidence, MechanismName } from '../packs/rule-pack.ts';

export type Act = 'primary' | 'secondary' | 'gift';
export type Mechanism = 'fixed_price' | 'negotiated' | 'price_time';
export const MECHANISM_NAMES = {
  fixed_price: 'FIXED_PRICE',
  negotiated: 'NEGOTIATED',
  price_time: 'PRICE_TIME_MATCH',
} as const satisfies Record<Mechanism, MechanismName>;

export type Attempt = {
  readonly at: Instant;
  readonly act: Act;
  readonly side: 'buy' | 'sell';
  readonly mechanism: Mechanism;
  readonly unitPriceFen: Fen;
  readonly quantity: number;
  /** What it may come to at worst, for the ceilings of a pack; absent: its price times its quantity in one trade. */
  readonly atMost?: { readonly grossFen: Fen; readonly trades: number };
};

export type PersonFacts = {
  /** Opaque and stable: what an experiment's arm is drawn from. */
  readonly personRef: string;
  /** `2011-05-01` */
  readonly birthDate: string;
  readonly realNameLevel: string;
  /** The person's secondary trades of the Beijing day so far, both sides. */
  readonly secondaryDayFen: Fen;
  /** The person's primary purchases of the Beijing month so far, from this game enterprise. */
  readonly primaryMonthFen: Fen;
  /** Declared affiliate of the studio whose game this is, or the studio itself. */
  readonly isIssuer: boolean;
  readonly hasOpenAmlCase: boolean;
  /** What counts for the person before this attempt in the window of each cap of the pack (`capTotals`), by the cap's id; absent: nothing. */
  readonly capTotals?: Readonly<Record<string, bigint>>;
};

export type ClassFacts = {
  readonly classId: string;
  readonly gameId: string;
  /** Publication number (版号); `null`: none. */
  readonly approvalNo: string | null;
  readonly isVirtualCurrency: boolean;
  readonly isCollectible: boolean;
  readonly isInterchangeable: boolean;
  readonly isGiftable: boolean;
  /** Of the class's own terms; absent in facts that were recorded before the term existed: it may be sold on. */
  readonly isResalable?: boolean;
  /** The class's own wait if it asks for more than the pack; trading days. */
  readonly resaleWaitTradingDays: number;
  /** Volume-weighted median of CN-SV-00; `null`: rules that need it are skipped. */
  readonly referencePriceFen: Fen | null;
};

/** An item offered for sale or as a gift. */
export type ItemFacts = {
  readonly itemId: string;
  readonly acquiredAt: Instant;
  readonly acquiredBy: 'primary' | 'secondary' | 'gift' | 'earned' | 'drawn';
  /** Hash of the published odds under which it was drawn. */
  readonly oddsHash: string | null;
};

export type DecisionFacts = {
  readonly person: PersonFacts;
  readonly itemClass: ClassFacts;
  /** Empty for buyers. */
  readonly items: readonly ItemFacts[];
};

/** In order of precedence. */
export const DECISION_CODES = [
  'PACK_NOT_YET_EFFECTIVE',
  'PACK_EXPIRED',
  'price_out_of_range',
  'approval_missing',
  'virtual_currency_refused',
  'minor_refused',
  'minor_limit_single',
  'minor_limit_month',
  'level_required',
  'cap_exceeded',
  'issuer_refused',
  'mechanism_not_granted',
  'not_giftable',
  'not_resalable',
  'drawn_item_refused',
  'resale_wait',
  'price_off_market',
] as const;
export type DecisionCode = (typeof DECISION_CODES)[number];

export type Reason = {
  readonly code: DecisionCode;
  readonly weight: 'deny' | 'review';
  readonly ruleId: string;
  readonly citation: string;
  readonly confidence: Confidence;
  /** Amounts in fen, instants in ISO 8601 UTC: what the sentence for the user needs. */
  readonly facts: Readonly<Record<string, string>>;
};

export type Decision = {
  /** `review` lets the attempt go on and puts it before a supervisor. */
  readonly kind: 'allow' | 'deny' | 'review';
  readonly reasons: readonly Reason[];
  readonly packHash: string;
  /** The experiment whose overrides were applied, if any. */
  readonly experiment: { readonly id: string; readonly arm: string; readonly flags: readonly string[] } | null;
};
