/** Flow of funds, reconciliation and look-through. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { FundsRole } from '#sandbox/funds/draw.ts';
import type { Difference } from '#sandbox/reports/compare-statement.ts';
import type { LargeValueScope } from '#sandbox/surveillance/large-value.ts';
import type { ReportRow } from './oversight.ts';
import type { FenText, IsoText } from './words.ts';

export type FundsKind = 'trade' | 'item' | 'person' | 'day';

/** in + earlier + again = out + stays + further + onward, at every node. */
export type FundsFlow = {
  readonly kind: FundsKind;
  readonly id: string;
  readonly back: number;
  readonly forth: number;
  /** There are more movements than are followed; the newest are. */
  readonly isCut: boolean;
  readonly seedFen: FenText;
  /** Assessed on the trades shown, while their proceeds lie here no more. */
  readonly taxUncoveredFen: FenText;
  readonly nodes: readonly {
    readonly id: string;
    readonly level: number;
    readonly role: FundsRole;
    readonly acct: AccountId | null;
    readonly name: string | null;
    readonly members: number;
    readonly inFen: FenText;
    readonly outFen: FenText;
    readonly earlierFen: FenText;
    readonly againFen: FenText;
    readonly onwardFen: FenText;
    readonly staysFen: FenText;
    readonly furtherFen: FenText;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: string;
    readonly amountFen: FenText;
    readonly count: number;
    readonly entries: readonly { readonly entryId: string; readonly tradeId: string | null; readonly providerNo: string | null }[];
  }[];
};

export type BreakOwner = 'institution' | 'operator' | 'members';
export type BreakCause =
  | 'not_on_statement'
  | 'not_in_journal'
  | 'line_altered'
  | 'statement_sums'
  | 'provider_balance'
  | 'day_sums'
  | 'transfer'
  | 'custody'
  | 'ledger'
  | 'trade'
  | 'feed'
  | 'journal';
/** opening + in − out = closing = held. */
export type StatementFigures = {
  readonly openingFen: FenText;
  readonly inFen: FenText;
  readonly outFen: FenText;
  readonly closingFen: FenText;
  readonly heldFen: FenText;
};
export type Reconciliation = {
  readonly institution: string;
  /** Then pages name it in their own language. */
  readonly isSimulated: boolean;
  readonly days: readonly {
    readonly day: string;
    readonly run: number;
    readonly at: IsoText;
    readonly ours: StatementFigures;
    readonly theirs: StatementFigures;
    readonly onItsWayFen: FenText;
    readonly differenceFen: FenText;
  }[];
  readonly breaks: readonly {
    readonly breakId: string;
    readonly kind: string;
    readonly subject: string;
    readonly day: string;
    readonly expected: string;
    readonly reported: string;
    readonly differenceFen: FenText;
    readonly cause: BreakCause;
    readonly owner: BreakOwner;
    /** Of the operator's desk, who has taken it on; null: nobody yet. */
    readonly takenBy: string | null;
    readonly foundAt: IsoText;
    readonly closedAt: IsoText | null;
    readonly ageSeconds: number;
  }[];
};

/** A statement of the bank (camt.053) as it was held against our journal. */
export type BankStatement = {
  readonly number: string;
  readonly at: IsoText;
  readonly staffId: string;
  readonly staffRole: string;
  readonly fileName: string;
  readonly pages: number;
  readonly version: string;
  readonly statementId: string;
  readonly accountId: string;
  readonly from: IsoText;
  readonly before: IsoText;
  /** Of the bank; those that are booked are compared. */
  readonly entries: number;
  readonly booked: number;
  readonly ownEntries: number;
  readonly theirs: { readonly openingFen: FenText; readonly closingFen: FenText };
  readonly ours: { readonly openingFen: FenText; readonly closingFen: FenText };
  readonly differences: number;
};
export type BankDifference = Difference;

/** What a day's payments came to, largest share of its line first (rulebook CN-AML-03). */
export type LargeValues = {
  readonly day: string;
  readonly isOver: boolean;
  /** The pack whose lines they are; null: none was in force, and nothing is counted. */
  readonly packHash: string | null;
  /** Of all counters; the rows are those that came nearest to their line. */
  readonly total: number;
  readonly reached: number;
  readonly rows: readonly {
    /** A player or studio; null: an account of the operator. */
    readonly acct: AccountId | null;
    readonly account: 'player' | 'studio' | 'operator' | 'guarantee';
    readonly scope: LargeValueScope;
    readonly direction: 'in' | 'out';
    readonly sumFen: FenText;
    readonly lineFen: FenText;
    readonly count: number;
    readonly reachedAt: IsoText | null;
  }[];
  /** Until when the institution has to have reported the day. */
  readonly dueOn: string;
  /** The day's report as it was made and handed in; null: not made yet. */
  readonly report: { readonly reportId: string; readonly filing: ReportRow['filing'] } | null;
};
