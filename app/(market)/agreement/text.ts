/** The platform agreement that people accept when they join (E-Commerce Law art. 32 to 34), by version, newest first; old ones stay. */
import type { Locale } from '#app/_client/format.ts';

type Section = { readonly title: string; readonly text: string };
export type Agreement = {
  readonly version: string;
  readonly from: string;
  readonly sections: Readonly<Record<Locale, readonly Section[]>>;
};

export const AGREEMENTS: readonly Agreement[] = [
  {
    version: '2026-11',
    from: '2026-11-01',
    sections: {
      'zh-CN': [
        {
          title: '一、交易什么',
          text: '本市场只交易游戏厂商在此发行的道具。账户、代练、游戏虚拟货币不在交易之列。道具归持有人所有，只凭持有人本人的签名，或经公示的正当程序转移；本市场与厂商都不能单方面移走您的道具。',
        },
        {
          title: '二、谁可以交易',
          text: '须实名并为中国境内居民。二级市场须年满十八周岁并完成本人银行卡核验（R2）；单日成交超过 10,000.00 元须加强核验（R3）。未成年人不能参与二级市场。',
        },
        {
          title: '三、价格、费用与税',
          text: '签名之前，确认单列明价格、平台费、厂商分成、预估税款、到账日和可再转让日。价格与费用按签名执行，分文不差。税款为预估，以税务机关核定为准，可逐步查看其计算依据。',
        },
        {
          title: '四、资金',
          text: '资金由持牌支付机构（演示中为模拟机构）保管和划付。本市场不接触、不归集、不垫付资金，不计利息，不提供信贷。求购须全额冻结资金。货款在保护期结束后到账，且须先经成员共同见证。',
        },
        {
          title: '五、密钥',
          text: '签名密钥由您的浏览器生成和保存，本市场没有副本，不能代您下单、撤单或转让。请保存恢复文件：口令与恢复文件都丢失时，只能经身份核验并等待 72 小时后恢复。',
        },
        {
          title: '六、撤销与争议',
          text: '订单在成交前可随时撤销，答复只有“已撤销”或“已成交”。成交后如有未经授权、欺骗、厂商拒绝交付、付款争议或未成年人购买等情形，可在保护期内申请处理；冲正须由两方以上签名，并写入账本。',
        },
        {
          title: '七、冻结与申诉',
          text: '盗窃申报、监管或司法要求可使道具、账户或款项冻结。您能看到原因、期限和申诉途径；期限届满自动解除。',
        },
        {
          title: '八、账本与个人信息',
          text: '发行、交易与转移记入由运营方、厂商、监管方和公证方共同维护的账本。姓名和证件号码不上账本，只留加盐承诺；监管方查看身份须有理由，并留下记录。',
        },
        {
          title: '九、变更',
          text: '本协议与交易规则的变更至少提前七日公告并征求意见，旧版本保留三年以上。不同意变更的，可停止使用，您的道具不受影响。',
        },
      ],
      en: [
        {
          title: '1. What is traded',
          text: 'Only items that studios issue here. Accounts, levelling and game currency are not traded. An item belongs to its holder and moves by the holder’s own signature or by published due process, and by nothing else: neither this market nor the studio can take it.',
        },
        {
          title: '2. Who may trade',
          text: 'Residents of mainland China under their real name. The secondary market is open from 18 years on, with a bank card in your own name (R2); above 10,000.00 元 in a day an enhanced check is needed (R3). Minors do not trade on the secondary market.',
        },
        {
          title: '3. Price, fees, tax',
          text: 'Before you sign, the sheet shows price, platform fee, royalty, estimated taxes, the payout date and the day the item can be passed on again. Price and fees settle as signed, to the fen. Taxes are estimates; each step of them can be read, and the tax office decides.',
        },
        {
          title: '4. Money',
          text: 'A licensed payment institution (here a simulated one) holds and moves the money. This market never touches, pools or advances it; there is no interest and no credit. A buy order is funded in full. Proceeds are paid out when the protection window is over and the members have certified the trade.',
        },
        {
          title: '5. Keys',
          text: 'Your browser makes and keeps the signing key; we have no copy and can place, cancel or transfer nothing in your name. Keep the recovery file: without passphrase and file, recovery takes an identity check and 72 hours.',
        },
        {
          title: '6. Cancelling and disputes',
          text: 'An order can be cancelled until it fills; the answer is “canceled” or “already filled” and nothing else. Within the protection window you can claim that a trade was not authorised, deceptive, refused by the studio, disputed in its payment, or made by a minor. A reversal is signed by two parties at least and stands on the ledger.',
        },
        {
          title: '7. Freezes and appeal',
          text: 'A sworn theft claim, a supervisor or a court can freeze an item, an account or a payout. You see the reason, the end and how to appeal; the end comes by itself.',
        },
        {
          title: '8. Ledger and personal data',
          text: 'Issues, trades and transfers are recorded on a ledger kept by operator, studios, supervisors and a notary. Names and ID numbers are not on it, only a salted commitment; a supervisor who looks at an identity needs a reason and leaves a record.',
        },
        {
          title: '9. Changes',
          text: 'Changes of this agreement and of the trading rules are announced for comment seven days ahead at least; old versions stay for three years or more. Whoever does not agree can stop; the items stay theirs.',
        },
      ],
    },
  },
];
