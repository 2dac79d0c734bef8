/**
 * What a supervisor member checks before it endorses (`ledger.md` 15.3): its part of the envelope is the one that the ledger names, the
 * price lies within what both signed, the sums add up, the tax is what the named rule pack gives, and an experiment keeps its caps.
 * Pure: envelope, keys, pack and experiment are fetched before. The order of the steps is the precedence of the codes.
 */
import type { Op, TradeOp } from '#ledger/codec/op-types.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { type Disclosure, SLOT } from '#ledger/crypto/envelope-codec.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { equalBytes, isZero } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { accountIdOf } from '#ledger/primitives/ids.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import { type ItemOrigin, refuseBasisClaim } from '#sandbox/tax/basis-claim.ts';
import { withheldLines } from '#sandbox/tax/split.ts';
import { refuseWindowClaim } from '#sandbox/tax/window-claim.ts';
import { shareOf } from '#server/settlement/amounts.ts';
import { assessmentHash, parseInputText } from '#server/settlement/assessment-document.ts';
import type { TradeSums } from './day-sums.ts';
import { committed, openForSupervisor, type ReadPay, readPay, readTerms } from './sealed-fields.ts';

export type SealedFacts = {
  readonly op: Op;
  /** Salt of the LedgerTx: what an envelope refers to when it is not of a trade. */
  readonly salt: Bytes;
  readonly sealedAt: bigint;
  /** Null: this member does not have it. */
  readonly envelope: Bytes | null;
  readonly keys: readonly GrantedKey[];
  /** Whether one of the keys is for the time of the block. */
  readonly hasKeyOfToday: boolean;
  /** Null: not known here yet. */
  readonly pack: RulePack | null;
  /** Of the experiment that a trade names; null without one, and when its state was entered under another document than its own. */
  readonly caps: TradeCaps | null;
  /** Highest royalty, in basis points, of the kind's terms in force and announced; null while their document is not here. */
  readonly royaltyBpsMax: number | null;
  /** What this member has added up itself before this trade. */
  readonly sums: TradeSums;
  /** How the seller got each item, as far as this member's own store proves it. */
  readonly origins: readonly ItemOrigin[];
};

/** What can be held against certified facts. */
export type TradeCaps = {
  readonly perTradeFen: number;
  readonly perPersonDayFen: number;
  readonly perPersonMonthFen: number;
  readonly experimentTotalTurnoverFen: number;
  readonly experimentOpenExposureFen: number;
};

/** A minute: clocks of two machines, and a settlement that waits for its turn. */
const EARLY_MS = 60_000n;
/** A trade waits for its block for minutes, in an emergency for days. */
const LATE_MS = 30n * 86_400_000n;

export function checkSealedPart(facts: SealedFacts): LedgerCode | null {
  const { op } = facts;
  if (op.kind === 'account_open') return checkIdentity(facts, op.kyc);
  if (op.kind !== 'trade') return null;
  // Nothing that could still arrive: without a name on the ledger no envelope belongs to this Trade.
  if (isZero(op.env)) return 'envelope_open';
  if (facts.envelope === null) return 'envelope_missing';
  const opened = openForSupervisor(facts.envelope, op.tradeId, facts.keys);
  if (opened.kind === 'rejected') return opened.code === 'wrap_unknown' && !facts.hasKeyOfToday ? 'envelope_missing' : 'envelope_open';
  return checkTrade(facts, op, opened.bySlot);
}

/** The identity behind an account stays sealed; that what is sealed is what was committed to can be checked by whoever may open it. */
function checkIdentity({ envelope, keys, salt }: SealedFacts, kyc: Bytes): LedgerCode | null {
  if (envelope === null) return null;
  const opened = openForSupervisor(envelope, salt, keys);
  if (opened.kind === 'rejected') return opened.code === 'wrap_unknown' ? null : 'envelope_open';
  const root = committed(opened.bySlot.get(SLOT.identity));
  return root !== null && equalBytes(root, kyc) ? null : 'commitment_mismatch';
}

function checkTrade(facts: SealedFacts, op: TradeOp, bySlot: ReadonlyMap<number, Disclosure>): LedgerCode | null {
  const parts = [SLOT.pay, SLOT.sellTerms, SLOT.buyTerms].map((slot) => bySlot.get(slot));
  const [pay, sell, buy] = parts;
  const roots = [op.pay, op.sell.order.terms, op.buy.order.terms];
  const isCommitted = parts.every((part, at) => equalBytes(committed(part) ?? new Uint8Array(0), roots[at] ?? new Uint8Array(0)));
  if (pay === undefined || sell === undefined || buy === undefined || !isCommitted) return 'commitment_mismatch';
  try {
    const amounts = readPay(pay);
    if (!areParties(amounts, op)) return 'commitment_mismatch';
    if (!isRoyaltyOfKind(amounts, facts.royaltyBpsMax)) return 'class_terms_breach';
    if (!areTermsKept(amounts, op, readTerms(sell), readTerms(buy))) return 'terms_breach';
    return checkAssessment(facts, op, amounts) ?? checkCaps(facts, amounts);
  } catch (error) {
    // Committed, but no value of the field's type: nobody can check it.
    if (error instanceof ParseError) return 'envelope_open';
    throw error;
  }
}

function areParties({ sellerRef, buyerRef }: ReadPay, { sell, buy }: TradeOp): boolean {
  return sellerRef === accountIdOf(sell.order.acct) && buyerRef === accountIdOf(buy.order.acct);
}

type Terms = ReturnType<typeof readTerms>;

/** Limits are per unit. The seller pays the fee, so his order limits it. */
function areTermsKept(pay: ReadPay, op: TradeOp, sell: Terms, buy: Terms): boolean {
  const units = BigInt(op.items.length);
  const hasOneCurrency = pay.currency === sell.currency && pay.currency === buy.currency;
  const isWithinLimits = pay.grossFen >= sell.limitPriceFen * units && pay.grossFen <= buy.limitPriceFen * units;
  const isFeeAllowed = pay.feeFen <= shareOf(pay.grossFen, sell.feeBpsMax);
  return hasOneCurrency && isWithinLimits && isFeeAllowed;
}

/** A listing keeps the royalty it was made under, so that of the terms in force or announced is the most that can be due. */
function isRoyaltyOfKind({ grossFen, royaltyFen }: ReadPay, royaltyBpsMax: number | null): boolean {
  return royaltyBpsMax === null || royaltyFen <= shareOf(grossFen, royaltyBpsMax);
}

function checkAssessment({ pack, sealedAt, sums, origins }: SealedFacts, { sell, buy }: TradeOp, pay: ReadPay): LedgerCode | null {
  // A pack that this member has not fetched yet says nothing about the trade: the round is repeated.
  if (pack === null) return 'envelope_missing';
  const input = parseInputText(pay.assessmentInput);
  // First of all: a time beyond the calendar has no date to be assessed by.
  if (input === null || !isPaidInTime(BigInt(input.paidAt), sealedAt, [sell.order, buy.order])) return 'assessment_mismatch';
  const answer = assess(input, pack);
  if (answer.kind !== 'assessed') return 'assessment_mismatch';
  const { assessment } = answer;
  const isOfThisTrade =
    input.grossFen === pay.grossFen &&
    assessment.feeFen === pay.feeFen &&
    assessment.royaltyFen === pay.royaltyFen &&
    (input.basis?.costFen ?? null) === pay.costBasisFen &&
    refuseBasisClaim(pack, input.basis, origins) === null &&
    (input.window.kind !== 'total' || input.window.totalFen >= input.grossFen) &&
    refuseWindowClaim(pack, input, sums.window) === null;
  if (!isOfThisTrade || !doLinesAgree(pay, assessment) || !doSumsAgree(pay, assessment, pack)) return 'assessment_mismatch';
  return equalBytes(assessmentHash(assessment), pay.assessmentHash) ? null : 'assessment_mismatch';
}

/** After both had signed, and within what is added up: another day would be another window. */
function isPaidInTime(paidAt: bigint, sealedAt: bigint, orders: readonly { readonly notBefore: bigint }[]): boolean {
  return paidAt <= sealedAt + EARLY_MS && paidAt + LATE_MS >= sealedAt && orders.every(({ notBefore }) => paidAt >= notBefore);
}

function doLinesAgree(pay: ReadPay, { lines, taxTotalFen }: Assessment): boolean {
  return (
    pay.taxTotalFen === taxTotalFen &&
    pay.taxLines.length === lines.length &&
    pay.taxLines.every(({ id, amountFen }, at) => id === lines[at]?.id && amountFen === lines[at]?.amountFen)
  );
}

/** gross = net + fee + royalty + what is withheld. */
function doSumsAgree({ grossFen, sellerNetFen, feeFen, royaltyFen }: ReadPay, assessment: Assessment, pack: RulePack): boolean {
  const withheldFen = withheldLines(assessment, pack).reduce((sum, line) => sum + line.amountFen, 0n);
  return grossFen === sellerNetFen + feeFen + royaltyFen + withheldFen;
}

/** Per trade, of each side on the day and in the month of its order, of all, and of what is not paid out yet; where a day is not certain, nothing is held against it. */
function checkCaps({ caps, sums }: SealedFacts, { grossFen }: ReadPay): LedgerCode | null {
  if (caps === null) return null;
  const isOver = (sides: readonly (bigint | null)[], most: number) => sides.some((fen) => fen !== null && fen + grossFen > BigInt(most));
  const isAnyOver =
    grossFen > BigInt(caps.perTradeFen) ||
    isOver([sums.sellerDayFen, sums.buyerDayFen], caps.perPersonDayFen) ||
    isOver([sums.sellerMonthFen, sums.buyerMonthFen], caps.perPersonMonthFen) ||
    isOver([sums.turnoverFen], caps.experimentTotalTurnoverFen) ||
    isOver([sums.exposureFen], caps.experimentOpenExposureFen);
  return isAnyOver ? 'cap_exceeded' : null;
}
