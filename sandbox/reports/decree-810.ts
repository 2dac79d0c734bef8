/**
 * Identity and income of sellers for the tax authority (State Council Decree 810, STA Announcement 15 of 2025; rulebook 3.2). The element
 * names of the authority's data interface are not public: the columns carry the Chinese headers of the forms, and a JSON twin our names.
 */
import { type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { IncomeRecord } from '../tax/income-record.ts';
import type { Cell, Column, Table } from './table.ts';

export const INFO_STATUS = ['NEW', 'CHANGED', 'VOID'] as const;
export type InfoStatus = (typeof INFO_STATUS)[number];

/** A company is registered. Of who is not: small sporadic trade need not be, beyond its yearly line it is due. */
export const REGISTRATION_STATUS = ['REGISTERED', 'NONE_SMALL_SPORADIC', 'NONE_REGISTRATION_DUE'] as const;
export type RegistrationStatus = (typeof REGISTRATION_STATUS)[number];

export type SellerIdentity = {
  /** Never changes and is never given to another seller (CN-RPT-06). */
  readonly sellerCode: string;
  readonly name: string;
  readonly hasLicence: boolean;
  /** Unified social credit code, or the number of the identity document. */
  readonly taxId: string;
  readonly idType: 'USCC' | 'ID_CARD' | 'PASSPORT';
  readonly country: string;
  readonly phone: string;
  readonly address: string | null;
  readonly settlementAccount: string | null;
  readonly shopName: string;
  readonly shopUrl: string;
  readonly operationStart: string;
  readonly operationEnd: string | null;
  /** CN-RPT-12, CN-RPT-13: not a column of the form, so the JSON twin alone has it. */
  readonly registrationStatus: RegistrationStatus;
  readonly infoStatus: InfoStatus;
};
export type IdentityRow = { readonly [key in keyof SellerIdentity]: Cell };

const YES = '是';
const NO = '否';
const STATUS_WORD = { NEW: '新增', CHANGED: '变更', VOID: '作废' } as const satisfies Record<InfoStatus, string>;
const ID_TYPE_WORD = { USCC: '统一社会信用代码', ID_CARD: '居民身份证', PASSPORT: '护照' } as const satisfies Record<
  SellerIdentity['idType'],
  string
>;

const IDENTITY_COLUMNS: readonly Column<IdentityRow>[] = [
  { key: 'infoStatus', header: '信息状态标识' },
  { key: 'hasLicence', header: '是否已取得登记证照' },
  { key: 'name', header: '名称（姓名）' },
  { key: 'idType', header: '证件类型' },
  { key: 'taxId', header: '统一社会信用代码（证件号码）' },
  { key: 'country', header: '国家或地区' },
  { key: 'address', header: '地址' },
  { key: 'phone', header: '联系电话' },
  { key: 'shopName', header: '店铺（用户）名称' },
  { key: 'sellerCode', header: '店铺（用户）唯一标识码' },
  { key: 'shopUrl', header: '网址链接' },
  { key: 'settlementAccount', header: '结算账户' },
  { key: 'operationStart', header: '经营开始日期' },
  { key: 'operationEnd', header: '经营结束日期' },
];

/** Sorted by the code, so that the same facts in any order give the same file. */
export function identityTable(sellers: readonly SellerIdentity[]): Table<IdentityRow> {
  const rows = sellers
    .toSorted((a, b) => (a.sellerCode < b.sellerCode ? -1 : 1))
    .map(
      (seller): IdentityRow => ({
        ...seller,
        hasLicence: seller.hasLicence ? YES : NO,
        idType: ID_TYPE_WORD[seller.idType],
        infoStatus: STATUS_WORD[seller.infoStatus],
      }),
    );
  return { title: '平台内的经营者和从业人员身份信息报送表', columns: IDENTITY_COLUMNS, rows };
}

/** The platform about itself (CN-RPT-02): what its operator has put on record, never guessed. */
export type PlatformFacts = {
  readonly creditCode: string;
  readonly name: string;
  readonly domainNames: readonly string[];
  readonly appNames: readonly string[];
  readonly businessTypes: readonly string[];
  readonly operatingEntities: readonly { readonly creditCode: string; readonly name: string; readonly role: string }[];
  readonly licenceNo: string | null;
  readonly icpNo: string | null;
  readonly startDate: string;
  readonly endDate: string | null;
  readonly contactName: string;
  readonly contactPhone: string;
};
export type PlatformRow = {
  readonly [key in Exclude<keyof PlatformFacts, 'operatingEntities'> | 'entityCreditCode' | 'entityName' | 'entityRole']: Cell;
};

const PLATFORM_COLUMNS: readonly Column<PlatformRow>[] = [
  { key: 'creditCode', header: '统一社会信用代码' },
  { key: 'name', header: '平台企业名称' },
  { key: 'domainNames', header: '平台域名' },
  { key: 'appNames', header: '应用名称' },
  { key: 'businessTypes', header: '业务类型' },
  { key: 'entityCreditCode', header: '相关运营主体统一社会信用代码' },
  { key: 'entityName', header: '相关运营主体名称' },
  { key: 'entityRole', header: '相关运营主体业务' },
  { key: 'licenceNo', header: '增值电信业务经营许可证号' },
  { key: 'icpNo', header: 'ICP备案号' },
  { key: 'startDate', header: '开始经营日期' },
  { key: 'endDate', header: '终止经营日期' },
  { key: 'contactName', header: '联系人' },
  { key: 'contactPhone', header: '联系电话' },
];

/** One row for each entity that runs a part of it. */
export function platformTable({ operatingEntities, ...platform }: PlatformFacts): Table<PlatformRow> {
  const rows = operatingEntities.map(
    ({ creditCode, name, role }): PlatformRow => ({
      ...platform,
      domainNames: platform.domainNames.join('；'),
      appNames: platform.appNames.join('；'),
      businessTypes: platform.businessTypes.join('；'),
      entityCreditCode: creditCode,
      entityName: name,
      entityRole: role,
    }),
  );
  return { title: '互联网平台企业基本信息报送表', columns: PLATFORM_COLUMNS, rows };
}

export type SellerIncome = { readonly sellerCode: string; readonly name: string; readonly record: IncomeRecord };
export type IncomeRow = {
  readonly sellerCode: string;
  readonly name: string;
  readonly goodsGrossFen: Fen;
  readonly goodsRefundFen: Fen;
  readonly goodsNetFen: Fen;
  readonly intangibleGrossFen: Fen;
  readonly intangibleRefundFen: Fen;
  readonly intangibleNetFen: Fen;
  readonly serviceGrossFen: Fen;
  readonly serviceNetFen: Fen;
  readonly otherGrossFen: Fen;
  readonly otherRefundFen: Fen;
  readonly otherNetFen: Fen;
  readonly orderCount: number;
  readonly feesPaidFen: Fen;
};

const INCOME_COLUMNS: readonly Column<IncomeRow>[] = [
  { key: 'name', header: '名称（姓名）' },
  { key: 'sellerCode', header: '店铺（用户）唯一标识码' },
  { key: 'goodsGrossFen', header: '销售货物取得的收入总额', isMoney: true },
  { key: 'goodsRefundFen', header: '销售货物退款金额', isMoney: true },
  { key: 'goodsNetFen', header: '销售货物收入净额', isMoney: true },
  { key: 'intangibleGrossFen', header: '销售无形资产取得的收入总额', isMoney: true },
  { key: 'intangibleRefundFen', header: '销售无形资产退款金额', isMoney: true },
  { key: 'intangibleNetFen', header: '销售无形资产收入净额', isMoney: true },
  { key: 'serviceGrossFen', header: '销售服务取得的收入总额', isMoney: true },
  { key: 'serviceNetFen', header: '销售服务收入净额', isMoney: true },
  { key: 'otherGrossFen', header: '其他收入总额', isMoney: true },
  { key: 'otherRefundFen', header: '其他收入退款金额', isMoney: true },
  { key: 'otherNetFen', header: '其他收入净额', isMoney: true },
  { key: 'orderCount', header: '交易（订单）数量' },
  { key: 'feesPaidFen', header: '支付给平台的佣金、服务费等', isMoney: true },
];

/** Items are intangible (rulebook 3.2); the other kinds of income are zero on this market and stand as such on the form. */
export function incomeTable(sellers: readonly SellerIncome[]): Table<IncomeRow> {
  const rows = sellers
    .toSorted((a, b) => (a.sellerCode < b.sellerCode ? -1 : 1))
    .map(
      ({ sellerCode, name, record }): IncomeRow => ({
        sellerCode,
        name,
        goodsGrossFen: ZERO_FEN,
        goodsRefundFen: ZERO_FEN,
        goodsNetFen: ZERO_FEN,
        intangibleGrossFen: record.grossFen,
        intangibleRefundFen: record.refundFen,
        intangibleNetFen: record.netFen,
        serviceGrossFen: ZERO_FEN,
        serviceNetFen: ZERO_FEN,
        otherGrossFen: ZERO_FEN,
        otherRefundFen: ZERO_FEN,
        otherNetFen: ZERO_FEN,
        orderCount: record.orders,
        feesPaidFen: record.feesFen,
      }),
    );
  return { title: '平台内的经营者和从业人员收入信息报送表', columns: INCOME_COLUMNS, rows };
}

export type IncomeTotals = {
  readonly grossFen: Fen;
  readonly refundFen: Fen;
  readonly netFen: Fen;
  readonly orders: number;
  readonly feesFen: Fen;
};

export function incomeTotals(sellers: readonly SellerIncome[]): IncomeTotals {
  const sum = (pick: (record: IncomeRecord) => Fen) => fen(sellers.reduce((total, { record }) => total + pick(record), 0n));
  return {
    grossFen: sum((record) => record.grossFen),
    refundFen: sum((record) => record.refundFen),
    netFen: sum((record) => record.netFen),
    feesFen: sum((record) => record.feesFen),
    orders: sellers.reduce((total, { record }) => total + record.orders, 0),
  };
}
