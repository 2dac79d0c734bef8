/** What the sums over several trades need of each: read from the supervisors' part, without judging it. */
import type { TradeOp } from '#ledger/codec/op-types.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { SLOT } from '#ledger/crypto/envelope-codec.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import { parseInputText } from '#server/settlement/assessment-document.ts';
import { committed, openForSupervisor, readPay } from './sealed-fields.ts';

export type SealedSale = {
  readonly tradeId: string;
  /** Accounts in hex. */
  readonly seller: string;
  readonly buyer: string;
  readonly paidAt: Instant;
  readonly grossFen: bigint;
  /** Before this nothing is paid out: its protection, from settlement on. */
  readonly waitsUntil: Instant;
  readonly experiment: string | null;
  /** Beijing date of each side's order in a matched book, where both take part in the experiment; null elsewhere, since the ledger does not
   *  say who takes part, and within minutes of midnight, when the market may have counted it in either day. */
  readonly sellerDay: string | null;
  readonly buyerDay: string | null;
};

/** Null: no key for it, or nothing that was committed to. */
export function readSale(op: TradeOp, envelope: Bytes, keys: readonly GrantedKey[]): SealedSale | null {
  const opened = openForSupervisor(envelope, op.tradeId, keys);
  const pay = opened.kind === 'opened' ? opened.bySlot.get(SLOT.pay) : undefined;
  if (pay === undefined || !equalBytes(committed(pay) ?? new Uint8Array(0), op.pay)) return null;
  try {
    const { grossFen, assessmentInput, mechanism } = readPay(pay);
    const bothTakePart = mechanism === 'price_time';
    const input = parseInputText(assessmentInput);
    // Not executed yet: a time beyond the calendar is refused by other checks.
    if (input === null || input.paidAt > LAST_DAY) return null;
    const [sell, buy] = [op.sell.order, op.buy.order];
    return {
      tradeId: toHex(op.tradeId),
      seller: toHex(sell.acct),
      buyer: toHex(buy.acct),
      paidAt: input.paidAt,
      grossFen,
      waitsUntil: instant(input.paidAt + op.protectMs),
      experiment: op.experiment === null ? null : toHex(op.experiment),
      sellerDay: bothTakePart ? placedOn(sell.notBefore) : null,
      buyerDay: bothTakePart ? placedOn(buy.notBefore) : null,
    };
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

const LAST_DAY = Date.UTC(9000, 0, 1);

/** An order holds from two minutes before its quote, and is placed while the quote stands. */
const PLACED_WITHIN_MS = 900_000n;

function placedOn(notBefore: bigint): string | null {
  if (notBefore > BigInt(LAST_DAY)) return null;
  const [first, last] = [notBefore, notBefore + PLACED_WITHIN_MS].map((at) => beijingDate(instant(Number(at))));
  return first !== undefined && first === last ? first : null;
}
