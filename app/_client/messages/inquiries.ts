/** Questions of supervisors and the replies to them (V-14). */
import type { Shape } from './shape.ts';

export const inquiriesZh = {
  inquiries: {
    title: '监管问询',
    notice: '{count, plural, other {有 # 项监管问询待您答复}}',
    ask: '要求提供信息',
    whom: '向谁问询',
    party: { player: '玩家', studio: '工作室', operator: '平台' },
    partyId: '账户编号（64 位）',
    question: '问题（至少十个字）',
    term: '答复期限',
    days: '{count} 天',
    askHelp: '被问询方只看到问题、原因和期限，看不到案件。涉及洗钱的案件只能问询平台。逾期只作提示，不自动处罚。',
    from: { sup_market: '市场监管', sup_finance: '资金监管', sup_tax: '税务监管' },
    due: '{at} 前答复',
    overdue: '已逾期，仍可答复',
    state: { open: '待答复', answered: '已答复', over: '已结，无须答复' },
    reply: '答复',
    replyText: '答复内容（至少十个字）',
    replyHelp: '只有办理案件的人员能看到您的答复；其摘要记入账本。',
    send: { answered: '提交答复', more_time: '请求延期', objected: '提出异议' },
    said: { answered: '答复', more_time: '请求延期', objected: '异议' },
    hash: '摘要',
    save: '保存 {name}',
  },
};

export const inquiriesEn: Shape<typeof inquiriesZh> = {
  inquiries: {
    title: 'Questions of supervisors',
    notice: '{count, plural, one {A supervisor asks you something} other {Supervisors ask you # things}}',
    ask: 'Ask for information',
    whom: 'Whom to ask',
    party: { player: 'A player', studio: 'A studio', operator: 'The operator' },
    partyId: 'Account (64 digits)',
    question: 'Question (ten characters or more)',
    term: 'Answer within',
    days: '{count} days',
    askHelp:
      'Who is asked sees question, reason and date, never the case. In a case about laundering only the operator may be asked. A missed date is shown and punishes nobody.',
    from: { sup_market: 'Market supervisor', sup_finance: 'Finance supervisor', sup_tax: 'Tax supervisor' },
    due: 'Answer by {at}',
    overdue: 'overdue; you can still answer',
    state: { open: 'Waits for an answer', answered: 'Answered', over: 'Closed, no answer needed' },
    reply: 'Answer',
    replyText: 'Your answer (ten characters or more)',
    replyHelp: 'Only officials who work on it read your answer; its digest goes on the ledger.',
    send: { answered: 'Send the answer', more_time: 'Ask for more time', objected: 'Object' },
    said: { answered: 'Answer', more_time: 'More time asked for', objected: 'Objection' },
    hash: 'Digest',
    save: 'Save {name}',
  },
};
