/** What an experiment would do, in words that are read before anybody agrees to it (product V-20): each rule as it is today and as it would
 *  be, for whom, up to which cap, until when, by whose leave. */
import { constantOfPath, type Experiment, type Override, RESALE_WAIT, widens } from '#sandbox/experiments/experiment.ts';
import { TAX_RESERVE_PATH } from '#sandbox/experiments/tax-reserve.ts';
import { findConstant } from '#sandbox/packs/pack.ts';
import { MECHANISMS, type MechanismName, type RulePack, type Texts } from '#sandbox/packs/rule-pack.ts';
import type { ExperimentOverrideView, ExperimentTerms } from '#server/trpc/views.ts';

const MECHANISM_TEXTS: Readonly<Record<MechanismName, Texts>> = {
  FIXED_PRICE: { zh: '一口价交易', en: 'Trading at a fixed price' },
  NEGOTIATED: { zh: '议价交易', en: 'Trading by negotiation' },
  PRICE_TIME_MATCH: { zh: '按价格、时间优先由系统撮合', en: 'Pairing of orders by price, then time' },
  CALL_AUCTION: { zh: '集合竞价', en: 'Call auction' },
  MARKET_MAKER: { zh: '做市商', en: 'Market makers' },
  STANDARD_CONTRACT: { zh: '标准化合约', en: 'Standard contracts' },
  AUCTION: { zh: '拍卖', en: 'Auction' },
};

/** The pack's wait is for collectibles; an experiment tries it on every kind that it names. */
const WAIT_TEXTS: Texts = {
  zh: '转售等待（交易日）：现行只适用于收藏类，实验中适用于其全部种类',
  en: 'Trading days to wait before a resale: today for collectibles only, in the experiment for all of its kinds',
};

const RESERVE_TEXTS: Texts = {
  zh: '放款时由支付机构把卖家的估算税款留在卖家本人的子账户，直至申报得到证明，最迟在法定期限后第 15 天释放',
  en: 'At payout the institution keeps the seller’s estimated taxes in the seller’s own sub-account until a filing is proven, at most until 15 days after the statutory date',
};

export function experimentTerms(experiment: Experiment, pack: RulePack): ExperimentTerms {
  const { mode, authorization, eligibility, caps, onCap, period, safeguards, assignment } = experiment;
  return {
    mode,
    packVersion: pack.version,
    arms: assignment.arms,
    overrides: experiment.ruleOverrides.map((override) => overrideView(pack, override)),
    authorization,
    minAge: eligibility.minAge,
    level: eligibility.kycLevel,
    kinds: eligibility.itemClasses.length,
    excludesOpenAmlCase: eligibility.excludeOpenAmlCase,
    limits: [
      { name: 'PARTICIPANTS', limit: `${caps.participants}`, isMoney: false },
      { name: 'PER_TRADE', limit: `${caps.perTradeFen}`, isMoney: true },
      { name: 'PER_PERSON_DAY', limit: `${caps.perPersonDayFen}`, isMoney: true },
      { name: 'PER_PERSON_MONTH', limit: `${caps.perPersonMonthFen}`, isMoney: true },
      { name: 'EXPERIMENT_OPEN_EXPOSURE', limit: `${caps.experimentOpenExposureFen}`, isMoney: true },
      { name: 'EXPERIMENT_TOTAL_TURNOVER', limit: `${caps.experimentTotalTurnoverFen}`, isMoney: true },
      { name: 'LOSS_COMPENSATION_FUND', limit: `${caps.lossCompensationFundFen}`, isMoney: true },
    ],
    refusesAtCap: onCap === 'REJECT',
    noticeDays: period.publicNoticeDays,
    maxExtensions: period.maxExtensions,
    maxExtensionDays: period.maxExtensionDays,
    compensationClaimDays: safeguards.compensationClaimDays,
  };
}

function overrideView(pack: RulePack, override: Override): ExperimentOverrideView {
  const { arm, path, value } = override;
  const isWider = widens(pack, override);
  if (path === TAX_RESERVE_PATH) {
    // No pack has it: by law nobody may be made to, so it rests on consent alone.
    const source = { ruleId: 'X1', citation: 'Tax Administration Law art. 30' };
    return { arm, path, name: RESERVE_TEXTS, unit: 'switch', before: 'false', after: String(value), isWider, ...source };
  }
  const name = constantOfPath(path);
  const parameter = name === null ? null : findConstant(pack, name);
  if (parameter !== null) {
    const { unit, value: before, citation, ruleId } = parameter;
    const texts = name === RESALE_WAIT ? WAIT_TEXTS : (parameter.name ?? { zh: path, en: path });
    return { arm, path, name: texts, unit, before, after: String(value), isWider, ruleId, citation };
  }
  const mechanism = MECHANISMS.find((each) => path === `trading.matching.${each}`);
  const rule = mechanism === undefined ? null : pack.trading.matching[mechanism];
  return {
    arm,
    path,
    name: mechanism === undefined ? { zh: path, en: path } : MECHANISM_TEXTS[mechanism],
    unit: 'switch',
    // A pack that has moved on may lack the rule: then nothing is overridden, and the next step is refused.
    before: rule === null ? null : String(rule.value),
    after: String(value),
    isWider,
    ruleId: rule?.ruleId ?? null,
    citation: rule?.citation ?? null,
  };
}
