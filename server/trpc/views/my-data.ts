/** What is stored about the person who asks (product P-46). */
import type { Hex } from './words.ts';

export type DataGroup =
  | 'identity'
  | 'account'
  | 'orders'
  | 'trades'
  | 'items'
  | 'money'
  | 'tax'
  | 'disputes'
  | 'experiments'
  | 'messages'
  | 'packages'
  | 'watchList'
  | 'access';
/** `ledger`: in the open for every member, with numbers for people and commitments for amounts. `sealed`: on the ledger as a hash, its content
 *  sealed for supervisors. `institution`: the payment institution's own books. */
export type DataPlace = 'database' | 'ledger' | 'sealed' | 'institution';
/** `now`: at any time. `closing`: with the account. `term`: when the time that the law asks for is over. `never`: chained or signed for ever. */
export type DataDeletion = 'now' | 'closing' | 'term' | 'never';

/** Personal Information Protection Law art. 13 para 1, items 1, 2 and 3. */
export type LegalGround = 'consent' | 'contract' | 'duty';
/** `laws`: that item, then the acts that set the duty. */
export type LegalBasisView = { readonly ground: LegalGround; readonly laws: readonly { readonly zh: string; readonly en: string }[] };
/** Fields of the export that stand on another ground than the rest of their group. */
export type FieldBasisView = LegalBasisView & {
  readonly fields: readonly string[];
  readonly name: { readonly zh: string; readonly en: string };
};

export type DataGroupView = {
  readonly group: DataGroup;
  readonly records: number;
  readonly basis: LegalBasisView;
  readonly exceptions: readonly FieldBasisView[];
  readonly places: readonly DataPlace[];
  readonly deletion: DataDeletion;
};

/** Why an account cannot be closed now. */
export type CloseObstacle =
  | 'account_published'
  | 'account_restricted'
  | 'account_claims_open'
  | 'account_orders_open'
  | 'account_gifts_open'
  | 'account_trades_open'
  | 'account_transfers_open'
  | 'account_award_open'
  | 'account_balance';

export type MyDataView = {
  readonly groups: readonly DataGroupView[];
  /** What every member can read of the account. */
  readonly onLedger: {
    readonly acct: Hex;
    readonly publicKey: Hex;
    /** To name, ID number and level, each under a salt of its own. */
    readonly commitment: Hex;
    readonly items: number;
  } | null;
  readonly retentionYears: number;
  /** Empty: it can. */
  readonly obstacles: readonly CloseObstacle[];
};
