/** Writes sales, their orders, lots and assessments as the ledger and the envelopes have them. */
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { payoutAt } from '#sandbox/decisions/quote-terms.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, query } from '#server/journal/rows.repo.ts';
import { pieceOf } from '#server/settlement/amounts.ts';
import { assessmentHash, inputDocument, parseInputText } from '#server/settlement/assessment-document.ts';
import type { KnownOrder, KnownTrade } from './open-sealed.ts';

const HOUR_MS = 3_600_000;

export type RestoredTrade = KnownTrade & {
  readonly classId: string;
  readonly studio: string;
  readonly items: readonly { readonly itemId: string; readonly serial: bigint; readonly ver: bigint }[];
  readonly netFen: bigint;
  readonly payoutAt: Instant;
  readonly isReversed: boolean;
  readonly isDisputed: boolean;
  readonly isUnpaid: boolean;
  readonly experimentId: string | null;
};

/** The same moment as at settlement: protection, and never before the pack's shortest time. */
export function payoutOf({ settledAt, recorded }: KnownTrade, pack: RulePack | null): Instant {
  const hours = recorded.op.protectMs / HOUR_MS;
  return pack === null ? instant(settledAt + recorded.op.protectMs) : payoutAt(pack, settledAt, hours);
}

/** As long as a player may take to claim again what the former operator had not decided: the longest protection (product 1.6). */
export const CLAIM_AGAIN_MS = 168 * HOUR_MS;

/** A sale in dispute is not paid out before its parties could claim again: claims, answers and desk are gone with the former operator. */
export function payoutAfterTakeover(
  { payoutAt: due, isDisputed, isUnpaid }: Pick<RestoredTrade, 'payoutAt' | 'isDisputed' | 'isUnpaid'>,
  now: Instant,
): Instant {
  return isDisputed && isUnpaid ? instant(Math.max(due, now + CLAIM_AGAIN_MS)) : due;
}

export async function restoreTrades(tx: Tx, trades: readonly RestoredTrade[], now: Instant): Promise<void> {
  await restoreOrders(tx, trades, now);
  await insertRows(tx, 'market.trades', trades.map(tradeRow));
  await insertRows(
    tx,
    'market.trade_items',
    trades.flatMap(({ tradeId, items }) =>
      items.map(({ itemId, serial, ver }) => ({ trade_id: tradeId, item_id: itemId, ledger_serial: String(serial), ver: String(ver) })),
    ),
  );
  await insertRows(tx, 'market.trade_states', trades.flatMap(stateRows));
  await insertRows(
    tx,
    'custody.lots',
    trades.flatMap(({ buyer, classId, settledAt, pay, items }) =>
      items.map(({ itemId, ver }, index) => ({
        item_id: itemId,
        ver: String(ver + 1n),
        acct: buyer,
        class_id: classId,
        acquired_at: toIso(settledAt),
        cost_fen: String(pieceOf(pay.grossFen, items.length, index)),
        source: 'bought_here',
      })),
    ),
    'on conflict do nothing',
  );
}

function stateOf({ isReversed, isUnpaid }: RestoredTrade): string {
  if (isReversed) return 'reversed';
  return isUnpaid ? 'protected' : 'paid_out';
}

function tradeRow(trade: RestoredTrade, index: number) {
  const { tradeId, recorded, seller, buyer, pay, settledAt, items } = trade;
  return {
    trade_id: tradeId,
    seq: String(index + 1),
    tx_id: bytea(recorded.txId),
    class_id: trade.classId,
    sell_order_id: trade.sell.orderId,
    buy_order_id: trade.buy.orderId,
    seller,
    buyer,
    mechanism: pay.mechanism,
    experiment_id: trade.experimentId,
    quantity: items.length,
    price_fen: String(pay.grossFen / BigInt(items.length)),
    gross_fen: String(pay.grossFen),
    fee_fen: String(pay.feeFen),
    royalty_fen: String(pay.royaltyFen),
    net_fen: String(trade.netFen),
    state: stateOf(trade),
    state_since: toIso(recorded.at),
    deadline_at: stateOf(trade) === 'protected' ? toIso(trade.payoutAt) : null,
    reason: null,
    ordered_at: toIso(instant(Number(pay.orderedAt))),
    settled_at: toIso(settledAt),
    certified_at: toIso(recorded.at),
    payout_at: toIso(trade.payoutAt),
    transferable_from: toIso(instant(settledAt + recorded.op.protectMs)),
    pay: trade.payFields,
  };
}

function stateRows(trade: RestoredTrade) {
  const { tradeId, settledAt, recorded, payoutAt: due } = trade;
  const last = stateOf(trade);
  const steps = [
    { state: 'reserved', at: settledAt },
    { state: 'settled', at: settledAt },
    { state: 'certified', at: recorded.at },
    { state: 'protected', at: recorded.at },
    ...(last === 'paid_out' ? [{ state: last, at: due }] : []),
    ...(last === 'reversed' ? [{ state: last, at: recorded.at }] : []),
  ];
  return steps.map(({ state, at }, index) => ({ trade_id: tradeId, step: index + 1, state, at: toIso(at) }));
}

/** Each order once, with what it filled; whatever was left of it ended with the former operator: players sign again. */
async function restoreOrders(tx: Tx, trades: readonly RestoredTrade[], now: Instant): Promise<void> {
  const orders = new Map<
    string,
    { readonly order: KnownOrder; readonly trade: RestoredTrade; readonly side: 'sell' | 'buy'; filled: number }
  >();
  for (const trade of trades) {
    for (const side of ['sell', 'buy'] as const) {
      const order = trade[side];
      const known = orders.get(order.orderId);
      if (known === undefined) orders.set(order.orderId, { order, trade, side, filled: trade.items.length });
      else known.filled += trade.items.length;
    }
  }
  const rows = [...orders.values()];
  await insertRows(
    tx,
    'market.orders',
    rows.map(({ order, trade, side, filled }, index) => {
      const { terms, signed } = order;
      const isFilled = filled >= signed.order.quantity;
      const placedAt = toIso(instant(Number(signed.order.notBefore)));
      return {
        order_id: order.orderId,
        seq: String(index + 1),
        priority: String(index + 1),
        priced_at: placedAt,
        replaces: null,
        acct: side === 'sell' ? trade.seller : trade.buyer,
        // The player's own reference is not on the ledger.
        reference_id: order.orderId.slice(0, 64),
        intent: terms.orderType,
        side,
        mechanism: trade.pay.mechanism,
        class_id: trade.classId,
        price_fen: String(terms.limitPriceFen),
        quantity: signed.order.quantity,
        filled,
        state: isFilled ? 'filled' : 'canceled',
        reason: isFilled ? null : 'operator_changed',
        time_in_force: terms.timeInForce,
        experiment_id: trade.experimentId,
        target_order_id: null,
        fee_bps: terms.feeBpsMax,
        royalty_bps: 0,
        live_from: placedAt,
        placed_at: placedAt,
        expires_at: toIso(instant(Number(signed.order.notAfter))),
        ended_at: toIso(isFilled ? trade.settledAt : now),
        signed_order: bytea(order.bytes),
        terms: order.fields,
        // What the former operator quoted is on the ledger as a hash alone.
        quote: {},
        expression: terms.expression === '' ? null : terms.expression,
        smallest_fill: Math.min(terms.smallestFill, signed.order.quantity),
      };
    }),
  );
  await insertRows(
    tx,
    'market.order_items',
    trades.flatMap((trade) =>
      trade.items.map(({ itemId, serial, ver }) => ({
        order_id: trade.sell.orderId,
        item_id: itemId,
        ledger_serial: String(serial),
        ver: String(ver),
      })),
    ),
    'on conflict do nothing',
  );
}

/** Each sale's assessment again from its sealed inputs under its own pack, and the days that follow from them. */
export async function restoreAssessments(
  tx: Tx,
  trades: readonly RestoredTrade[],
  packOf: (hash: string) => RulePack | null,
): Promise<void> {
  const days = new Map<string, { acct: string; day: string; gross: bigint; turnover: bigint; isTaxable: boolean }>();
  const dayOf = (acct: string, day: string) => {
    const key = `${acct} ${day}`;
    const known = days.get(key) ?? { acct, day, gross: 0n, turnover: 0n, isTaxable: false };
    days.set(key, known);
    return known;
  };
  const rows = trades.flatMap((trade) => {
    const input = parseInputText(trade.pay.assessmentInput);
    const pack = packOf(bytea(trade.recorded.op.rulePack).slice(2));
    if (input === null || pack === null) return [];
    const answer = assess(input, pack);
    if (answer.kind !== 'assessed') return [];
    const { assessment } = answer;
    const day = beijingDate(trade.settledAt);
    const seller = dayOf(trade.seller, day);
    if (!trade.isReversed) {
      seller.gross += trade.pay.grossFen;
      seller.turnover += trade.pay.grossFen;
      seller.isTaxable ||= assessment.isTaxable;
      dayOf(trade.buyer, day).turnover += trade.pay.grossFen;
    }
    return [
      {
        trade_id: trade.tradeId,
        version: 1,
        at: toIso(trade.settledAt),
        cause: 'settled',
        seller: trade.seller,
        day,
        gross_fen: String(input.grossFen),
        is_taxable: assessment.isTaxable,
        total_fen: String(assessment.taxTotalFen),
        pack_hash: bytea(trade.recorded.op.rulePack),
        assessment_hash: bytea(assessmentHash(assessment)),
        input: inputDocument(input),
        lines: assessment.lines.map(({ id, amountFen }) => ({ id, amountFen: String(amountFen) })),
      },
    ];
  });
  await insertRows(tx, 'compliance.assessments', rows);
  await insertRows(
    tx,
    'compliance.windows',
    [...days.values()].map(({ acct, day, gross, turnover, isTaxable }) => ({
      acct,
      day,
      gross_fen: String(gross),
      turnover_fen: String(turnover),
      is_taxable: isTaxable,
    })),
  );
}

/** A sale whose figures nobody here can open stays a hop of its item, and no trade of this market. */
export async function forgetUnknownTrades(tx: Tx): Promise<void> {
  await query(
    tx,
    'update custody.hops h set trade_id = null where trade_id is not null and not exists (select from market.trades t where t.trade_id = h.trade_id)',
  );
}

/** Whoever got an item back has what it had cost before: the replay knows it as given, since the ledger names no price. */
export async function restoreReturnedLots(tx: Tx): Promise<void> {
  await query(
    tx,
    `update custody.lots r set class_id = l.class_id, acquired_at = l.acquired_at, cost_fen = l.cost_fen, source = l.source
     from custody.hops h
     join lateral (select o.* from custody.lots o join custody.hops way on way.item_id = o.item_id and way.ver = o.ver
       where o.item_id = h.item_id and o.acct = h.to_acct and o.ver < h.ver and way.act not in ('returned', 'court')
       order by o.ver desc limit 1) l on true
     where h.act in ('returned', 'court') and r.item_id = h.item_id and r.ver = h.ver and r.acct = h.to_acct`,
    [],
  );
}
