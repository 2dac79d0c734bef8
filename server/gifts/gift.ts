/** Gifts (product P-28): an item given away to one adult, who accepts it or not. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccountId, ClassId, ItemId, ReferenceId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Refused } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import type { GiftId } from '#server/settlement/sale-id.ts';
import type { GiftEnded, GiftQuote, GiftSent, GiftState } from '#server/trpc/views.ts';

/** How long an item is kept before it can be given, and how long a gift waits (product 1.6). */
export const GIFT_WAIT_MS = 7 * 86_400_000;
export const GIFT_OPEN_MS = 72 * 3_600_000;
/** With orders and listings, a person's open promises stay countable. */
export const OPEN_GIFTS_MAX = 300;

export type GiftRow = {
  readonly giftId: GiftId;
  readonly itemId: ItemId;
  readonly classId: ClassId;
  readonly ver: bigint;
  readonly giver: AccountId;
  readonly recipient: AccountId;
  readonly referenceId: string;
  readonly bodySm3: Bytes;
  /** PCE TxEnv that the giver signed, earliest window first. */
  readonly transfers: readonly Bytes[];
  readonly sentAt: Instant;
  readonly acceptUntil: Instant;
  readonly state: GiftState;
  readonly reason: string | null;
};

export type SendInput = {
  readonly referenceId: ReferenceId;
  readonly itemId: ItemId;
  readonly to: AccountId;
  /** Hex of PCE TxEnv, one for each window. */
  readonly transfers: readonly string[];
};
/** `transfer`: hex of the PCE TxEnv of the window that is open now, signed by the recipient alone. */
export type AcceptInput = { readonly giftId: GiftId; readonly transfer: string };

export interface Gifts {
  /** What giving these items to this person would mean, item by item; nothing is changed. */
  quote(player: Player, request: { readonly itemIds: readonly ItemId[]; readonly to: string }): Promise<GiftQuote | Refused>;
  /** Each by itself; the item is held from the commit on. */
  sendMany(player: Player, inputs: readonly SendInput[]): Promise<readonly (GiftSent | Refused)[]>;
  /** The item has its new owner with the commit. Again is harmless. */
  accept(player: Player, input: AcceptInput): Promise<GiftEnded | Refused>;
  /** By the recipient: declined; by the giver: withdrawn. Again is harmless. */
  end(player: Pick<Player, 'acct'>, giftId: GiftId): Promise<GiftEnded | Refused>;
  /** Ends what nobody accepted in time and what can no longer be given. */
  turn(): Promise<void>;
}
