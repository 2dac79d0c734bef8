/**
 * The ground in law of every field about a person that is stored (rulebook CN-PI-01; Personal Information Protection Law art. 13 para 1): consent,
 * the contract, or a duty by statute with the act that sets it. A group has the ground of most of its fields; the fields of a section that stand
 * on another are named. The page tells groups and exceptions, the export the ground of each field.
 */
import type { DataGroup, FieldBasisView, LegalBasisView, LegalGround } from '#server/trpc/views.ts';

/** PIPL art. 13 para 1. */
const PIPL: Readonly<Record<LegalGround, Words>> = {
  consent: { zh: '《个人信息保护法》第十三条第一款第（一）项', en: 'Personal Information Protection Law art. 13 para 1 item 1' },
  contract: { zh: '《个人信息保护法》第十三条第一款第（二）项', en: 'Personal Information Protection Law art. 13 para 1 item 2' },
  duty: { zh: '《个人信息保护法》第十三条第一款第（三）项', en: 'Personal Information Protection Law art. 13 para 1 item 3' },
};

const ACTS = {
  cacNames: { zh: '《区块链信息服务管理规定》第八条', en: 'CAC Order 3 of 2019 art. 8' },
  cacLogs: { zh: '《区块链信息服务管理规定》第十七条', en: 'CAC Order 3 of 2019 art. 17' },
  ecommerceSellers: { zh: '《电子商务法》第二十七条', en: 'E-Commerce Law art. 27' },
  ecommerceTerms: { zh: '《电子商务法》第三十四条', en: 'E-Commerce Law art. 34' },
  amlLists: { zh: '《反洗钱法》第三十八条、第四十条', en: 'Anti-Money Laundering Law art. 38, 40' },
  paymentNames: { zh: '《非银行支付机构监督管理条例》第十八条、第十九条', en: 'Non-bank Payment Institutions Regulations art. 18, 19' },
  taxReport: { zh: '《互联网平台企业涉税信息报送规定》（国务院令第810号）', en: 'State Council Decree 810' },
  taxRecords: { zh: '《税收征收管理法实施细则》第二十九条', en: 'rules for the Tax Administration Law art. 29' },
  minors: { zh: '《民法典》第十九条、第二十条、第一百四十五条', en: 'Civil Code art. 19, 20, 145' },
  openings: { zh: '《个人信息保护法》第六条、《电子商务法》第二十五条', en: 'PIPL art. 6, E-Commerce Law art. 25' },
} as const;
type Act = keyof typeof ACTS;

type Basis = { readonly ground: LegalGround; readonly acts: readonly Act[] };
const contract: Basis = { ground: 'contract', acts: [] };
const consent: Basis = { ground: 'consent', acts: [] };
const duty = (...acts: readonly [Act, ...Act[]]): Basis => ({ ground: 'duty', acts });

const OF_GROUP = {
  identity: duty('cacNames'),
  account: contract,
  orders: contract,
  trades: contract,
  items: contract,
  money: contract,
  tax: duty('taxReport', 'taxRecords'),
  disputes: contract,
  experiments: consent,
  messages: contract,
  packages: contract,
  watchList: consent,
  access: duty('openings'),
} as const satisfies Record<DataGroup, Basis>;

type Exception = { readonly section: string; readonly fields: readonly string[]; readonly name: Words; readonly basis: Basis };
type Words = { readonly zh: string; readonly en: string };

/** Fields as the export names them, by section. */
const EXCEPTIONS: Readonly<Partial<Record<DataGroup, readonly Exception[]>>> = {
  identity: [
    { section: 'identity', fields: ['cardNumber'], name: { zh: '银行卡号', en: 'bank card' }, basis: duty('paymentNames') },
    {
      section: 'identity',
      fields: ['declarations'],
      name: { zh: '职业与资金来源', en: 'occupation and source of funds' },
      basis: duty('amlLists'),
    },
    {
      section: 'sellerChecks',
      fields: ['dueAt', 'remindedAt', 'overdueAt', 'checkedAt', 'provider'],
      name: { zh: '卖家的定期核验', en: 'periodic check of sellers' },
      basis: duty('ecommerceSellers'),
    },
  ],
  account: [
    { section: 'account', fields: ['birthDate'], name: { zh: '出生日期', en: 'birth date' }, basis: duty('minors') },
    {
      section: 'account',
      fields: ['agreementVersion'],
      name: { zh: '接受的协议版本', en: 'accepted agreement' },
      basis: duty('ecommerceTerms'),
    },
    {
      section: 'sessions',
      fields: ['device', 'createdAt', 'lastUsedAt', 'endedAt'],
      name: { zh: '登录记录', en: 'record of sign-ins' },
      basis: duty('cacLogs'),
    },
  ],
  items: [{ section: 'acquisitions', fields: ['costFen'], name: { zh: '取得成本', en: 'what was paid' }, basis: duty('taxRecords') }],
  experiments: [
    {
      section: 'filingProofs',
      fields: ['tax', 'month', 'receiptNo', 'filedOn'],
      name: { zh: '申报回执', en: 'receipts of filings' },
      basis: duty('taxRecords'),
    },
  ],
};

const lawOf = ({ ground, acts }: Basis): readonly Words[] => [PIPL[ground], ...acts.map((act) => ACTS[act])];
const viewOf = (basis: Basis): LegalBasisView => ({ ground: basis.ground, laws: lawOf(basis) });

export function basesOf(group: DataGroup): { readonly basis: LegalBasisView; readonly exceptions: readonly FieldBasisView[] } {
  const exceptions = (EXCEPTIONS[group] ?? []).map(({ section, fields, name, basis }) => ({
    fields: fields.map((field) => `${section}.${field}`),
    name,
    ...viewOf(basis),
  }));
  return { basis: viewOf(OF_GROUP[group]), exceptions };
}
