/** The experiment that the demonstration ships (rulebook D1, 6.4): the only way in which the market pairs orders by machine. Its
 *  authorisation is simulated and says so. */
import { beijingDate, type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Experiment } from './experiment.ts';

const DAY_MS = 86_400_000;
const STARTED_DAYS_AGO = 14;
const LASTS_DAYS = 180;

export type PilotSeed = {
  readonly seededAt: Instant;
  /** The 12 interchangeable kinds, by class id. */
  readonly classIds: readonly string[];
  readonly gameIds: readonly string[];
  /** Demonstration players, placed in arm `match` and left out of the KPIs. */
  readonly pinnedPersonRefs: readonly string[];
};

export function priceTimePilot(seed: PilotSeed): Experiment {
  const startAt = instant(seed.seededAt - STARTED_DAYS_AGO * DAY_MS);
  const start = beijingDate(startAt);
  const end = beijingDate(instant(startAt + LASTS_DAYS * DAY_MS));
  return {
    id: 'SBX-2026-0001',
    title: { zh: '价格时间优先撮合试点', en: 'Price-time matching pilot' },
    declarationNo: '9144DEMO-2026-0001',
    hypothesis:
      'For interchangeable items, matching by price and time shortens the time to a sale by half and narrows the price spread, without more alerts per 10,000 trades',
    status: 'TESTING',
    authorization: {
      kind: 'SIMULATED',
      issuer: 'Demonstration supervisor (simulated)',
      number: 'SIM-2026-0001',
      scope: ['trading.matching.PRICE_TIME_MATCH'],
      from: start,
      to: end,
      label: { zh: '模拟授权，仅供演示，无法律效力', en: 'Simulated authorisation: demonstration only, no legal effect' },
    },
    mode: 'LIVE_WIDER',
    assignment: {
      unit: 'PERSON',
      method: 'HASH_SM3',
      salt: 'sbx1',
      arms: [
        { id: 'manual', share: '20/100' },
        { id: 'match', share: '80/100' },
      ],
      pinned: Object.fromEntries(seed.pinnedPersonRefs.map((personRef) => [personRef, 'match'])),
    },
    eligibility: {
      minAge: 18,
      kycLevel: 'R2',
      jurisdictions: ['CN'],
      games: seed.gameIds,
      itemClasses: seed.classIds,
      excludeOpenAmlCase: true,
      consent: 'OPT_IN',
    },
    caps: {
      participants: 1000,
      perTradeFen: 500_000,
      perPersonDayFen: 1_000_000,
      perPersonMonthFen: 5_000_000,
      experimentOpenExposureFen: 50_000_000,
      experimentTotalTurnoverFen: 500_000_000,
      lossCompensationFundFen: 5_000_000,
    },
    onCap: 'REJECT',
    period: { publicNoticeDays: 7, start, end, maxExtensions: 1, maxExtensionDays: 90 },
    ruleOverrides: [{ arm: 'match', path: 'trading.matching.PRICE_TIME_MATCH', value: true }],
    safeguards: {
      disclosureVersion: 'd1',
      riskAcknowledgement: true,
      coolingOffHours: 24,
      refundGuarantee: 'FULL_UNTIL_DELIVERY',
      complaintSlaWorkingDays: 5,
      compensationClaimDays: 30,
    },
    kpis: [
      { id: 'medianHoursToSale', formula: 'median(settledAt - placedAt) of sell orders', target: '<= 1/2 of manual' },
      { id: 'relativeSpread', formula: 'median((bestAsk - bestBid) / mid)', target: '<= 3/4 of manual' },
      { id: 'completionRate', formula: 'releasedOrders / paidOrders', target: '>= 97/100', guardrail: '< 90/100' },
      { id: 'complaintsPer10k', formula: 'complaints * 10000 / orders', guardrail: '> 50' },
      { id: 'alertsPer10k', formula: 'alerts * 10000 / trades', guardrail: '> 2 x manual' },
      { id: 'alertPrecision', formula: 'confirmedAlerts / reviewedAlerts', target: '>= 3/10' },
    ],
    reporting: {
      live: true,
      daily: true,
      monthly: true,
      interimEveryDays: 60,
      finalWithinDaysAfterEnd: 30,
      recipients: ['SUP_TAX', 'SUP_MARKET', 'SUP_FIN'],
    },
    stopTriggers: [
      { when: 'guardrail(completionRate) for 3 consecutive days', action: 'PAUSE_NEW' },
      { when: 'compensationPaid > 1/2 of fund', action: 'PAUSE_NEW' },
      { when: 'ledgerVerifyFailed', action: 'HALT_ALL' },
      { when: 'participantLossMedian > 20000 fen', action: 'PAUSE_NEW' },
      { when: 'supervisorOrder', action: 'HALT_ALL' },
    ],
    exit: {
      success: 'PROMOTE_TO_PACK_PROPOSAL',
      fail: 'ROLLBACK_TO_CONTROL',
      openOrders: 'SETTLE_UNDER_OLD_RULES',
      dataDays: 3650,
      publishReport: true,
    },
  };
}
