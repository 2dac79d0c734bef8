/**
 * Sales of before a takeover that the new operator cannot open. A supervisor that can would hold their price against whoever sells the item on
 * (`members/checks/item-origins.ts`), and every sale without it would be undone after it was settled. So the item waits, and its owner is told so,
 * until the figures come with a hand-over; what no supervisor could open either holds nobody up.
 */
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { readEnvelopes } from '#ledger/node/store/envelopes.ts';
import { isZero, toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, type Instant, instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { upsertHold } from '#server/identity/players.repo.ts';
import { pieceOf } from '#server/settlement/amounts.ts';
import { openTrade } from './open-sealed.ts';
import { readChainFacts } from './read-chain.ts';
import { restoreReturnedLots } from './restore-trades.repo.ts';
import { giveUpSealedLots, insertUnknownLots, listSealedLots, listUnknownSellers, openLots } from './sealed-purchases.repo.ts';

/** Whoever sold on that day is assessed with all that was sold on it: part of that is not known here. */
export const UNKNOWN_SALES_HOLD = 'unknown_day_sale';
const DAY_MS = 86_400_000;

/** `isAllOpen`: every supervisor has handed over. Before unknown sales are forgotten. @returns items that wait for a hand-over */
export async function keepSealed(tx: Tx, isAllOpen: boolean): Promise<number> {
  const lots = await insertUnknownLots(tx, isAllOpen ? 'none' : 'sealed');
  return isAllOpen ? 0 : lots;
}

/** After unknown sales were forgotten. */
export async function holdSellersOfToday(tx: Tx, isAllOpen: boolean, now: Instant): Promise<void> {
  if (isAllOpen) return;
  const today = startOfBeijingDate(beijingDate(now));
  for (const acct of await listUnknownSellers(tx, today))
    await upsertHold(tx, acct, { code: UNKNOWN_SALES_HOLD, until: instant(today + DAY_MS) });
}

export type OpenedLater = { readonly purchasesOpened: number; readonly purchasesSealed: number };

/** What a later hand-over opens. The sales themselves stay outside the books, which the takeover has opened without them. */
export async function openSealedPurchases(sql: Sql, keys: readonly GrantedKey[], isAllOpen: boolean): Promise<OpenedLater> {
  return sql.begin(async (tx) => {
    const sealed = await listSealedLots(tx);
    if (sealed.length === 0) return { purchasesOpened: 0, purchasesSealed: 0 };
    const wanted = new Set(sealed.map(({ tx_id }) => tx_id));
    const trades = (await readChainFacts(sql)).trades.filter(({ txId }) => wanted.has(toHex(txId)));
    const envelopes = await readEnvelopes(
      sql,
      trades.map(({ op }) => op.env).filter((env) => !isZero(env)),
    );
    const known = new Map(
      trades.flatMap((recorded) => {
        const trade = openTrade(recorded, envelopes.get(toHex(recorded.op.env)) ?? null, keys);
        return trade === null ? [] : [[toHex(recorded.txId), trade] as const];
      }),
    );
    const opened = sealed.flatMap(({ item_id, ver, serial, tx_id }) => {
      const trade = known.get(tx_id);
      const index = trade?.recorded.op.items.indexOf(BigInt(serial)) ?? -1;
      return trade === undefined || index < 0
        ? []
        : [{ item_id, ver, costFen: pieceOf(trade.pay.grossFen, trade.recorded.op.items.length, index) }];
    });
    await openLots(tx, opened);
    await restoreReturnedLots(tx);
    if (isAllOpen) await giveUpSealedLots(tx);
    return { purchasesOpened: opened.length, purchasesSealed: isAllOpen ? 0 : sealed.length - opened.length };
  });
}
