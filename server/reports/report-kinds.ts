/** The reports there are (product V-24): for whom, over which period, when due. The one list that jobs, doors and pages read. */
import type { ReportDue } from '#sandbox/reports/due.ts';
import type { PeriodKind } from '#sandbox/reports/period.ts';
import type { StaffRole } from '#server/trpc/views.ts';

type KindFacts = {
  readonly period: PeriodKind;
  /** Who may order and read it; the operator, who owes it to them, may too. */
  readonly role: StaffRole;
  /** The feed whose messages of the period the report counts. */
  readonly room: 'sup:tax' | 'sup:market' | 'sup:finance' | 'sup:all';
  readonly name: { readonly zh: string; readonly en: string };
  /** Made by itself once the period is over. */
  readonly isScheduled: boolean;
  /** Until when its authority has to have it. */
  readonly due: ReportDue;
  /** Our published schema of its JSON file, and none where the format is another's. */
  readonly schema: string | null;
};

const NEXT_DAY = { by: 'next_day' } as const;
const MONTH_AFTER = { by: 'month_after' } as const;
/** PBoC Order 3 of 2016: from the day of the transaction on. */
const FIVE_WORKING_DAYS = { by: 'working_days', days: 5 } as const;

export const REPORT_KINDS = {
  'decree-810': {
    period: 'quarter',
    role: 'sup_tax',
    room: 'sup:tax',
    name: { zh: '平台内经营者身份与收入（国令第810号）', en: 'Identity and income of sellers (Decree 810)' },
    isScheduled: true,
    due: { by: 'law', rule: 'QUARTER_REPORT', otherwise: 'month_after' },
    schema: 'daoju.decree-810/2',
  },
  'oecd-dpi': {
    period: 'year',
    role: 'sup_tax',
    room: 'sup:tax',
    name: { zh: 'OECD 平台运营商报告（DPI XML 1.0）', en: 'OECD platform operators’ report (DPI XML 1.0)' },
    isScheduled: true,
    due: MONTH_AFTER,
    schema: null,
  },
  'auth-034': {
    period: 'day',
    role: 'sup_tax',
    room: 'sup:tax',
    name: { zh: '逐笔税务报告（ISO 20022 auth.034）', en: 'Taxes of each trade (ISO 20022 auth.034)' },
    isScheduled: true,
    due: NEXT_DAY,
    schema: null,
  },
  'camt-053': {
    period: 'day',
    role: 'sup_finance',
    room: 'sup:finance',
    name: { zh: '客户资金日终对账单（camt.053）', en: 'Customers’ money, end of day (camt.053)' },
    isScheduled: true,
    due: NEXT_DAY,
    schema: null,
  },
  'camt-054': {
    period: 'day',
    role: 'sup_finance',
    room: 'sup:finance',
    name: { zh: '客户资金收付通知（camt.054）', en: 'Customers’ money, each movement (camt.054)' },
    isScheduled: true,
    due: NEXT_DAY,
    schema: null,
  },
  'large-value': {
    period: 'day',
    role: 'sup_finance',
    room: 'sup:finance',
    name: { zh: '大额交易（支付机构应报告，CN-AML-03）', en: 'Large payments that the institution has to report (CN-AML-03)' },
    isScheduled: true,
    due: FIVE_WORKING_DAYS,
    schema: 'daoju.large-value/1',
  },
  journal: {
    period: 'day',
    role: 'sup_finance',
    room: 'sup:finance',
    name: { zh: '平台复式账（CSV 与纯文本账）', en: 'Our double entry (CSV and plain-text accounting)' },
    isScheduled: true,
    due: NEXT_DAY,
    schema: null,
  },
  'trade-report': {
    period: 'day',
    role: 'sup_market',
    room: 'sup:market',
    name: { zh: '成交报告（FIX 35=AE 字段）', en: 'Trade report (fields of FIX 35=AE)' },
    isScheduled: true,
    due: NEXT_DAY,
    schema: 'daoju.trade-report/1',
  },
  'surveillance-summary': {
    period: 'quarter',
    role: 'sup_market',
    room: 'sup:market',
    name: { zh: '市场监测季报', en: 'Surveillance, quarterly' },
    isScheduled: true,
    due: MONTH_AFTER,
    schema: 'daoju.surveillance-summary/1',
  },
  'access-summary': {
    period: 'quarter',
    role: 'auditor',
    room: 'sup:all',
    name: { zh: '监管访问记录季报', en: 'Records of supervisors’ access, quarterly' },
    isScheduled: true,
    due: MONTH_AFTER,
    schema: 'daoju.access-summary/2',
  },
  'ledger-head': {
    period: 'day',
    role: 'auditor',
    room: 'sup:all',
    name: { zh: '账本检查点与成员签名', en: 'Ledger head with the members’ signatures' },
    isScheduled: false,
    due: NEXT_DAY,
    schema: 'daoju.ledger-head/1',
  },
} as const satisfies Record<string, KindFacts>;

export type ReportKind = keyof typeof REPORT_KINDS;

export function isReportKind(text: string): text is ReportKind {
  return Object.hasOwn(REPORT_KINDS, text);
}

export function mayRead(kind: ReportKind, role: StaffRole): boolean {
  return role === 'operator' || REPORT_KINDS[kind].role === role;
}
