/** Rule packs, their drafts and policy replays as pages see them. */

import type { Direction } from '#sandbox/packs/compare-packs.ts';
import type { CapRule, Confidence, ReportRule, Texts, TxType } from '#sandbox/packs/rule-pack.ts';
import type { CoSignView } from './co-sign.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type PackSummary = {
  readonly packId: string;
  readonly version: string;
  readonly packHash: Hex;
  readonly state: 'active' | 'announced' | 'past' | 'shipped' | 'proposed';
  readonly effectiveFrom: string;
  readonly effectiveTo: string;
  readonly currency: string;
  /** Days until the pack refuses to assess; below 0: it has ended. */
  readonly daysLeft: number;
  /** Ninety days before the end the console warns. */
  readonly isEnding: boolean;
};

export type PackParameter = {
  readonly name: string;
  readonly path: string;
  readonly words: Texts | null;
  readonly ruleId: string;
  readonly value: string;
  readonly unit: 'fen' | 'rate' | 'days' | 'count' | 'switch';
  readonly allowed: readonly string[];
  readonly citation: string;
  readonly confidence: Confidence;
  readonly asOf: string;
  readonly from: string;
  readonly to: string | null;
  readonly stricterIs: 'LOWER' | 'HIGHER' | 'FALSE' | 'TRUE' | null;
  readonly statutory: boolean;
  readonly grantable: boolean;
  /** A term of freezes, claims, duties or keeping. */
  readonly isClock: boolean;
  /** A clock that the document does not name: its default binds. */
  readonly isDefault: boolean;
};

export type PackView = PackSummary & {
  readonly parameters: readonly PackParameter[];
  readonly lines: readonly {
    readonly id: string;
    readonly ruleId: string;
    readonly name: Texts;
    readonly txTypes: readonly TxType[];
    readonly payer: string;
    readonly citation: string;
    readonly confidence: Confidence;
  }[];
  readonly figures: readonly { readonly id: string; readonly name: Texts; readonly steps: number }[];
  readonly reporting: readonly {
    readonly id: string;
    readonly ruleId: string;
    readonly period: ReportRule['period'];
    readonly citation: string;
  }[];
  readonly caps: readonly {
    readonly id: string;
    readonly subject: CapRule['subject'];
    readonly window: CapRule['window'];
    readonly measure: CapRule['measure'];
    /** Whether what reaches it exactly is still allowed. */
    readonly inclusive: boolean;
    /** The constant that holds it, with its unit and dates; null: the pack names one that it lacks. */
    readonly parameter: PackParameter | null;
    readonly citation: string;
  }[];
  readonly document: string;
};

export type PackDifferenceView = {
  readonly path: string;
  readonly words: Texts | null;
  readonly unit: PackParameter['unit'] | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: Direction;
  readonly statutory: boolean;
};

export type ProposalView = {
  readonly proposalId: string;
  readonly packId: string;
  readonly version: string;
  readonly packHash: Hex;
  readonly baseHash: Hex;
  readonly reason: string;
  readonly mode: 'NOTICE' | 'TIGHTEN';
  /** Its activation waits for a supervisor elsewhere, or did and ended. */
  readonly coSign: CoSignView | null;
  readonly state: 'draft' | 'public' | 'activated' | 'withdrawn';
  readonly effectiveFrom: IsoText;
  readonly createdAt: IsoText;
  readonly publishedAt: IsoText | null;
  readonly activatedAt: IsoText | null;
  readonly txId: Hex | null;
  readonly authorization: {
    readonly issuer: string;
    readonly number: string;
    readonly scope: readonly string[];
    readonly from: string;
    readonly to: string;
  } | null;
  readonly differences: readonly PackDifferenceView[];
  readonly approvals: readonly {
    readonly role: 'operator' | 'supervisor';
    readonly name: string;
    readonly organisation: string;
    readonly at: IsoText;
    /** Null: agreed before personal signatures were asked. */
    readonly signed: PersonalSignature | null;
  }[];
  readonly comments: readonly { readonly commentId: string; readonly at: IsoText; readonly author: string; readonly text: string }[];
  /** Why it could not be activated now; null: nothing against it. */
  readonly obstacle: { readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, string>> } | null;
};

export type PackDraftInput = {
  readonly baseHash: Hex;
  readonly version: string;
  readonly changes?: Readonly<Record<string, string>>;
  readonly document?: string;
};
export type PackProposalInput = PackDraftInput & {
  readonly reason: string;
  readonly mode: ProposalView['mode'];
  readonly effectiveFrom: IsoText;
  readonly authorization: ProposalView['authorization'];
};

export type ReplayStartInput = {
  readonly from: string;
  readonly to: string;
  readonly draft: { readonly packHash: Hex } | PackDraftInput;
  readonly blocked: 'REMOVE' | 'KEEP';
  readonly experiments: 'KEEP' | 'DROP';
  readonly scope: { readonly gameIds: string[] | null; readonly classIds: string[] | null; readonly payerGroups: string[] | null };
  readonly detail: 'NONE' | 'CHANGED' | 'ALL';
  readonly groupBy: ReplayGrouping[];
};
export type ReplayGrouping = 'day' | 'game' | 'itemClass' | 'payerGroup';

export type ReplayChoices = {
  readonly games: readonly { readonly gameId: string; readonly names: Names }[];
  /** Of identification, which payers are grouped by. */
  readonly levels: readonly string[];
};
type Named = { readonly id: string; readonly names: Names | null };
/** As the signed body says it; `null`: all. */
export type ReplayAsked = {
  readonly games: readonly Named[] | null;
  readonly kinds: readonly Named[] | null;
  readonly payerGroups: readonly string[] | null;
  readonly blocked: 'REMOVE' | 'KEEP';
  readonly experiments: 'KEEP' | 'DROP';
  readonly detail: 'NONE' | 'CHANGED' | 'ALL';
  readonly groupBy: readonly ReplayGrouping[];
};
export type YearTallyView = Readonly<Record<'baseline' | 'draft' | 'added' | 'removed', number | string>>;

export type ReplayColumn = {
  readonly name: string;
  readonly baselineFen: FenText;
  readonly draftFen: FenText;
  readonly differenceFen: FenText;
};
export type ReplayTally = { readonly count: number; readonly grossFen: FenText };
export type PeopleCellView = Readonly<
  Record<'affected' | 'paysMore' | 'paysLess' | 'newlyTaxed' | 'noLongerTaxed' | 'blocked', number | string>
>;

export type ReplaySummary = {
  readonly replayId: string;
  readonly requestedBy: string;
  readonly requestedAt: IsoText;
  readonly state: 'waiting' | 'running' | 'done' | 'refused';
  readonly done: number;
  readonly total: number;
  readonly from: string;
  readonly to: string;
  readonly draft: { readonly packId: string; readonly version: string; readonly packHash: Hex };
  readonly refusal: { readonly code: string; readonly facts: Readonly<Record<string, string>> } | null;
};

export type ReplayConfirmationView = {
  readonly member: number;
  readonly org: string;
  /** Governance key of the member then. */
  readonly publicKey: Hex;
  readonly signature: Hex;
  /** Verified now, over the hash of this body. */
  readonly isSound: boolean;
  /** Trades that it has held against its own certified entries, and of them those whose amounts its keys opened. */
  readonly trades: number;
  readonly opened: number;
  readonly at: IsoText;
};

export type ReplayView = ReplaySummary & {
  readonly asked: ReplayAsked;
  /** Of a baseline that is not what was stored: the first lines. */
  readonly mismatches: readonly {
    readonly tradeId: string;
    readonly lineId: string;
    readonly storedFen: string;
    readonly computedFen: string;
  }[];
  readonly differences: readonly PackDifferenceView[];
  readonly result: {
    readonly bodyHash: Hex;
    readonly signature: Hex;
    /** Members that ran it again and came to the same body. */
    readonly confirmations: readonly ReplayConfirmationView[];
    readonly factsHash: Hex;
    readonly trades: number;
    /** Trades of the period that never came to be and are left out; `null`: none. */
    readonly undone: { readonly trades: number; readonly words: Texts } | null;
    readonly revenue: readonly ReplayColumn[];
    readonly decisions: {
      readonly blocked: ReplayTally;
      readonly blockedByReason: readonly (ReplayTally & { readonly code: string; readonly message: string })[];
      readonly newlyAllowed: ReplayTally;
      readonly review: { readonly baseline: number; readonly draft: number };
      readonly upstreamBlocked: number;
    };
    readonly people: {
      readonly all: PeopleCellView;
      readonly quantiles: readonly { readonly percent: number; readonly differenceFen: FenText }[];
      readonly groups: readonly { readonly group: string; readonly cell: PeopleCellView }[];
    };
    readonly dayLine: Readonly<
      Record<'baseline' | 'draft', { readonly taxable: number; readonly crossings: number; readonly reassessed: number }>
    >;
    /** `null`: the packs have no such lines, or this result is from before they were counted. */
    readonly sellerYears: Readonly<Record<'registration' | 'business', YearTallyView>> | null;
    readonly groups: readonly {
      readonly grouping: ReplayGrouping;
      readonly rows: readonly { readonly key: string; readonly names: Names | null; readonly columns: readonly ReplayColumn[] }[];
    }[];
    readonly rows: { readonly count: number; readonly root: Hex };
    readonly assumption: Texts;
    readonly notModelled: readonly Texts[];
  } | null;
};

/** Under an agreement or a step, by the key of a person's certificate. */
export type PersonalSignature = {
  /** As the certificate says. */
  readonly name: string;
  readonly certificateSerial: string;
  /** Verified now, over the very document that is kept. */
  readonly isSound: boolean;
};
