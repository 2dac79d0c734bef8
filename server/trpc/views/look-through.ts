/** Looking through an item and a person, and what was opened of whom (product V-12, V-13). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { OpeningScope } from '#sandbox/cases/opening.ts';
import type { AlertLine } from './alerts.ts';
import type { FreezeView } from './cases.ts';
import type { ItemPage } from './catalogue.ts';
import type { CoSignView } from './co-sign.ts';
import type { PortfolioRow, SellerYear, TradeRow, TradeView } from './trades.ts';
import type { FenText, Hex, IsoText, Names, RealNameLevel, StaffRole } from './words.ts';

export type { OpeningScope } from '#sandbox/cases/opening.ts';

export type ItemLook = {
  readonly page: ItemPage;
  /** The newest first, as much of each as the role may see. */
  readonly trades: readonly TradeView[];
  readonly tradesTotal: number;
};

export type LinkReason = 'card' | 'device' | 'declared' | 'recorded';
export type PersonLink = {
  readonly ref: AccountId;
  /** Where the role sees names. */
  readonly name: string | null;
  readonly reason: LinkReason;
  /** Days on one device, or what was recorded. */
  readonly detail: string;
  readonly since: IsoText;
};

/** An attempt that the rules refused, or let go on and put before a supervisor. */
export type DecisionLine = {
  readonly at: IsoText;
  readonly kind: 'deny' | 'review';
  readonly side: 'sell' | 'buy';
  readonly priceFen: FenText;
  readonly quantity: number;
  readonly classId: string;
  readonly names: Names | null;
  readonly pack: string | null;
  readonly experimentId: string | null;
  readonly arm: string | null;
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly ruleId: string; readonly citation: string }[];
};

export type PersonLook = {
  readonly ref: AccountId;
  readonly name: string | null;
  readonly level: RealNameLevel;
  readonly joinedAt: IsoText;
  readonly isAdult: boolean;
  readonly holdings: { readonly items: number; readonly referenceFen: FenText; readonly rows: readonly PortfolioRow[] };
  readonly trades: readonly TradeRow[];
  readonly tradesMore: boolean;
  readonly sold: { readonly trades: number; readonly grossFen: FenText };
  readonly bought: { readonly trades: number; readonly grossFen: FenText };
  /** For the supervisors of taxes and of the market; null: for others, or the pack has no such line. */
  readonly year: SellerYear | null;
  readonly links: readonly PersonLink[];
  readonly freezes: readonly FreezeView[];
  readonly alerts: readonly AlertLine[];
  readonly decisions: readonly DecisionLine[];
};

export type OpeningView = {
  readonly openingId: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly subject: AccountId;
  readonly legalGround: string;
  readonly reason: string;
  readonly scope: readonly OpeningScope[];
  readonly state: 'proposed' | 'open' | 'lapsed';
  readonly askedBy: string;
  readonly askedAt: IsoText;
  readonly approvedBy: string | null;
  readonly approvedAt: IsoText | null;
  /** Until then the person is not told. */
  readonly sealedUntil: IsoText | null;
  /** Telling may be put off by as many days from now at most, by the pack in force. */
  readonly sealingDays: number;
  readonly toldAt: IsoText | null;
  readonly txId: Hex | null;
  readonly reads: number;
  readonly canApprove: boolean;
  readonly canRead: boolean;
  /** An approval that waits for the office's signature, or ended without it. */
  readonly coSign: CoSignView | null;
};

export type OpenedIdentity = {
  readonly openingId: string;
  /** Null: the record has none. */
  readonly fields: readonly { readonly field: OpeningScope; readonly value: string | null }[];
};

/** Who looked at what, on the person's own page. */
export type AccessOfMe = {
  readonly openingId: string;
  readonly agency: StaffRole;
  readonly officials: readonly StaffRole[];
  readonly openedAt: IsoText;
  readonly toldAt: IsoText;
  readonly scope: readonly OpeningScope[];
  readonly reads: number;
  readonly legalGround: string | null;
  readonly caseNumber: string | null;
  readonly txId: Hex;
};

export type OpeningInput = {
  readonly actId: string;
  readonly caseId: string;
  readonly subject: string;
  readonly legalGround: string;
  readonly reason: string;
  readonly scope: readonly OpeningScope[];
  readonly signature: Hex;
};
