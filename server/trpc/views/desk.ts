/** The operator's desk: its queues with their clocks (product O-17). */
import type { DeskAct, DeskQueue } from '#sandbox/cases/desk-order.ts';
import type { ClaimLine, ClaimProof } from './claims.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type { DeskAct, DeskQueue } from '#sandbox/cases/desk-order.ts';

export type DeskStep = {
  readonly at: IsoText;
  readonly by: string;
  readonly act: DeskAct;
  readonly text: string;
  readonly txId: Hex | null;
};
export type DeskRow = {
  readonly queue: DeskQueue;
  readonly subjectId: string;
  /** Whom or what it is about: an item, an account, a transfer, the subject of a break. */
  readonly about: string;
  readonly kind: string;
  readonly names: Names | null;
  readonly amountFen: FenText | null;
  readonly text: string | null;
  readonly since: IsoText;
  /** Who has taken it on; null: nobody yet. */
  readonly owner: string | null;
  readonly dueAt: IsoText | null;
  readonly isOverdue: boolean;
  readonly steps: readonly DeskStep[];
  readonly mayFreeze: boolean;
  readonly mayUphold: boolean;
  readonly mayBeFalse: boolean;
  /** Of a studio that joins: by its state. */
  readonly mayVerify: boolean;
  readonly maySuspend: boolean;
  readonly mayClose: boolean;
  /** Words and picture of the kind. */
  readonly mayHide: boolean;
  readonly mayShow: boolean;
};
export type PublicityLine = { readonly tradeId: string; readonly names: Names; readonly grossFen: FenText; readonly endsAt: IsoText };
export type DeskView = {
  readonly claims: readonly ClaimLine[];
  readonly rows: readonly DeskRow[];
  readonly publicity: readonly PublicityLine[];
  readonly chain: Hex;
};
export type DeskActInput = {
  readonly actId: Hex;
  readonly queue: DeskQueue;
  readonly subjectId: string;
  readonly act: DeskAct;
  readonly text: string;
  readonly signature: Hex;
};
export type TheftInput = { readonly actId: Hex; readonly itemId: string; readonly text: string; readonly proof: ClaimProof };
