/** What the README in an export says, Chinese first. */

export function exportReadme({ acct, asOf, years }: { readonly acct: string; readonly asOf: string; readonly years: number }): string {
  return `${[...chinese(acct, asOf, years), '', '----', '', ...english(acct, asOf, years)].join('\r\n')}\r\n`;
}

function chinese(acct: string, asOf: string, years: number): readonly string[] {
  return [
    '我的数据',
    '',
    `账户：${acct}`,
    `截至：${asOf}（UTC）`,
    '',
    '本压缩包包含本市场保存的、与您有关的数据：',
    '  my-data.json  全部记录，每行一条，按类别分组（data 之下）；UTF-8 编码。',
    '  files/        您在争议中提交的文件原件。',
    '',
    '读法：名称以 Fen 结尾的字段是金额，单位为分，写成数字串；时间为 UTC；哈希与签名为十六进制。',
    '其他用户只以账户编号出现；只告知对方的内容（例如卖方的费用与税款）不在其中。',
    '',
    '不在其中的数据：密码学口令与私钥（从不离开您的设备）、会话令牌的哈希、监管机构的案件与预警（法律禁止告知，',
    '《反洗钱法》），以及尚在保密期内的身份查询。成员节点保存的账本副本可在“账本”页公开查阅。',
    '',
    `为何保存、保存多久：实名与交易资料自账户终止起至少 ${years} 年（《反洗钱法》第三十四条、《税收征收管理法实施细则》`,
    '第二十九条、《电子商务法》第三十一条）；账本上的记录与加盐承诺永久保存，其中没有姓名和证件号。',
    '',
    '这个文件含有您的姓名、证件号和银行卡号，请妥善保管。',
  ];
}

function english(acct: string, asOf: string, years: number): readonly string[] {
  return [
    'My data',
    '',
    `Account: ${acct}`,
    `As of:   ${asOf} (UTC)`,
    '',
    'This archive holds what this market stores about you:',
    '  my-data.json  every record, one per line, by kind (under "data"); UTF-8.',
    '  files/        what you handed in during disputes, as it was.',
    '',
    'How to read it: fields that end in Fen are amounts in fen, written as digits; moments are UTC; hashes and signatures are hexadecimal.',
    'Other people appear by their account only; what a counterparty alone is told (such as the fees and taxes of a seller) is not in it.',
    '',
    'Not in it: your passphrase and private key (they never leave your device), hashes of session tokens, files and alerts of supervisors',
    '(the Anti-Money Laundering Law forbids to tell), and openings of your identity that are still sealed. The ledger itself, of which every',
    'member keeps a copy, is open to everybody in the explorer.',
    '',
    `Why, and for how long: identity and dealings at least ${years} years from the end of the account (Anti-Money Laundering Law art. 34, rules for the`,
    'implementation of the Tax Administration Law art. 29, E-Commerce Law art. 31); entries and salted commitments on the ledger for ever: they',
    'hold no name and no ID number.',
    '',
    'This file holds your name, ID number and card number. Keep it safe.',
  ];
}
