/** What every step of a gift works with: the market's own parts. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import type { BrokenBooks } from '#server/exchange/broken-books.ts';
import type { ExchangeCode } from '#server/exchange/codes.ts';
import type { Experiments } from '#server/exchange/experiments.ts';
import type { Halts } from '#server/exchange/halts.ts';
import type { Refused } from '#server/exchange/market.ts';
import { message, playerRoom } from '#server/exchange/messages.ts';
import type { MarketGround } from '#server/exchange/open-market.ts';
import type { Pipeline } from '#server/exchange/pipeline.ts';
import type { ReferencePrices } from '#server/exchange/reference-prices.ts';
import type { VerifyQueue } from '#server/exchange/verify-queue.ts';
import type { NewMessage } from '#server/outbox/message.ts';
import type { GiftState } from '#server/trpc/views.ts';
import type { GiftRow } from './gift.ts';
import type { GiftFault, GiftGround } from './refuse-gift.ts';

export type GiftParts = {
  readonly ground: MarketGround;
  readonly halts: Pick<Halts, 'of'>;
  readonly broken: Pick<BrokenBooks, 'of'>;
  readonly experiments: Experiments;
  readonly pipeline: Pick<Pipeline, 'classes'>;
  readonly prices: ReferencePrices;
  readonly signatures: VerifyQueue;
};

/** `pending`: of the group where one runs. */
export function giftGround({ ground, halts, broken, experiments }: GiftParts, now: Instant, pending = ground.ledger.pending): GiftGround {
  return { pending, halts, broken, experiments, pack: activePack(pending, now).pack, now };
}

export function refuse(code: ExchangeCode, facts: Refused['facts'] = {}): Refused {
  return { kind: 'rejected', code, facts };
}
export function refuseFault({ code, facts }: GiftFault): Refused {
  return refuse(code, facts);
}

/** Both sides' pages only need to know that something moved; they ask for it. */
export function giftMoved(gift: Pick<GiftRow, 'giftId' | 'giver' | 'recipient'>, to: GiftState, at: Instant): readonly NewMessage[] {
  return [gift.giver, gift.recipient].map((acct) => message(playerRoom(acct), 'gift.updated', at, { id: gift.giftId, to }));
}
