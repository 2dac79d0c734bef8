/** Puts gifts together, and ends those that nobody wants or can have any more. */

import type { Refused } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import type { GiftId } from '#server/settlement/sale-id.ts';
import type { GiftEnded } from '#server/trpc/views.ts';
import { acceptGift } from './accept-gift.ts';
import type { Gifts } from './gift.ts';
import { endGift, findGift, listDueGifts } from './gifts.repo.ts';
import { type GiftParts, giftMoved, refuse } from './ground.ts';
import { quoteGifts } from './quote-gifts.ts';
import { sendGifts } from './send-gifts.ts';

const AT_ONCE = 200;

export function openGifts(parts: GiftParts): Gifts {
  return {
    quote: (player, request) => quoteGifts(parts, player, request),
    sendMany: (player, inputs) => sendGifts(parts, player, inputs),
    accept: (player, input) => acceptGift(parts, player, input),
    end: (player, giftId) => endByPerson(parts, player, giftId),
    turn: () => endDue(parts),
  };
}

function endByPerson({ ground }: GiftParts, player: Pick<Player, 'acct'>, giftId: GiftId): Promise<GiftEnded | Refused> {
  const { sql, ledger, clock, outbox } = ground;
  return ledger.runGroup(() =>
    sql.begin(async (tx): Promise<GiftEnded | Refused> => {
      const gift = await findGift(tx, giftId);
      if (gift === null) return refuse('gift_unknown');
      const state = gift.recipient === player.acct ? 'declined' : gift.giver === player.acct ? 'withdrawn' : null;
      if (state === null) return refuse('not_your_gift');
      if (gift.state === state) return { kind: 'ended', replayed: true, giftId, state };
      if (gift.state !== 'open') return refuse('gift_over', { state: gift.state });
      const now = clock.now();
      await endGift(tx, giftId, { state, at: now });
      await outbox.append(tx, giftMoved(gift, state, now));
      return { kind: 'ended', replayed: false, giftId, state };
    }),
  );
}

async function endDue({ ground }: GiftParts): Promise<void> {
  const { sql, ledger, clock, outbox } = ground;
  const now = clock.now();
  // Asked outside the line first: most turns find nothing.
  if ((await listDueGifts(sql, now, 1)).length === 0) return;
  await ledger.runGroup(() =>
    sql.begin(async (tx) => {
      const due = await listDueGifts(tx, now, AT_ONCE);
      for (const { giftId, isMoved } of due)
        await endGift(tx, giftId, isMoved ? { state: 'failed', at: now, reason: 'version_conflict' } : { state: 'expired', at: now });
      await outbox.append(
        tx,
        due.flatMap((gift) => giftMoved(gift, gift.isMoved ? 'failed' : 'expired', now)),
      );
    }),
  );
}
