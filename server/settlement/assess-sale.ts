/** The taxes of a sale within its seller's day: cost basis, assessment, and earlier sales that a crossing assesses again. */

import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type Fen, fen } from '#ledger/primitives/fen.ts';
import { type AccountId, parseTradeId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { AssessInput, Assessment, Basis } from '#sandbox/tax/assessment.ts';
import { basisOf, NO_BASIS_FACTS } from '#sandbox/tax/basis.ts';
import { addToWindow } from '#sandbox/tax/windows.ts';
import { assessmentHash } from './assessment-document.ts';
import { PERSON_TAX_FACTS } from './decided.ts';
import type { Group } from './group.ts';
import type { ItemRow, TradeRow } from './model.ts';
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

export function assessSale(
  group: Group,
  plan: TradePlan,
  trade: TradeRow,
  basis: Basis,
): { readonly assessment: Assessment; readonly assessmentHash: Bytes } {
  const window = group.window(trade.seller);
  const input = assessInputOf({
    paidAt: group.now,
    grossFen: fen(trade.grossFen),
    feeBps: plan.sell.feeBps,
    royaltyBps: plan.sell.royaltyBps,
    basis,
    windowTotalFen: fen(window.grossFen + trade.grossFen),
    flags: plan.experimentId === null ? [] : ['SIMULATED_AUTHORIZATION'],
  });
  const others = group.loaded.daySales.get(trade.seller) ?? [];
  const answer = addToWindow(group.pack, fen(window.grossFen), { id: trade.tradeId, input }, () => others);
  assert(answer.kind === 'assessed', 'the decision has refused a pack outside its dates');
  const { change } = answer;
  addToDay(group, trade.seller, trade.grossFen, trade.grossFen, change.isTaxable);
  addToDay(group, trade.buyer, 0n, trade.grossFen, null);
  if (!change.isTaxable) group.loaded.daySales.set(trade.seller, [...others, { id: trade.tradeId, input }]);
  const hash = assessmentHash(change.assessment);
  group.assessments.push({
    tradeId: trade.tradeId,
    version: 1,
    cause: 'settled',
    seller: trade.seller,
    day: group.day,
    assessment: change.assessment,
    hash,
  });
  for (const again of change.reassessments) {
    const assessment = again.assessment;
    group.assessments.push({
      tradeId: parseTradeId(again.id),
      version: 'next',
      cause: 'day_line',
      seller: trade.seller,
      day: group.day,
      assessment,
      hash: assessmentHash(assessment),
    });
  }
  if (change.event !== null) {
    group.crossings.push({
      acct: trade.seller,
      day: group.day,
      grossFen: change.event.grossFen,
      salesFen: change.event.salesFen,
      byTradeId: trade.tradeId,
      reassessed: change.event.reassessed.map(parseTradeId),
    });
  }
  return { assessment: change.assessment, assessmentHash: hash };
}

function addToDay(group: Group, acct: AccountId, grossFen: bigint, turnoverFen: bigint, isTaxable: boolean | null): void {
  const window = group.window(acct);
  window.grossFen += grossFen;
  window.turnoverFen += turnoverFen;
  if (isTaxable !== null) window.isTaxable = isTaxable;
  group.changedWindows.add(acct);
}
