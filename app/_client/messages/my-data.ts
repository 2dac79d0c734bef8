/** What is stored about the person who looks (P-46): what, where, why, how long, whether it can go. */
import type { MyDataCode } from '#server/my-data/refusals.ts';
import type { DataGroup } from '#server/trpc/views.ts';
import type { Shape } from './shape.ts';

type GroupWords = { readonly name: string; readonly what: string; readonly why: string; readonly keep: string };

export const myDataZh = {
  myData: {
    title: '我的数据',
    lead: '本市场保存了您的哪些数据、存在哪里、为什么、保存多久。您可以导出全部内容，也可以删除依法可以删除的部分。',
    kind: '类别',
    records: '记录数',
    where: '存放处',
    why: '为什么',
    keep: '保存多久',
    deletion: '能否删除',
    place: {
      database: '本市场数据库',
      ledger: '账本（公开，只有编号）',
      sealed: '账本（仅哈希），内容密封给监管机构',
      institution: '支付机构',
    },
    fate: { now: '随时', closing: '注销账户时', term: '法定期限届满后', never: '不能，见“保存多久”' },
    group: {
      identity: {
        name: '实名资料',
        what: '姓名、证件号、手机号、银行卡号、强化核验时填写的职业与资金来源。加密保存，只在您本人导出或监管机构依法查看时打开。',
        why: '法定义务：实名认证（《区块链信息服务管理规定》第八条）、反洗钱（《反洗钱法》）。',
        keep: '账户注销后 {years} 年（《反洗钱法》第三十四条）。账本上的加盐承诺永久保存，其中读不出任何内容。',
      },
      account: {
        name: '账户与登录',
        what: '昵称、等级、出生日期、接受的协议版本、登录过的设备与时间。账本上有您的公钥。',
        why: '履行用户协议，保护账户安全。',
        keep: '账户存续期间；登录记录至少六个月（《区块链信息服务管理规定》第十七条）。',
      },
      orders: {
        name: '订单与报价',
        what: '您签名的订单、议价、系统对每次尝试的答复，以及当时的判断依据。',
        why: '履行合同；监管机构可用来重算规则的效果。',
        keep: '{years} 年。签名订单的哈希在账本上永久保存。',
      },
      trades: {
        name: '交易与赠送',
        what: '您买卖、赠送与收到的道具，对方的账户编号，价格与费用。',
        why: '履行合同；《电子商务法》第三十一条。',
        keep: '完成后至少三年，依反洗钱法 {years} 年。账本只有编号与价格的承诺，永久保存。',
      },
      items: {
        name: '道具与取得',
        what: '您持有的道具、取得时间与成本。',
        why: '履行合同；成本是计税依据。',
        keep: '账本记录所有权的历史，永久保存，只写账户编号。',
      },
      money: {
        name: '资金',
        what: '充值、提现、冻结与每一笔分录。余额在支付机构，它有自己的账。',
        why: '履行合同；会计与反洗钱的法定义务。',
        keep: '{years} 年（《反洗钱法》第三十四条）。',
      },
      tax: {
        name: '税务',
        what: '每笔出售的计税结果、按日累计、向您发出的提示。依法报送税务机关。',
        why: '法定义务（《税收征收管理法》及其实施细则）。',
        keep: '{years} 年（实施细则第二十九条）。',
      },
      disputes: {
        name: '争议、举报与限制',
        what: '您提出或被提出的争议、您说过的话与提交的文件、举报、异议，以及对您的限制。',
        why: '履行合同；处理争议需要证据。',
        keep: '{years} 年。',
      },
      experiments: {
        name: '实验',
        what: '您自愿加入的实验、接受的说明版本、所在的组与得到的补偿。',
        why: '您的同意；监管机构评估实验。',
        keep: '{years} 年。',
      },
      messages: {
        name: '通知',
        what: '市场发给您的每一条通知。',
        why: '履行合同；用来证明何时告知过您什么。',
        keep: '通知按顺序以哈希相连，删去一条会使其后各条无法验证，因此一直保存。',
      },
      packages: {
        name: '证据包',
        what: '您申请的证据包的编号、时间与案号。',
        why: '您的请求。',
        keep: '{years} 年。',
      },
      watchList: {
        name: '关注列表',
        what: '您关注的道具种类与价格提醒。',
        why: '您的请求。',
        keep: '直到您取消。',
      },
      access: {
        name: '监管查看记录',
        what: '哪个部门、依据什么、何时打开过您的身份；密期届满后列出。',
        why: '法定义务：每次查看都须留痕。',
        keep: '永久；账本上只有这次查看的哈希。',
      },
    } satisfies Record<DataGroup, GroupWords>,
    toAccess: '谁看过我的身份',
    onLedger: '账本上关于您的内容',
    onLedgerText: '每个成员都看得到以下内容。它们不写姓名，也永久不删：删去一处，其后的账本就无法验证。',
    account: '账户编号',
    publicKey: '公钥',
    commitment: '实名承诺（加盐）',
    items: '持有道具',
    inExplorer: '在账本中查看',
    notYet: '账户尚未经成员见证，请几秒后再看。',
    export: '导出全部数据',
    exportText: '一个压缩文件：说明、全部记录（JSON）和您提交过的文件。其中有您的姓名、证件号与银行卡号，因此需要再次输入口令。',
    doExport: '导出',
    exporting: '正在导出……',
    exported: '已保存。请妥善保管这个文件。',
    notHeld: '导出里没有的：口令与私钥（从不离开您的设备）、监管机构的案件与预警（法律禁止告知）、密期未满的查看记录。',
  },
} as const;

export const myDataEn: Shape<typeof myDataZh> = {
  myData: {
    title: 'My data',
    lead: 'What this market stores about you, where, why and for how long. You can export all of it, and delete what the law lets you delete.',
    kind: 'Kind',
    records: 'Records',
    where: 'Where',
    why: 'Why',
    keep: 'For how long',
    deletion: 'Can it go',
    place: {
      database: 'Our database',
      ledger: 'Ledger, in the open, numbers only',
      sealed: 'Ledger, hash only; sealed for supervisors',
      institution: 'Payment institution',
    },
    fate: { now: 'At any time', closing: 'With the account', term: 'After the term of the law', never: 'No, see “For how long”' },
    group: {
      identity: {
        name: 'Real name',
        what: 'Name, ID number, phone, bank card, and the occupation and source of funds of the enhanced check. Encrypted; opened for your own export, or for supervisors by law.',
        why: 'Duty by law: real names (CAC Order 3 of 2019 art. 8), money laundering (Anti-Money Laundering Law).',
        keep: '{years} years from the end of the account (Anti-Money Laundering Law art. 34). The salted commitment stays on the ledger for ever; nothing can be read from it.',
      },
      account: {
        name: 'Account and sign-ins',
        what: 'Display name, level, birth date, accepted agreement, devices and times of sign-ins. Your public key is on the ledger.',
        why: 'The agreement with you; safety of the account.',
        keep: 'While the account lives; sign-ins six months at least (CAC Order 3 of 2019 art. 17).',
      },
      orders: {
        name: 'Orders and offers',
        what: 'Orders that you signed, offers, what each attempt was answered, and what that was decided on.',
        why: 'The contract; supervisors work out anew what rules would have done.',
        keep: '{years} years. The hash of a signed order stays on the ledger.',
      },
      trades: {
        name: 'Trades and gifts',
        what: 'Items that you bought, sold, gave and were given, the other account, price and fees.',
        why: 'The contract; E-Commerce Law art. 31.',
        keep: 'Three years from completion, {years} years under the Anti-Money Laundering Law. The ledger keeps numbers and a commitment to the price for ever.',
      },
      items: {
        name: 'Items and how you got them',
        what: 'Items that you hold, when you got them and for how much.',
        why: 'The contract; what was paid is what taxes are worked out from.',
        keep: 'The ledger keeps the history of owners for ever, by account number alone.',
      },
      money: {
        name: 'Money',
        what: 'Deposits, withdrawals, holds and every posting. The balance lies at the payment institution, which has books of its own.',
        why: 'The contract; duties of accounting and against money laundering.',
        keep: '{years} years (Anti-Money Laundering Law art. 34).',
      },
      tax: {
        name: 'Taxes',
        what: 'The assessment of each sale, the totals of days, notices to you. Reported to the tax authority as the law asks.',
        why: 'Duty by law (Tax Administration Law and its rules).',
        keep: '{years} years (implementation rules art. 29).',
      },
      disputes: {
        name: 'Disputes, reports, restrictions',
        what: 'Claims by you or about you, what you said and handed in, reports, objections, and what restricts you.',
        why: 'The contract; a dispute needs its evidence.',
        keep: '{years} years.',
      },
      experiments: {
        name: 'Experiments',
        what: 'Experiments that you joined, the notice you accepted, your group, what you were compensated.',
        why: 'Your consent; supervisors assess the experiment.',
        keep: '{years} years.',
      },
      messages: {
        name: 'Messages',
        what: 'Everything that the market told you.',
        why: 'The contract; proof of what you were told, and when.',
        keep: 'Messages are chained by hash: without one, those after it could not be verified. They stay.',
      },
      packages: {
        name: 'Evidence packages',
        what: 'Number, time and case reference of packages that you asked for.',
        why: 'You asked for them.',
        keep: '{years} years.',
      },
      watchList: {
        name: 'Watch list',
        what: 'Kinds that you watch, and price alerts.',
        why: 'You asked for it.',
        keep: 'Until you take it off.',
      },
      access: {
        name: 'Who looked',
        what: 'Which agency opened your identity, when and on which ground; listed when sealing has ended.',
        why: 'Duty by law: each look is recorded.',
        keep: 'For ever; the ledger has the hash of the opening.',
      },
    } satisfies Record<DataGroup, GroupWords>,
    toAccess: 'Who looked at my identity',
    onLedger: 'What the ledger says about you',
    onLedgerText:
      'Every member sees this. It holds no name and is never deleted: without one entry, the ledger after it could not be verified.',
    account: 'Account',
    publicKey: 'Public key',
    commitment: 'Commitment to the real name (salted)',
    items: 'Items held',
    inExplorer: 'See it on the ledger',
    notYet: 'The members have not certified the account yet. Look again in a few seconds.',
    export: 'Export everything',
    exportText:
      'One zip: a README, every record as JSON, and the files you handed in. It holds your name, ID number and card number, so the passphrase is asked for again.',
    doExport: 'Export',
    exporting: 'Exporting…',
    exported: 'Saved. Keep the file safe.',
    notHeld:
      'Not in it: passphrase and private key (they never leave your device), cases and alerts of supervisors (the law forbids to tell), and looks that are still sealed.',
  },
};

export const myDataRefusalsZh = {
  export_busy: '您的另一次导出正在进行，或他人的导出较多，请一分钟后再试。',
} as const satisfies Record<MyDataCode, string>;
