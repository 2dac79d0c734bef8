/** People who sell are verified again (CN-MK-11). */
import type { Shape } from './shape.ts';

export const sellerCheckZh = {
  sellerCheck: {
    title: '身份复核',
    lead: '依《电子商务法》，平台定期复核卖家身份：出售过道具的个人每 {months} 个月复核一次。',
    verifiedAt: '上次核验',
    provider: '核验方',
    simulated: '模拟核验方',
    dueAt: '复核期限',
    none: '目前无须复核。再次出售后，到期前一个月会在通知里提醒您。',
    open: '请在期限前完成复核。逾期后不能挂出新的出售，直到复核完成；购买、赠送、提现和已挂出的道具不受影响。',
    overdue: '已逾期：新的出售已暂停，完成复核后立即恢复。',
    how: '用已登记的姓名、证件号和手机号向核验方查询，无须重新填写；由您的密钥签名确认。',
    check: '签名并复核',
    checking: '核验中…',
  },
};

export const sellerCheckEn: Shape<typeof sellerCheckZh> = {
  sellerCheck: {
    title: 'Identity check',
    lead: 'The E-Commerce Law asks a platform to verify its sellers again: people who sell are checked every {months} months.',
    verifiedAt: 'Last verified',
    provider: 'By',
    simulated: 'simulated provider',
    dueAt: 'Due by',
    none: 'No check is due. After your next sales the inbox reminds you a month before.',
    open: 'Please do it in time. Past the date nothing new can be put up for sale until it is done; buying, gifts, withdrawals and what is listed already go on.',
    overdue: 'Overdue: new sales are stopped, and go on as soon as the check is done.',
    how: 'The provider is asked about the name, ID number and phone that are on record; you type nothing again and confirm with your key.',
    check: 'Sign and check',
    checking: 'Checking…',
  },
};
