/** Disputes about a trade as parties, desk and supervisors see them (product P-32). */
import type { AccountId, TradeId } from '#ledger/primitives/ids.ts';
import type { ClaimDecision, ClaimKind, ClaimOutcome, ClaimSide, ClaimStance, ClaimState } from '#sandbox/cases/claim-order.ts';
import type { FenText, Hex, IsoText, Names } from './words.ts';

export type { ClaimKind, ClaimOutcome, ClaimStance, ClaimState } from '#sandbox/cases/claim-order.ts';

export type ClaimRole = 'claimant' | 'respondent' | 'desk' | 'supervisor';
export type ClaimAct =
  | 'opened'
  | 'answered'
  | 'answer_missed'
  | 'decided'
  | 'desk_silent'
  | 'appealed'
  | 'accepted'
  | 'final'
  | 'stands'
  | 'reviewed'
  | 'reversed'
  | 'withdrawn'
  | 'lapsed'
  | 'held'
  | 'freed'
  | 'case_opened';

export type ClaimLine = {
  readonly claimId: string;
  /** `D-2026-000012` */
  readonly number: string;
  readonly tradeId: TradeId;
  readonly kind: ClaimKind;
  readonly names: Names;
  readonly grossFen: FenText;
  readonly state: ClaimState;
  readonly outcome: ClaimOutcome | null;
  readonly openedAt: IsoText;
  /** End of the clock of this state. */
  readonly dueAt: IsoText | null;
  readonly isOverdue: boolean;
  /** Whose turn it is; null once it is closed. */
  readonly waitsFor: ClaimRole | null;
};
/** `role`: who one is in it. */
export type OwnClaim = ClaimLine & { readonly role: 'claimant' | 'respondent' };

export type ClaimParty = { readonly ref: AccountId; readonly name: string; readonly side: ClaimSide };

export type ClaimStep = {
  readonly at: IsoText;
  readonly role: ClaimRole | 'clock';
  /** Of an official; parties are named above. */
  readonly by: string | null;
  readonly act: ClaimAct;
  readonly text: string | null;
  readonly decision: ClaimDecision | null;
  readonly stance: ClaimStance | null;
  readonly txId: Hex | null;
};
export type ClaimFile = {
  readonly sm3: Hex;
  readonly name: string;
  readonly mime: string;
  readonly bytes: number;
  readonly role: 'claimant' | 'respondent';
};

/** What a supervisor signs: the reversal's payload without its `doc`. */
export type ClaimReversal = {
  readonly entry: string;
  readonly items: readonly { readonly serial: string; readonly ver: string; readonly to: Hex }[];
  readonly pay: Hex;
  readonly rulePack: Hex;
};

export type ClaimView = ClaimLine & {
  readonly viewer: ClaimRole;
  readonly quantity: number;
  readonly itemIds: readonly string[];
  readonly claimant: ClaimParty;
  readonly respondent: ClaimParty;
  readonly reason: string;
  readonly decision: ClaimDecision | null;
  readonly closedAt: IsoText | null;
  /** Until when protection or a freeze keeps the item where it is. */
  readonly heldUntil: IsoText | null;
  readonly files: readonly ClaimFile[];
  readonly steps: readonly ClaimStep[];
  readonly may: {
    readonly answer: boolean;
    readonly withdraw: boolean;
    readonly appeal: boolean;
    readonly decide: boolean;
    readonly review: boolean;
  };
  /** On the ledger, once it is there; `signers` are its accounts' organisations. */
  /** A supervisor has decided, and the office's signature is given elsewhere. */
  readonly awaitsSignature: boolean;
  readonly reversed: { readonly txId: Hex; readonly index: number | null; readonly signers: readonly string[] } | null;
  /** For whom it is to sign. */
  readonly chain: Hex;
  readonly reversal: ClaimReversal | null;
  readonly caseId: string | null;
};

export type ClaimFileInput = { readonly name: string; readonly mime: string; readonly base64: string };
/** The passphrase again. */
export type ClaimProof = { readonly challenge: string; readonly issuedAt: string; readonly signature: Hex };

export type ClaimOpenInput = {
  readonly actId: Hex;
  readonly tradeId: TradeId;
  readonly kind: ClaimKind;
  readonly reason: string;
  readonly files: readonly ClaimFileInput[];
  readonly proof: ClaimProof;
};
export type ClaimAnswerInput = {
  readonly actId: Hex;
  readonly claimId: string;
  readonly stance: ClaimStance;
  readonly text: string;
  readonly files: readonly ClaimFileInput[];
  readonly proof: ClaimProof;
};
export type ClaimAppealInput = { readonly actId: Hex; readonly claimId: string; readonly text: string; readonly proof: ClaimProof };
export type ClaimRulingInput = {
  readonly actId: Hex;
  readonly claimId: string;
  readonly isUpheld: boolean;
  readonly reason: string;
  readonly signature: Hex;
};

/** What a takeover would do, by the terms of the pack in force (P-33). */
export type TakeoverTerms = { readonly tradesDays: number; readonly coolDays: number };

/** What a declared takeover has done (P-33). */
export type TakeoverView = {
  readonly takeoverId: string;
  readonly at: IsoText;
  /** End of the cool-down. */
  readonly until: IsoText;
  readonly canceled: number;
  readonly claims: number;
  /** False: a trade is not certified yet; it is claimed when it is. */
  readonly isDone: boolean;
};
export type TakeoverInput = { readonly actId: Hex; readonly text: string; readonly proof: ClaimProof };
