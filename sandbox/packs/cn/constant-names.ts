/** What the constants of pack CN are called on a page. */
import type { Texts } from '../rule-pack.ts';

type Names = Readonly<Record<string, readonly [zh: string, en: string]>>;

const VAT: Names = {
  vatGeneral: ['一般计税税率', 'VAT rate, general method'],
  vatLevy: ['小规模征收率', 'VAT levy of small-scale taxpayers'],
  vatLevyStatutory: ['法定征收率', 'VAT levy by statute'],
  vatThresholdDay: ['按次（日）起征点', 'VAT line per day'],
  vatThresholdMonth: ['按月起征点', 'VAT line per month'],
  vatThresholdQuarter: ['按季起征点', 'VAT line per quarter'],
  vatSmallScaleMax: ['小规模纳税人年销售额上限', 'largest yearly sales of a small-scale taxpayer'],
  thresholdInclusiveExempt: ['恰好等于起征点时免征', 'exactly at the line is exempt'],
  p2pThresholdMode: ['玩家销售适用的起征点', 'which line player sales use'],
  vatTaxPoint: ['纳税义务发生时间', 'tax point'],
  giftDeemedSale: ['赠与视同销售', 'gifts are deemed sales'],
  ownUsedGoodsExempt: ['自用物品免税适用于道具', 'own used things: exempt for items'],
  vatWithholdingForNaturalPersons: ['购买单位代扣增值税', 'buying company withholds VAT'],
};
const SURTAXES: Names = {
  'umctByPlace.CITY': ['城建税（市区）', 'UMCT, city'],
  'umctByPlace.COUNTY': ['城建税（县城、镇）', 'UMCT, county or town'],
  'umctByPlace.OTHER': ['城建税（其他）', 'UMCT, elsewhere'],
  edu: ['教育费附加', 'education surcharge'],
  localEdu: ['地方教育附加', 'local education surcharge'],
  smallHalf: ['六税两费减半', 'half relief of surtaxes and stamp duty'],
  eduExemptForPerDay: ['按次纳税人附加免征', 'surcharges exempt for per-day individuals'],
  eduExemptInclusive: ['恰好等于起征点时附加免征', 'surcharges exempt exactly at the line'],
};
const INCOME: Names = {
  iitTransfer: ['财产转让所得税率', 'income tax on transfer of property'],
  iitAssessPct: ['核定征收率', 'assessed rate without proof of cost'],
  assessMode: ['无凭证时的核定方式', 'assessment without proof of cost'],
  costKnownOnPlatform: ['平台已知成本', 'cost known to the platform'],
  deductPlatformFee: ['平台服务费可扣除', 'platform fee deductible'],
  deductRoyalty: ['工作室分成可扣除', 'royalty deductible'],
  earnedMode: ['游戏所得道具的成本', 'cost of items earned by play'],
  costFlow: ['可替代道具的成本流转', 'cost flow of interchangeable items'],
  giftReceivedCost: ['受赠道具的原值', 'cost of items received as gifts'],
  handlingFee: ['代扣手续费', 'handling fee of withholding agents'],
  lateFeeDaily: ['滞纳金（每日）', 'late payment surcharge per day'],
  traderReliefMax: ['个体工商户减半征收的所得上限', 'income up to which sole traders pay half'],
  traderReliefHalf: ['个体工商户减半', 'half relief of sole traders'],
  serviceNetPart: ['劳务收入扣除费用后比例', 'part of service income after expenses'],
  serviceAllowanceMonth: ['每月减除费用', 'monthly allowance'],
  creatorAllowance: ['特许权使用费减除额', 'royalty allowance'],
  creatorAllowanceUpTo: ['适用定额减除的收入上限', 'income up to which the allowance applies'],
  creatorNetPart: ['特许权使用费扣除后比例', 'part of royalty income after expenses'],
  creatorRate: ['特许权使用费预扣率', 'withholding rate on royalties'],
};
const COMPANIES: Names = {
  stampIp: ['印花税（著作权等转移）', 'stamp duty on transfer of copyright and the like'],
  stampProperty: ['印花税（不动产、股权转让）', 'stamp duty on land, buildings, equity'],
  stampGoods: ['印花税（买卖合同）', 'stamp duty on sales contracts'],
  stampLoan: ['印花税（借款合同）', 'stamp duty on loan contracts'],
  stampNone: ['印花税（未列入税目）', 'stamp duty on what is not listed'],
  cit: ['企业所得税税率', 'corporate income tax'],
  citHighTech: ['高新技术企业税率', 'corporate income tax, high-tech'],
  citSmall: ['小型微利企业实际税率', 'corporate income tax, small low-profit'],
  citSmallIncomeMax: ['小型微利企业所得上限', 'small low-profit: largest income'],
  citSmallStaffMax: ['小型微利企业人数上限', 'small low-profit: largest staff'],
  citSmallAssetsMax: ['小型微利企业资产上限', 'small low-profit: largest assets'],
  noRegistrationMaxYear: ['零星小额免登记年交易额', 'yearly turnover without registration'],
  businessSalesMin: ['疑似经营：十二个月出售笔数', 'looks like a business: sales in twelve months'],
  businessBoughtShare: ['疑似经营：购入后售出的占比', 'looks like a business: share bought before it was sold'],
  businessGrossMin: ['疑似经营：十二个月销售额', 'looks like a business: sales amount in twelve months'],
  reportCasualSellers: ['报送偶尔出售者', 'casual sellers are reported'],
};
const SUPERVISION: Names = {
  amlNaturalDay: ['大额交易（自然人境内转账，每日）', 'large-value report, natural persons per day'],
  amlEntityDay: ['大额交易（单位，每日）', 'large-value report, entities per day'],
  amlCross: ['大额交易（跨境）', 'large-value report, cross-border'],
  amlCash: ['大额交易（现金）', 'large-value report, cash'],
  minor8Single: ['8 至 15 岁单次上限', 'age 8 to 15, single payment'],
  minor8Month: ['8 至 15 岁每月上限', 'age 8 to 15, per month'],
  minor16Single: ['16 至 17 岁单次上限', 'age 16 to 17, single payment'],
  minor16Month: ['16 至 17 岁每月上限', 'age 16 to 17, per month'],
};
const TRADING: Names = {
  resaleCooldownTradingDays: ['收藏类道具转售等待交易日', 'trading days before a collectible is resold'],
  maxCoHolders: ['同一权益持有人上限', 'holders of one right'],
  tradeHoldDaysAfterPrimary: ['首次购买后禁止转让天数', 'days held after a first sale'],
  virtualCurrencyTradable: ['虚拟货币可交易', 'game currency may be traded'],
  buyback: ['发行方回购', 'issuer buys back for cash'],
  drawnItemsResale: ['抽取所得道具可转售', 'drawn items may be resold'],
  sunsetNoticeDays: ['停服提前公告天数', 'days of notice before a game closes'],
  unitPriceMin: ['单价下限', 'lowest unit price'],
  unitPriceMax: ['单价上限', 'highest unit price'],
  platformFeeBpsMax: ['平台服务费上限（万分比）', 'highest platform fee in basis points'],
  enhancedLevelAboveDay: ['须 R3 实名的单日成交额', 'day turnover above which level R3 is needed'],
  payoutHoursMin: ['最短到账等待小时', 'shortest hours before payout'],
  offMarketFactor: ['偏离参考价倍数', 'factor from the reference price'],
  offMarketMinDifference: ['偏离参考价最小差额', 'smallest difference from the reference price'],
};

export const CN_CONSTANT_NAMES: Readonly<Record<string, Texts>> = Object.fromEntries(
  [VAT, SURTAXES, INCOME, COMPANIES, SUPERVISION, TRADING].flatMap((names) =>
    Object.entries(names).map(([name, [zh, en]]): [string, Texts] => [name, { zh, en }]),
  ),
);
