/** Halts: the case console and the banner on every screen. */
import type { Shape } from './shape.ts';

export const haltsZh = {
  halts: {
    title: '暂停交易',
    halt: '暂停交易',
    resume: '恢复交易',
    what: '暂停范围',
    scope: { class: '道具种类', game: '游戏', market: '整个市场' },
    stopped: { class: '该种类暂停交易', game: '该游戏暂停交易', market: '全市场暂停交易' },
    reason: { market_abuse: '市场操纵', technical: '技术原因', security: '安全原因', court_request: '法院要求', other: '其他原因' },
    openOrders: '未成交订单',
    orders: { keep: '未成交订单保留，期满继续', cancel: '未成交订单取消，占用释放' },
    until: '到 {at} 自动恢复',
  },
};

export const haltsEn: Shape<typeof haltsZh> = {
  halts: {
    title: 'Halts',
    halt: 'Halt trading',
    resume: 'Resume trading',
    what: 'What is halted',
    scope: { class: 'Kind', game: 'Game', market: 'Whole market' },
    stopped: { class: 'Trading in this kind is halted', game: 'Trading in this game is halted', market: 'Trading is halted' },
    reason: {
      market_abuse: 'Market abuse',
      technical: 'Technical reason',
      security: 'Security',
      court_request: 'Request of a court',
      other: 'Other reason',
    },
    openOrders: 'Open orders',
    orders: { keep: 'Open orders stand and go on after it', cancel: 'Open orders end, what they held is free' },
    until: 'resumes by itself at {at}',
  },
};
