/** The taxes of a sale within its seller's day: cost basis, assessment, and earlier sales that a crossing assesses again. */

import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { AssessInput, Assessment, Basis } from '#sandbox/tax/assessment.ts';
import { basisOf, NO_BASIS_FACTS } from '#sandbox/tax/basis.ts';
import { addToWindow } from '#sandbox/tax/windows.ts';
import { assessmentHash } from './assessment-document.ts';
import { PERSON_TAX_FACTS } from './decided.ts';
import type { Group, SalesDay } from './group.ts';
import type { ItemRow, TradeRow } from './model.ts';
import { parseSaleId, type SaleId } from './sale-id.ts';
import type { TradePlan } from './settle-trade.ts';

/** Cost lots of the items (rulebook 2.6.1, 2.6.6): a recorded purchase is the cost and cannot be hidden. */
export function sellerBasis(pack: RulePack, items: readonly Pick<ItemRow, 'costFen' | 'costSource'>[]): Basis {
  const bought = items.filter((item) => item.costFen !== null && item.costSource === 'bought_here');
  if (bought.length > 0) {
    const cost = bought.reduce((sum, item) => sum + (item.costFen ?? 0n), 0n);
    return basisOf({ ...NO_BASIS_FACTS, platformCostFen: fen(cost), isPartlyUnproven: bought.length < items.length }, pack);
  }
  if (items.every((item) => item.costSource === 'play')) return basisOf({ ...NO_BASIS_FACTS, origin: 'EARNED' }, pack);
  if (items.every((item) => item.costSource === 'gift')) return basisOf({ ...NO_BASIS_FACTS, origin: 'GIFT_RECEIVED' }, pack);
  return basisOf(NO_BASIS_FACTS, pack);
}

export function assessInputOf(facts: {
  readonly paidAt: Instant;
  readonly grossFen: Fen;
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly basis: Basis;
  readonly windowTotalFen: Fen;
  readonly flags: readonly string[];
}): AssessInput {
  return {
    txType: 'P2P',
    paidAt: facts.paidAt,
    grossFen: facts.grossFen,
    feeBps: facts.feeBps,
    royaltyBps: facts.royaltyBps,
    feeFen: null,
    royaltyFen: null,
    basis: facts.basis,
    window: { kind: 'total', totalFen: facts.windowTotalFen },
    ...PERSON_TAX_FACTS,
    flags: facts.flags,
  };
}

export function assessSale(group: Group, plan: TradePlan, trade: TradeRow, basis: Basis): Assessed {
  const window = group.window(trade.seller);
  const input = assessInputOf({
    paidAt: group.now,
    grossFen: fen(trade.grossFen),
    feeBps: plan.sell.feeBps,
    royaltyBps: plan.sell.royaltyBps,
    basis,
    windowTotalFen: fen(window.grossFen + trade.grossFen),
    flags: plan.flags,
  });
  const change = addSale(group, { saleId: trade.tradeId, seller: trade.seller, input });
  addTurnover(group, trade.seller, trade.grossFen);
  addTurnover(group, trade.buyer, trade.grossFen);
  return change;
}

export type Assessed = { readonly assessment: Assessment; readonly assessmentHash: Bytes };

/** Writes the sale, its seller's day and what a crossing of the line assesses again into the day. */
export function addSale(
  day: SalesDay,
  { saleId, seller, input }: { readonly saleId: SaleId; readonly seller: AccountId; readonly input: AssessInput },
): Assessed {
  const window = day.window(seller);
  const others = day.daySales.get(seller) ?? [];
  const answer = addToWindow(day.pack, fen(window.grossFen), { id: saleId, input }, () => others);
  assert(answer.kind === 'assessed', 'the decision has refused a pack outside its dates');
  const { change } = answer;
  window.grossFen += input.grossFen;
  window.isTaxable = change.isTaxable;
  day.changedWindows.add(seller);
  if (!change.isTaxable) day.daySales.set(seller, [...others, { id: saleId, input }]);
  const hash = assessmentHash(change.assessment);
  const facts = { seller, day: day.day };
  day.assessments.push({ ...facts, saleId, version: 1, cause: 'settled', assessment: change.assessment, hash });
  for (const { id, assessment } of change.reassessments) {
    day.assessments.push({
      ...facts,
      saleId: parseSaleId(id),
      version: 'next',
      cause: 'day_line',
      assessment,
      hash: assessmentHash(assessment),
    });
  }
  if (change.event !== null) {
    day.crossings.push({
      acct: seller,
      day: day.day,
      grossFen: change.event.grossFen,
      salesFen: change.event.salesFen,
      bySaleId: saleId,
      reassessed: change.event.reassessed.map(parseSaleId),
    });
  }
  return { assessment: change.assessment, assessmentHash: hash };
}

/** Of the real-name level: both sides of a trade together. */
function addTurnover(day: SalesDay, acct: AccountId, amountFen: bigint): void {
  day.window(acct).turnoverFen += amountFen;
  day.changedWindows.add(acct);
}
