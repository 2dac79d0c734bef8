/** Items given back, takeover of an account, objections, compensation. */
import type { Shape } from './shape.ts';

export const protectionZh = {
  returns: {
    title: '宣誓申报与归还',
    paid: '现持有人支付',
    giveBack: '归还道具',
    explain: '道具回到申报人名下，由本机关与运营方共同签署并记入账本。善意买家由保障金按所付价格赔付，每件最多 50,000.00 元。',
    goodFaith: '现持有人属善意购买',
    award: '保障金',
    awarded: '应赔',
    paidOut: '已赔',
    done: '已付清',
    waits: '等待保障金到位',
  },
  compensation: {
    title: '补偿金',
    fund: '总额',
    paid: '已补偿',
    pay: '补偿参加者',
    acct: '参加者账户（64 位）',
    amount: '金额（元）',
    reason: '理由（至少 10 个字）',
    confirm: '签署并支付',
  },
};

export const protectionEn: Shape<typeof protectionZh> = {
  returns: {
    title: 'Sworn claims and giving back',
    paid: 'Holder paid',
    giveBack: 'Give the item back',
    explain:
      'The item goes back to whom it was taken from, signed by this office and the operator, and on the ledger. Who bought it in good faith gets the price from the guarantee fund, up to 50,000.00 元.',
    goodFaith: 'The holder bought it in good faith',
    award: 'Guarantee fund',
    awarded: 'Awarded',
    paidOut: 'Paid',
    done: 'paid in full',
    waits: 'waits for the fund',
  },
  compensation: {
    title: 'Compensation fund',
    fund: 'In all',
    paid: 'Paid',
    pay: 'Compensate a participant',
    acct: 'Account of the participant (64 digits)',
    amount: 'Amount (yuan)',
    reason: 'Reason (ten characters or more)',
    confirm: 'Sign and pay',
  },
};
