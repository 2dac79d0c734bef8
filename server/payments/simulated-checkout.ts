/**
 * The simulated institution's cash desk: payment orders that a buyer pays on the institution's own page (product P-21). How the bank
 * answers is chosen there by whoever plays the payer, and the page says that it is a simulation.
 */
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Sql, Tx } from '#server/db.ts';
import { acceptCheckout, type CheckoutRow, expireCheckouts, findCheckout, lockCheckout } from './checkout.repo.ts';
import { type CallbackWrite, insertCallbacks, insertRequest } from './institution.repo.ts';
import type { CheckoutOrder } from './provider.ts';

/** `at_once`: the bank pays; `slow`: the bank pays after the order's time is over; `declined`: the bank says no. */
export const PAY_WAYS = ['at_once', 'slow', 'declined'] as const;
export type PayWay = (typeof PAY_WAYS)[number];
export const CHECKOUT_REFUSALS = {
  checkout_unknown: 'There is no such payment, or it is not yours.',
  checkout_closed: 'This payment is being made already, or its time is over. Nothing was taken.',
} as const;
export type CheckoutCode = keyof typeof CHECKOUT_REFUSALS;
export type PayAnswer = { readonly kind: 'accepted' } | { readonly kind: 'rejected'; readonly code: CheckoutCode };

export interface CashDesk {
  open(order: CheckoutOrder): Promise<void>;
  find(referenceId: string): Promise<CheckoutRow | null>;
  /** Once: an order that is being paid, paid or over takes no second payment. */
  pay(referenceId: string, way: PayWay): Promise<PayAnswer>;
  /** Ends orders whose time is over. @returns how many */
  expire(tx: Tx, now: Instant): Promise<number>;
}

export type CashDeskGround = {
  readonly sql: Sql;
  now(): Instant;
  /** A moment after `from`, at the institution's pace for its work or for its callbacks. */
  afterWork(from: Instant): Instant;
  afterCallback(from: Instant): Instant;
  report(clientRef: string, no: number, outcome: CallbackWrite['outcome'], reason: string | null, due: Instant): CallbackWrite;
};

export function createCashDesk(ground: CashDeskGround): CashDesk {
  const { sql } = ground;
  return {
    open: ({ referenceId, acct, amountFen, purpose, expiresAt }) =>
      sql.begin(async (tx) => {
        const request = { clientRef: referenceId, kind: 'checkout', ref: acct, amountFen } as const;
        await insertRequest(tx, request, expiresAt, { purpose, expiresAt });
      }),
    find: (referenceId) => findCheckout(sql, referenceId),
    pay: (referenceId, way) => sql.begin((tx) => pay(tx, ground, referenceId, way)),
    expire: async (tx, now) => {
      const expired = await expireCheckouts(tx, now);
      const calls = expired.flatMap((clientRef) => {
        const told = ground.afterCallback(now);
        return [told, ground.afterCallback(told)].map((due) => ground.report(clientRef, 2, 'failed', 'timeout', due));
      });
      await insertCallbacks(tx, calls);
      return expired.length;
    },
  };
}

async function pay(tx: Tx, ground: CashDeskGround, referenceId: string, way: PayWay): Promise<PayAnswer> {
  const checkout = await lockCheckout(tx, referenceId);
  if (checkout === null) return { kind: 'rejected', code: 'checkout_unknown' };
  const now = ground.now();
  if (checkout.state !== 'open' || checkout.expiresAt <= now) return { kind: 'rejected', code: 'checkout_closed' };
  const from = way === 'slow' ? instant(checkout.expiresAt) : now;
  await acceptCheckout(tx, referenceId, ground.afterWork(from), way === 'declined' ? 'bank_declined' : null);
  await insertCallbacks(tx, [ground.report(referenceId, 1, 'processing', null, ground.afterCallback(now))]);
  return { kind: 'accepted' };
}
