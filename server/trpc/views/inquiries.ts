/** Questions of supervisors, as who asks and who is asked see them (product V-14). */
import type { FreezeReason } from '#sandbox/cases/case-order.ts';
import type { InquiryAnswer, InquiryExtension, InquiryOrder, InquiryParty, InquiryReply } from '#sandbox/cases/inquiry-order.ts';
import type { SignedAct } from './cases.ts';
import type { ClaimFileInput } from './claims.ts';
import type { Hex, IsoText, Names, StaffRole } from './words.ts';

export type { InquiryParty, InquiryReply } from '#sandbox/cases/inquiry-order.ts';

/** `case`: an official who works on it. */
export type InquiryReader = InquiryParty | 'case';

export type InquiryReplyView = {
  readonly kind: InquiryReply;
  readonly at: IsoText;
  readonly text: string;
  /** Of what was said, files included; what the ledger has. */
  readonly docHash: Hex;
  readonly txId: Hex;
};
/** What is asked, without the case: its number is the officials' business. */
export type InquiryView = {
  readonly inquiryId: string;
  readonly party: InquiryParty;
  readonly partyId: string;
  readonly reasonCode: FreezeReason;
  readonly question: string;
  readonly askedRole: StaffRole;
  readonly askedAt: IsoText;
  /** As extended, where more time was given. */
  readonly dueAt: IsoText;
  /** More time was granted: what was due first, and when it was moved. */
  readonly extension: { readonly firstDueAt: IsoText; readonly at: IsoText; readonly txId: Hex } | null;
  /** `over`: the case was closed without an answer. */
  readonly state: 'open' | 'answered' | 'over';
  readonly isOverdue: boolean;
  readonly txId: Hex;
  readonly replies: readonly InquiryReplyView[];
  readonly files: readonly { readonly sm3: Hex; readonly name: string; readonly mime: string }[];
};
export type InquiryExtensionInput = InquiryExtension & SignedAct;
export type InquiryInput = InquiryOrder & SignedAct;
export type InquiryReplyInput = Omit<InquiryAnswer, 'files'> & { readonly as: InquiryParty; readonly files: readonly ClaimFileInput[] };

export type AskableStudio = { readonly acct: string; readonly names: Names };
