/** Codes of the offline verifier (`ledger.md` 17), each with its sentence. E: the check failed. W: true, with a reservation. */

export const VERIFY_CODES = [
  'E10',
  'E20',
  'E21',
  'E22',
  'E30',
  'E31',
  'E40',
  'E41',
  'E42',
  'E43',
  'E44',
  'E45',
  'E46',
  'E50',
  'E60',
  'W60',
  'W61',
  'W62',
  'W70',
] as const;
export type VerifyCode = (typeof VERIFY_CODES)[number];

export interface Words {
  readonly zh: string;
  readonly en: string;
}

export const CODE_WORDS = {
  E10: { zh: '文件格式不正确或已损坏', en: 'the file is malformed or damaged' },
  E20: { zh: '创世信息与链指纹不符', en: 'the genesis does not belong to the chain fingerprint' },
  E21: { zh: '联盟配置的变更不成立', en: 'a change of the consortium does not hold' },
  E22: { zh: '区块头不属于当时有效的联盟配置', en: 'the header does not belong to the configuration in force' },
  E30: { zh: '见证签名不成立', en: 'a member’s vote does not hold' },
  E31: { zh: '见证签名数量不足', en: 'the votes do not satisfy the finality policy' },
  E40: { zh: '记录不在账本中', en: 'the entry is not in the log' },
  E41: { zh: '状态证明不成立', en: 'the state proof does not hold' },
  E42: { zh: '权属链条不成立', en: 'the chain of title does not hold' },
  E43: { zh: '持有清单不成立', en: 'the list of holdings does not hold' },
  E44: { zh: '“不存在”的证明不成立', en: 'the proof of absence does not hold' },
  E45: { zh: '旧账本不是新账本的前缀', en: 'the older log is not a prefix of this one' },
  E46: { zh: '当事人签名不成立', en: 'a party’s signature does not hold' },
  E50: { zh: '披露的字段与承诺不符', en: 'a disclosed field does not match its commitment' },
  E60: { zh: '成员证书链不成立', en: 'a member’s certificate chain does not hold' },
  W60: { zh: '未核对成员的 CA 证书', en: 'the members’ CA certificates were not checked' },
  W61: { zh: '证明早于所要求的时限', en: 'the proof is older than was asked for' },
  W62: { zh: '部分当事人签名未随文件提供公钥，未核对', en: 'some signatures were not checked: their keys are not in the file' },
  W70: {
    zh: '联盟曾以最后手段恢复：安全性取决于签署人与公众手中的凭证',
    en: 'the consortium has been through a last resort: safety rests on its signers and on receipts in the public’s hands',
  },
} as const satisfies Readonly<Record<VerifyCode, Words>>;

export const STEP_WORDS = {
  1: { zh: '格式', en: 'Format' },
  2: { zh: '创世与链指纹', en: 'Genesis and chain fingerprint' },
  3: { zh: '联盟配置的变更', en: 'Changes of the consortium' },
  4: { zh: '区块头', en: 'Header' },
  5: { zh: '见证签名', en: 'Votes' },
  6: { zh: '见证数量', en: 'Finality policy' },
  7: { zh: '账本记录', en: 'Entries in the log' },
  8: { zh: '当前状态', en: 'State' },
  9: { zh: '权属链条', en: 'Title, holdings, consistency' },
  10: { zh: '当事人签名', en: 'Signers' },
  11: { zh: '披露字段', en: 'Disclosed fields' },
  12: { zh: '成员证书', en: 'Certificates' },
  13: { zh: '时效', en: 'Age' },
} as const satisfies Readonly<Record<number, Words>>;
export type StepNumber = keyof typeof STEP_WORDS;
