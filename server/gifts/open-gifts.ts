/** Puts gifts together, and ends those that nobody wants or can have any more. */

import { decodeTxEnv } from '#ledger/codec/tx.ts';
import { type AccountId, accountIdBytes, accountIdOf } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Refused } from '#server/exchange/market.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import type { GiftId } from '#server/settlement/sale-id.ts';
import type { GiftEnded } from '#server/trpc/views.ts';
import { acceptGift } from './accept-gift.ts';
import type { GiftRow, Gifts } from './gift.ts';
import { endGift, findGift, listDueGifts, listOpenGivers, listOpenOfGivers } from './gifts.repo.ts';
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

async function endDue(parts: GiftParts): Promise<void> {
  const { sql, ledger, clock, outbox } = parts.ground;
  const now = clock.now();
  // Asked outside the line first: most turns find nothing.
  if ((await listEnding(parts, sql, now, 1)).length === 0) return;
  await ledger.runGroup(() =>
    sql.begin(async (tx) => {
      const due = await listEnding(parts, tx, now, AT_ONCE);
      for (const { gift, reason } of due)
        await endGift(tx, gift.giftId, reason === null ? { state: 'expired', at: now } : { state: 'failed', at: now, reason });
      await outbox.append(
        tx,
        due.flatMap(({ gift, reason }) => giftMoved(gift, reason === null ? 'expired' : 'failed', now)),
      );
    }),
  );
}

type Ending = { readonly gift: GiftRow; readonly reason: 'version_conflict' | 'key_epoch_stale' | null };

async function listEnding({ ground }: GiftParts, sql: Queryable, now: Instant, most: number): Promise<readonly Ending[]> {
  const due = (await listDueGifts(sql, now, most)).map((gift): Ending => ({ gift, reason: gift.isMoved ? 'version_conflict' : null }));
  const known = new Set(due.map(({ gift }) => gift.giftId));
  const stale = (await listStale(ground, sql)).filter(({ giftId }) => !known.has(giftId)).slice(0, most);
  return [...due, ...stale.map((gift): Ending => ({ gift, reason: 'key_epoch_stale' }))];
}

/** The key that the giver signed with was replaced: the ledger refuses the Transfer for ever, so the gift ends like an order does (`ledger.md` 12). */
async function listStale({ ledger }: GiftParts['ground'], sql: Queryable): Promise<readonly GiftRow[]> {
  const epochOf = (acct: AccountId): number => ledger.pending.accountById(accountIdBytes(acct))?.keyEpoch ?? 0;
  const rotated = (await listOpenGivers(sql)).filter((acct) => epochOf(acct) > 0);
  if (rotated.length === 0) return [];
  const gifts = await listOpenOfGivers(sql, rotated);
  return gifts.filter(({ giver, transfers }) =>
    transfers.some((bytes) => decodeTxEnv(bytes).sigs.some((sig) => accountIdOf(sig.acct) === giver && sig.keyEpoch !== epochOf(giver))),
  );
}
