/** Decides one attempt: every rule of the pack that applies gives its reasons, in order of precedence; the first is the one to show. */
import { unreachable } from '#ledger/primitives/assert.ts';
import { beijingDate, toIso } from '#ledger/primitives/instant.ts';
import { applyOverrides, type Participation } from '../experiments/experiment.ts';
import { constantOf, fenOf, findConstant, isOn, packHash, refuseDate } from '../packs/pack.ts';
import type { Confidence, RulePack } from '../packs/rule-pack.ts';
import { parseRate } from '../parameters/decimal.ts';
import { ageOn, transferableFrom } from './calendar.ts';
import { capsOf, capWindow, exceedsCap, measureOf } from './caps.ts';
import { type Attempt, type Decision, type DecisionCode, type DecisionFacts, MECHANISM_NAMES, type Reason } from './decision.ts';

type Case = { readonly attempt: Attempt; readonly facts: DecisionFacts; readonly pack: RulePack; readonly age: number };
type Rule = (given: Case) => readonly Reason[];

/** `participation`: what `participate` answered for this person, time and class; its overrides are merged over the pack. */
export function decide(attempt: Attempt, facts: DecisionFacts, pack: RulePack, participation?: Participation): Decision {
  const inside = participation?.kind === 'in' ? participation : null;
  const merged = inside === null ? pack : applyOverrides(pack, inside.overrides);
  const given: Case = { attempt, facts, pack: merged, age: ageOn(facts.person.birthDate, beijingDate(attempt.at)) };
  const reasons = RULES.flatMap((rule) => rule(given)).map((reason) => explainExperiment(reason, participation));
  const denied = reasons.some(({ weight }) => weight === 'deny');
  return {
    kind: denied ? 'deny' : reasons.length > 0 ? 'review' : 'allow',
    reasons,
    packHash: packHash(pack),
    experiment: inside === null ? null : { id: inside.experimentId, arm: inside.arm, flags: inside.flags },
  };
}

/** In the order of DECISION_CODES. */
const RULES: readonly Rule[] = [
  refusePackDate,
  refusePrice,
  refuseClass,
  refuseMinor,
  refuseLevel,
  refuseCap,
  refuseIssuer,
  refuseMechanism,
  refuseItems,
  reviewPrice,
];

function refusePackDate({ attempt, pack }: Case): readonly Reason[] {
  const code = refuseDate(pack, attempt.at);
  if (code === null) return [];
  const facts = { effectiveFrom: pack.effectiveFrom, effectiveTo: pack.effectiveTo };
  return [deny(code, pack.trading.sources.packDates, facts)];
}

function refusePrice({ attempt, pack }: Case): readonly Reason[] {
  if (attempt.act === 'gift') return [];
  const { unitPrice } = pack.trading;
  const min = fenOf(pack, unitPrice.minConstant);
  const max = fenOf(pack, unitPrice.maxConstant);
  if (attempt.unitPriceFen >= min && attempt.unitPriceFen <= max) return [];
  return [deny('price_out_of_range', unitPrice, { priceFen: `${attempt.unitPriceFen}`, minFen: `${min}`, maxFen: `${max}` })];
}

function refuseClass({ facts: { itemClass }, pack }: Case): readonly Reason[] {
  const reasons: Reason[] = [];
  if (itemClass.approvalNo === null) {
    reasons.push(deny('approval_missing', pack.trading.sources.approval, { gameId: itemClass.gameId }));
  }
  if (itemClass.isVirtualCurrency && !isOn(pack, 'virtualCurrencyTradable')) {
    reasons.push(deny('virtual_currency_refused', constantOf(pack, 'virtualCurrencyTradable'), { classId: itemClass.classId }));
  }
  return reasons;
}

function refuseMinor({ attempt, facts: { person }, pack, age }: Case): readonly Reason[] {
  if (attempt.act !== 'primary') {
    const { minAge } = pack.trading;
    if (age >= minAge.secondary) return [];
    return [deny('minor_refused', minAge, { age: `${age}`, minAge: `${minAge.secondary}` })];
  }
  if (age >= pack.minors.adultAge) return [];
  const band = pack.minors.bands.find(({ from, to }) => age >= from && age <= to);
  if (band === undefined || band.single === null || band.month === null) {
    return [deny('minor_refused', pack.minors, { age: `${age}` })];
  }
  const gross = grossOf(attempt);
  const single = fenOf(pack, band.single);
  const month = fenOf(pack, band.month);
  if (gross > single) return [deny('minor_limit_single', pack.minors, { limitFen: `${single}`, grossFen: `${gross}`, age: `${age}` })];
  const total = person.primaryMonthFen + gross;
  if (total > month) return [deny('minor_limit_month', pack.minors, { limitFen: `${month}`, totalFen: `${total}`, age: `${age}` })];
  return [];
}

function refuseLevel({ attempt, facts: { person }, pack }: Case): readonly Reason[] {
  const { levels } = pack.trading;
  const day = person.secondaryDayFen + grossOf(attempt);
  const isEnhanced = attempt.act === 'secondary' && day > fenOf(pack, levels.secondaryAboveDay.constant);
  const base = attempt.act === 'primary' ? levels.primary : levels.secondary;
  const needed = isEnhanced ? levels.secondaryAboveDay.level : base;
  if (levels.order.indexOf(person.realNameLevel) >= levels.order.indexOf(needed)) return [];
  const facts = { level: person.realNameLevel, requiredLevel: needed };
  return [deny('level_required', levels, isEnhanced ? { ...facts, dayTotalFen: `${day}` } : facts)];
}

/** Above a ceiling of the pack nothing more is sold (or bought) until its next window. */
function refuseCap({ attempt, facts: { person }, pack }: Case): readonly Reason[] {
  if (attempt.act !== 'secondary') return [];
  const most = { grossFen: attempt.atMost?.grossFen ?? grossOf(attempt), trades: BigInt(attempt.atMost?.trades ?? 1) };
  return capsOf(pack.caps, attempt.side).flatMap((cap) => {
    const soFar = person.capTotals?.[cap.id] ?? 0n;
    const own = measureOf(cap, most);
    if (!exceedsCap(pack, cap, soFar, own)) return [];
    const [limit, total] = [`${fenOf(pack, cap.max)}`, `${soFar + own}`];
    const figures = cap.measure === 'COUNT' ? { limitTrades: limit, totalTrades: total } : { limitFen: limit, totalFen: total };
    return [deny('cap_exceeded', cap, { capId: cap.id, ...figures, window: capWindow(cap.window, beijingDate(attempt.at)) })];
  });
}

/** A studio and its affiliates neither trade their own game among players nor, unless the pack lets them, buy it back (product T-07). */
function refuseIssuer({ attempt, facts: { person, itemClass }, pack }: Case): readonly Reason[] {
  const sellsFirstHand = attempt.act === 'primary' && attempt.side === 'sell';
  if (!person.isIssuer || attempt.act === 'gift' || sellsFirstHand) return [];
  const buyback = attempt.side === 'buy' ? findConstant(pack, 'buyback') : null;
  if (buyback?.value === 'true') return [];
  return [deny('issuer_refused', buyback ?? pack.trading.sources.issuer, { gameId: itemClass.gameId })];
}

function refuseMechanism({ attempt, pack }: Case): readonly Reason[] {
  if (attempt.act === 'gift') return [];
  const rule = pack.trading.matching[MECHANISM_NAMES[attempt.mechanism]];
  return rule.value ? [] : [deny('mechanism_not_granted', rule, { mechanism: attempt.mechanism })];
}

function refuseItems({ attempt, facts: { items, itemClass }, pack }: Case): readonly Reason[] {
  switch (attempt.act) {
    case 'primary':
      return [];
    case 'gift':
    case 'secondary':
      break;
    default:
      return unreachable(attempt.act);
  }
  const reasons: Reason[] = [];
  if (attempt.act === 'gift' && !itemClass.isGiftable) {
    reasons.push(deny('not_giftable', pack.trading.sources.gift, { classId: itemClass.classId }));
  }
  if (attempt.act === 'secondary' && itemClass.isResalable === false) {
    // A rule about resale whose source is the kind's own terms.
    const { ruleId } = constantOf(pack, 'resaleCooldownTradingDays');
    reasons.push(deny('not_resalable', { ...pack.trading.sources.gift, ruleId }, { classId: itemClass.classId }));
  }
  for (const item of items) {
    if (item.acquiredBy === 'drawn' && (!isOn(pack, 'drawnItemsResale') || item.oddsHash === null)) {
      reasons.push(deny('drawn_item_refused', constantOf(pack, 'drawnItemsResale'), { itemId: item.itemId }));
    }
    const from = transferableFrom(pack, item, itemClass);
    if (attempt.at < from) {
      const facts = { itemId: item.itemId, transferableFrom: toIso(from) };
      reasons.push(deny('resale_wait', constantOf(pack, 'resaleCooldownTradingDays'), facts));
    }
  }
  return reasons;
}

/** Far from the reference price: the trade goes on, a supervisor sees it (VAT Law art. 20). */
function reviewPrice({ attempt, facts: { itemClass }, pack }: Case): readonly Reason[] {
  const reference = itemClass.referencePriceFen;
  if (reference === null || attempt.act !== 'secondary') return [];
  const price = attempt.unitPriceFen;
  const difference = price > reference ? price - reference : reference - price;
  const { numerator: p, denominator: q } = parseRate(constantOf(pack, 'offMarketFactor').value);
  const isFar = price * q > reference * p || price * p < reference * q;
  if (!isFar || difference < fenOf(pack, 'offMarketMinDifference')) return [];
  const facts = { priceFen: `${price}`, referenceFen: `${reference}` };
  return [{ ...deny('price_off_market', constantOf(pack, 'offMarketFactor'), facts), weight: 'review' }];
}

type Source = { readonly ruleId: string; readonly citation: string; readonly confidence: Confidence };

function deny(code: DecisionCode, source: Source, facts: Readonly<Record<string, string>>): Reason {
  return { code, weight: 'deny', ruleId: source.ruleId, citation: source.citation, confidence: source.confidence, facts };
}

/** A mechanism that an experiment would have granted names why it did not. */
function explainExperiment(reason: Reason, participation: Participation | undefined): Reason {
  if (reason.code !== 'mechanism_not_granted' || participation === undefined || participation.kind === 'in') return reason;
  return { ...reason, facts: { ...reason.facts, experimentId: participation.experimentId, experimentCode: participation.code } };
}

function grossOf(attempt: Attempt): bigint {
  return attempt.unitPriceFen * BigInt(attempt.quantity);
}
