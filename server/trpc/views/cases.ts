/** Cases, freezes and appeals as officials and the restricted see them (product V-14 to V-16). */
import type { AppealDecision, FreezeOrder, FreezeReason, FreezeScope, LiftOrder } from '#sandbox/cases/case-order.ts';
import type { HaltOrder, HaltReason, HaltScope, OpenOrders, ResumeOrder } from '#sandbox/cases/halt-order.ts';
import type { JudgementOrder } from '#sandbox/cases/judgement-order.ts';
import type { ReferOrder } from '#sandbox/cases/refer-order.ts';
import type { ReturnOrder } from '#sandbox/cases/return-order.ts';
import type { Clocks } from '#sandbox/packs/clocks.ts';
import type { CoSignView } from './co-sign.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type { FreezeReason, FreezeScope } from '#sandbox/cases/case-order.ts';
export type { HaltReason, HaltScope, OpenOrders } from '#sandbox/cases/halt-order.ts';

export type CaseSource = 'alert' | 'claim' | 'own_motion' | 'list';
export type CaseTopic = 'abuse' | 'laundering' | 'theft' | 'dispute' | 'tax' | 'other';
export type CaseState = 'open' | 'referred' | 'closed';
export type CaseOutcome = 'no_breach' | 'breach' | 'referred' | 'settled';
export type CaseAct =
  | 'opened'
  | 'note'
  | 'evidence'
  | 'owner'
  | 'shared'
  | 'referred'
  | 'closed'
  | 'freeze_proposed'
  | 'freeze_set'
  | 'freeze_lifted'
  | 'freeze_ended'
  | 'appeal'
  | 'appeal_answered'
  | 'opening_asked'
  | 'opening_approved'
  | 'halt'
  | 'claim'
  | 'item_returned'
  | 'item_judged'
  | 'asked'
  | 'replied'
  | 'extended';
/** A sworn claim about an item that a freeze of the case holds, and what giving it back would mean. */
export type StolenView = {
  readonly reportId: string;
  readonly itemId: string;
  readonly text: string;
  readonly swornAt: IsoText;
  readonly claimant: string;
  readonly holder: string;
  /** What the organisation signs; null: the item was not lost by a trade. */
  readonly back: { readonly entry: string; readonly serial: string; readonly ver: string; readonly to: Hex; readonly rulePack: Hex } | null;
  /** What the holder paid, and whether the trade is over; null: not bought. */
  readonly bought: { readonly tradeId: string; readonly priceFen: FenText; readonly isFinal: boolean } | null;
};
/** An item that a freeze of the case holds, as a judgement would move it; and the judgements that have. */
export type HeldItemView = {
  readonly itemId: string;
  readonly names: Names;
  readonly holder: string;
  readonly serial: string;
  readonly ver: string;
};
export type JudgementView = {
  readonly itemId: string;
  readonly from: string;
  readonly to: string;
  readonly court: string;
  readonly docket: string;
  readonly fileSm3: Hex;
  readonly txId: Hex;
  readonly at: IsoText;
};
export type AwardView = {
  readonly tradeId: string;
  readonly itemId: string;
  readonly at: IsoText;
  readonly lostFen: FenText;
  readonly awardFen: FenText;
  readonly paidFen: FenText;
};
export type FreezeState = 'proposed' | 'active' | 'ended';
export type FreezeEnd = 'over' | 'lifted' | 'replaced' | 'withdrawn';

export type CaseLine = {
  readonly caseId: string;
  /** `C-2026-000012` */
  readonly number: string;
  readonly caseNo: string;
  readonly source: CaseSource;
  readonly sourceId: string | null;
  readonly topic: CaseTopic;
  readonly title: string;
  readonly state: CaseState;
  readonly owner: string;
  readonly openedAt: IsoText;
  readonly dueAt: IsoText;
  readonly isOverdue: boolean;
};

export type CasePage = {
  readonly cases: readonly CaseLine[];
  readonly next: string | null;
  readonly open: number;
  readonly overdue: number;
  readonly appeals: number;
};

export type AppealView = {
  readonly appealId: string;
  readonly text: string;
  readonly openedAt: IsoText;
  readonly dueAt: IsoText;
  readonly state: 'open' | 'granted' | 'rejected';
  readonly answer: string | null;
  readonly answeredAt: IsoText | null;
};

export type FreezeView = {
  readonly freezeId: string;
  readonly scope: FreezeScope;
  readonly targetId: string;
  readonly holder: string | null;
  readonly reasonCode: FreezeReason;
  readonly reason: string;
  readonly isSecret: boolean;
  readonly state: FreezeState;
  readonly endedAs: FreezeEnd | null;
  readonly setBy: string;
  readonly approvedBy: string | null;
  readonly proposedAt: IsoText;
  readonly startsAt: IsoText | null;
  readonly until: IsoText;
  readonly endedAt: IsoText | null;
  readonly txId: Hex | null;
  readonly appeal: AppealView | null;
};

export type CaseView = CaseLine & {
  readonly ground: string;
  readonly openedBy: string;
  readonly closedAt: IsoText | null;
  readonly outcome: CaseOutcome | null;
  readonly canAct: boolean;
  /** Of the pack in force: the longest freeze by one official, the longest at all, and of questions. */
  readonly terms: Pick<Clocks, 'temporaryFreezeMs' | 'longestFreezeMs' | 'inquiryMs' | 'inquiryExtensionMs'>;
  readonly events: readonly {
    readonly at: IsoText;
    readonly by: string;
    readonly role: string;
    readonly act: CaseAct;
    readonly body: Readonly<Record<string, string | null>>;
  }[];
  readonly freezes: readonly FreezeView[];
  readonly halts: readonly HaltView[];
  readonly stolen: readonly StolenView[];
  readonly awards: readonly AwardView[];
  readonly held: readonly HeldItemView[];
  readonly judgements: readonly JudgementView[];
  /** Acts that wait for the office's signature, or ended without it. */
  readonly coSigns: readonly CoSignView[];
};

/** With what the organisation's account signs; its key is published on a demonstration chain only. */
export type CaseSigner = {
  readonly chain: Hex;
  readonly acct: Hex;
  readonly keyIdx: number;
  readonly keyEpoch: number;
  readonly publishedKey: Hex;
};
/** The organisation signs on a machine of its own: what an official asks for waits for it. */
export type AwaitedSigner = { readonly chain: Hex; readonly publishedKey: null };

/** What a freeze would be set on. */
export type CaseTarget = {
  readonly scope: FreezeScope;
  readonly targetId: string;
  /** Serial of the item or the kind, or the account id. */
  readonly ledgerRef: string;
  /** Of the item's kind, or the kind. */
  readonly names: Names | null;
  readonly holder: string | null;
  readonly frozenUntil: IsoText | null;
};

/** What the restricted person sees; in laundering cases the restriction alone (rulebook CN-AML-04). */
export type Restriction = {
  readonly freezeId: string;
  readonly scope: FreezeScope;
  readonly targetId: string;
  readonly names: Names | null;
  readonly reasonCode: FreezeReason | 'authority';
  readonly reason: string | null;
  readonly isInForce: boolean;
  readonly until: IsoText;
  readonly canAppeal: boolean;
  /** Held for a dispute: it decides. */
  readonly claimId: string | null;
  readonly appeal: AppealView | null;
};

/** What stands still, for everybody (product V-17). */
export type HaltNow = {
  readonly haltId: string;
  readonly scope: HaltScope;
  readonly targetId: string;
  readonly names: Names | null;
  readonly reasonCode: HaltReason;
  readonly reason: string;
  readonly openOrders: OpenOrders;
  readonly until: IsoText;
};
export type HaltView = HaltNow & {
  readonly state: FreezeState;
  readonly endedAs: FreezeEnd | null;
  readonly setBy: string;
  readonly approvedBy: string | null;
  readonly startsAt: IsoText | null;
  readonly txId: Hex | null;
};

/** Signature of the person, and the LedgerTx of the organisation where it is needed now. */
export type SignedAct = { readonly signature: Hex; readonly signedTx: Hex | null };
export type FreezeInput = FreezeOrder & SignedAct;
export type HaltInput = HaltOrder & SignedAct;
export type ResumeInput = ResumeOrder & SignedAct;
export type LiftInput = LiftOrder & SignedAct;
export type JudgementInput = JudgementOrder & SignedAct;
export type ReturnInput = ReturnOrder & SignedAct;
export type AppealAnswerInput = AppealDecision & SignedAct & { readonly liftSignature: Hex | null };
export type ReferInput = ReferOrder & SignedAct;
export type CaseStepInput =
  | { readonly act: 'note'; readonly text: string }
  | { readonly act: 'evidence'; readonly subjectId: string; readonly text: string }
  | { readonly act: 'owner' }
  | { readonly act: 'shared'; readonly audience: 'market' | 'finance' | 'tax' }
  | { readonly act: 'closed'; readonly outcome: CaseOutcome; readonly text: string };
