/** Words of the server's closed lists that screens show: kinds of money entries, states and caps of experiments, origins of items. */
import type { ExperimentState } from '#sandbox/experiments/experiment.ts';
import type { EntryKind } from '#server/journal/journal.ts';
import type { Shape } from './shape.ts';

export const codesZh = {
  experimentState: {
    DRAFT: '草案',
    DECLARED: '已申报',
    PUBLIC_NOTICE: '公示中',
    REGISTERED: '已登记',
    TESTING: '测试中',
    PAUSED: '已暂停',
    EXITED_SUCCESS: '已结束（达标）',
    EXITED_FAILED: '已结束（未达标）',
    HALTED: '已叫停',
  } satisfies Record<ExperimentState, string>,
  cap: {
    PARTICIPANTS: '参加人数',
    PER_TRADE: '单笔金额',
    PER_PERSON_DAY: '每人每日',
    PER_PERSON_MONTH: '每人每月',
    EXPERIMENT_OPEN_EXPOSURE: '未成交总额',
    EXPERIMENT_TOTAL_TURNOVER: '总成交额',
  },
  arm: { manual: '手动撮合组', match: '自动撮合组' },
  origin: { PLAY: '游戏内取得', PURCHASE: '直接购买', DRAW: '抽取' },
  provider: { simulated: '道具模拟支付机构' },
  entry: {
    deposit: '充值',
    withdrawal: '提现申请',
    withdrawal_paid: '提现到账',
    withdrawal_failed: '提现失败退回',
    hold: '订单占用',
    release: '释放占用',
    trade: '成交',
    payout: '货款到账',
    fund_share: '平台费划入保障金',
    guarantee: '保障金赔付',
    compensation: '沙盒实验补偿',
    reversal: '冲正',
    refund: '退款',
    opening: '接管时的余额',
  } satisfies Record<EntryKind, string>,
} as const;

export const codesEn: Shape<typeof codesZh> = {
  experimentState: {
    DRAFT: 'Draft',
    DECLARED: 'Declared',
    PUBLIC_NOTICE: 'In public notice',
    REGISTERED: 'Registered',
    TESTING: 'Testing',
    PAUSED: 'Paused',
    EXITED_SUCCESS: 'Ended (aims met)',
    EXITED_FAILED: 'Ended (aims missed)',
    HALTED: 'Halted',
  },
  cap: {
    PARTICIPANTS: 'Participants',
    PER_TRADE: 'Single trade',
    PER_PERSON_DAY: 'Person per day',
    PER_PERSON_MONTH: 'Person per month',
    EXPERIMENT_OPEN_EXPOSURE: 'Open exposure',
    EXPERIMENT_TOTAL_TURNOVER: 'Total turnover',
  },
  arm: { manual: 'agreed by hand', match: 'matched' },
  origin: { PLAY: 'earned in play', PURCHASE: 'bought from the studio', DRAW: 'drawn' },
  provider: { simulated: 'Daoju Simulated Payment Institution' },
  entry: {
    deposit: 'Deposit',
    withdrawal: 'Withdrawal',
    withdrawal_paid: 'Withdrawal paid',
    withdrawal_failed: 'Withdrawal returned',
    hold: 'Held by an order',
    release: 'Released',
    trade: 'Trade',
    payout: 'Payout',
    fund_share: 'Share of the guarantee fund',
    guarantee: 'Paid by the guarantee fund',
    compensation: 'Compensation of an experiment',
    reversal: 'Reversal',
    refund: 'Refund',
    opening: 'Balance at the takeover',
  },
};

const isKeyOf = <T extends object>(list: T, code: string): code is keyof T & string => Object.hasOwn(list, code);

/** Looks a server's word up in one of these lists: `null` for one that is newer than this page. */
export function knownCode<T extends object>(list: T, code: string): (keyof T & string) | null {
  return isKeyOf(list, code) ? code : null;
}
