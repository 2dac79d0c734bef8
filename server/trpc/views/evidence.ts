/** What a party sees of its evidence packages (product P-45). */
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { CaseDocument } from '#sandbox/cases/case-order.ts';
import type { Hex, IsoText } from './words.ts';

export type EvidenceExport = {
  readonly exportId: string;
  readonly subject: { readonly kind: 'trade' | 'item'; readonly id: string };
  readonly caseRef: string;
  readonly state: 'waiting' | 'built' | 'failed';
  /** Why it failed, as a code. */
  readonly reason: string | null;
  readonly requestedAt: IsoText;
  readonly builtAt: IsoText | null;
  /** SM3 of the zip. */
  readonly sm3: Hex | null;
  readonly size: number | null;
  /** Null: nobody has asked the notary. */
  readonly countersign: CountersignView | null;
};

/** What the notary was asked, and answered. */
export type CountersignView = {
  readonly exportId: string;
  readonly state: 'asked' | 'signed' | 'declined';
  readonly askedAt: IsoText;
  readonly decidedAt: IsoText | null;
  readonly name: string | null;
  readonly organisation: string | null;
  readonly certificateSerial: Hex | null;
  /** What was signed, with chain and serial beside it, under `daoju.case/1`. */
  readonly document: CaseDocument | null;
  readonly signature: Hex | null;
  /** Of the notary's own entry on the ledger. */
  readonly txId: Hex | null;
};
export type NotaryRequest = CountersignView & {
  readonly subject: { readonly kind: 'trade' | 'item'; readonly id: string };
  readonly askedBy: AccountId;
  readonly caseRef: string;
  readonly builtAt: IsoText;
  readonly packageSm3: Hex;
  readonly size: number;
};
export type NotaryDesk = { readonly chain: Hex; readonly requests: readonly NotaryRequest[] };
