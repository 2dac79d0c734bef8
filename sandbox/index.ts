/** Public surface of the sandbox: pure tax, rules and experiments. */
export { addTradingDays, ageOn, isTradingDay, resaleWaitDays, transferableFrom } from './decisions/calendar.ts';
export { decide } from './decisions/decide.ts';
export * from './decisions/decision.ts';
export { payoutAt, type QuoteTerms, type QuoteTermsAnswer, type QuoteTermsInput, quoteTerms, shareOf } from './decisions/quote-terms.ts';
export {
  CAP_CODES,
  type CapAnswer,
  type CapCode,
  type CapCounter,
  type CapFill,
  type CapGauge,
  type CapState,
  type CapTrade,
  createCapCounter,
  type Placement,
  worstUnitFen,
} from './experiments/cap-counter.ts';
export * from './experiments/experiment.ts';
export { type PilotSeed, priceTimePilot } from './experiments/sbx-2026-0001.ts';
export { PACK_FAULTS } from './packs/check-pack.ts';
export { PACK_CN_2026_1 } from './packs/cn/pack-2026-1.ts';
export {
  ACTIVATION_REFUSALS,
  type ActivationRefusal,
  comparePacks,
  type Direction,
  draftFromChanges,
  type PackAuthorization,
  type PackDifference,
  refuseActivation,
} from './packs/compare-packs.ts';
export {
  constantOf,
  findPackByHash,
  getPack,
  getPackByHash,
  PACKS,
  packHash,
  refuseDate,
  rememberPack,
  withConstants,
} from './packs/pack.ts';
export { parsePack, readStoredPack } from './packs/parse-pack.ts';
export type * from './packs/rule-pack.ts';
export { parseRate, type Rate, rateText, rhu } from './parameters/decimal.ts';
export type { Parameter } from './parameters/parameter.ts';
export { amountOfKind, assess } from './tax/assess.ts';
export * from './tax/assessment.ts';
export { type BasisFacts, basisOf, NO_BASIS_FACTS, statedBasis } from './tax/basis.ts';
export {
  assessmentDocument,
  assessmentHash,
  computeAgain,
  type InputRecord,
  inputFromRecord,
  type Recomputed,
  recordFromInput,
} from './tax/document.ts';
export {
  computeFigure,
  computeMonths,
  computeSupplies,
  type FigureAnswer,
  type FigureFacts,
  figureOf,
  type Supply,
  wholeOf,
} from './tax/figures.ts';
export { daysLate, dueDate } from './tax/filing-calendar.ts';
export { type GiftFacts, giftInput } from './tax/gift.ts';
export { type IncomeOrder, type IncomeRecord, type IncomeRefund, incomeRecords, quarterOf } from './tax/income-record.ts';
export * from './tax/lots.ts';
export { type PeriodReturn, RETURN_VALUES, type ReturnValues, returnOf, type Taxpayer } from './tax/period-return.ts';
export { type ReportFacts, type ReportScope, reportScope } from './tax/report-scope.ts';
export { type MoneySplit, splitMoney, type WithheldLine, withheldLines } from './tax/split.ts';
export { hasThreshold, isWindowTaxable, netOfWindow, thresholdTest, windowKey } from './tax/threshold.ts';
export { createTimeline, type Timeline, type TimelineAnswer, type TimelineRefusal } from './tax/timeline.ts';
export * from './tax/windows.ts';
