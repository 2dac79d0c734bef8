/** Gifts: what is quoted, answered and listed (product P-28). */
import type { AccountId, ItemId } from '#ledger/primitives/ids.ts';
import type { GiftId } from '#server/settlement/sale-id.ts';
import type { ClassCard } from './catalogue.ts';
import type { FenText, Hex, IsoText } from './words.ts';

export type GiftState = 'open' | 'given' | 'declined' | 'withdrawn' | 'expired' | 'failed';

export type GiftQuote = {
  readonly kind: 'quoted';
  readonly chain: Hex;
  readonly recipient: { readonly acct: AccountId; readonly name: string };
  readonly quotedAt: IsoText;
  readonly acceptUntil: IsoText;
  readonly rows: readonly {
    readonly itemId: ItemId;
    /** Ledger serial and version, which the Transfer names. */
    readonly serial: string;
    readonly ver: string;
    /** Why this item cannot be given; null: it can. */
    readonly refusal: { readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, string>> } | null;
    readonly referenceFen: FenText | null;
    /** Estimate of what the giver would owe for it (rulebook 2.6.5). */
    readonly taxFen: FenText;
  }[];
  /** Estimates of those that can be given, accepted today. */
  readonly baseFen: FenText;
  readonly taxFen: FenText;
  readonly packHash: Hex;
};
export type GiftSent = { readonly kind: 'sent'; readonly replayed: boolean; readonly giftId: GiftId; readonly acceptUntil: IsoText };
export type GiftSendAnswer =
  | GiftSent
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, string>> };
export type GiftEnded = { readonly kind: 'ended'; readonly replayed: boolean; readonly giftId: GiftId; readonly state: GiftState };

export type Gift = {
  readonly giftId: GiftId;
  readonly direction: 'incoming' | 'outgoing';
  readonly itemId: ItemId;
  readonly serialNo: number;
  readonly card: ClassCard;
  readonly other: { readonly acct: AccountId; readonly name: string };
  readonly state: GiftState;
  readonly reason: string | null;
  readonly sentAt: IsoText;
  readonly acceptUntil: IsoText;
  readonly endedAt: IsoText | null;
  readonly isCertified: boolean;
  /** PCE TxBody by window, for the recipient to sign; of others' gifts and ended ones: none. */
  readonly bodies: readonly Hex[];
  /** Of the giver's own gifts: what was assessed; null: nothing yet. */
  readonly taxFen: FenText | null;
};
/** Newest first, open ones before the others. */
export type GiftList = { readonly gifts: readonly Gift[]; readonly height: number };
