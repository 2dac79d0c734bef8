/**
 * The published schemas of our own report documents (product V-24): one for each name and version that a document's `schema` field gives.
 * JSON Schema 2020-12, made from these parsers, served under `/schemas/`. A change of a document's shape is a new version here.
 */
import { z } from 'zod';

const count = z.int().min(0);
const digits = z.string().regex(/^-?\d+$/);
const money = z.string().regex(/^-?\d+\.\d\d$/);
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const anyHex = z.string().regex(/^(?:[0-9a-f]{2})+$/);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
const date = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const quarter = z.string().regex(/^\d{4}-Q[1-4]$/);
const period = z.string().regex(/^\d{4}(?:-Q[1-4]|-\d\d(?:-\d\d)?)?$/);
const percent = z
  .string()
  .regex(/^\d+\.\d$/)
  .nullable();
const texts = z.strictObject({ zh: z.string(), en: z.string() });
const feed = z.strictObject({
  room: z.enum(['sup:tax', 'sup:market', 'sup:finance', 'sup:all']),
  first: count.nullable(),
  last: count.nullable(),
  count,
});

const manifest = z.strictObject({
  schema: z.literal('daoju.report/1'),
  kind: z.string(),
  period,
  from: time,
  before: time,
  version: z.int().min(1),
  amends: z
    .string()
    .regex(/^rep_[0-9a-f]{32}$/)
    .nullable(),
  chain: hex(32),
  height: digits,
  headerHash: hex(32),
  cutoff: time,
  counts: z.record(z.string(), digits),
  completeness: feed,
  files: z.array(z.strictObject({ name: z.string(), mediaType: z.string(), size: count, sm3: hex(32) })).min(1),
});

const UNREGISTERED = ['NONE_SMALL_SPORADIC', 'NONE_REGISTRATION_DUE'] as const;
const decreeTotals = z.strictObject({
  sellers: digits,
  identities: digits,
  orders: digits,
  grossFen: digits,
  refundFen: digits,
  netFen: digits,
  feesFen: digits,
});
const sellerIdentity = z.strictObject({
  sellerCode: z.string().min(1),
  name: z.string(),
  hasLicence: z.enum(['是', '否']),
  taxId: z.string(),
  idType: z.enum(['统一社会信用代码', '居民身份证', '护照']),
  country: z.string().regex(/^[A-Z]{2}$/),
  phone: z.string(),
  address: z.string().nullable(),
  settlementAccount: z.string().nullable(),
  shopName: z.string(),
  shopUrl: z.string(),
  operationStart: date,
  operationEnd: date.nullable(),
  registrationStatus: z.enum(UNREGISTERED),
  infoStatus: z.enum(['新增', '变更', '作废']),
});
const sellerIncome = z.strictObject({
  sellerCode: z.string().min(1),
  name: z.string(),
  goodsGrossFen: digits,
  goodsRefundFen: digits,
  goodsNetFen: digits,
  intangibleGrossFen: digits,
  intangibleRefundFen: digits,
  intangibleNetFen: digits,
  serviceGrossFen: digits,
  serviceNetFen: digits,
  otherGrossFen: digits,
  otherRefundFen: digits,
  otherNetFen: digits,
  orderCount: count,
  feesPaidFen: digits,
});
const decree = z.strictObject({
  schema: z.literal('daoju.decree-810/1'),
  period: quarter,
  totals: decreeTotals,
  identity: z.array(sellerIdentity),
  income: z.array(sellerIncome),
});
/** With the platform about itself, and companies among the sellers. */
const decreeWithPlatform = z.strictObject({
  schema: z.literal('daoju.decree-810/2'),
  period: quarter,
  totals: decreeTotals,
  platform: z.array(
    z.strictObject({
      creditCode: z.string().min(1),
      name: z.string().min(1),
      domainNames: z.string(),
      appNames: z.string(),
      businessTypes: z.string(),
      entityCreditCode: z.string().min(1),
      entityName: z.string().min(1),
      entityRole: z.string(),
      licenceNo: z.string().nullable(),
      icpNo: z.string().nullable(),
      startDate: date,
      endDate: date.nullable(),
      contactName: z.string(),
      contactPhone: z.string(),
    }),
  ),
  identity: z.array(sellerIdentity.extend({ registrationStatus: z.enum(['REGISTERED', ...UNREGISTERED]) })),
  income: z.array(sellerIncome),
});

const party = z.strictObject({ PartyID: z.string().min(1), PartyIDSource: z.literal('D'), PartyRole: z.enum(['3', '17']) });
const buyer = z.strictObject({ Side: z.literal('1'), NoPartyIDs: z.array(party).length(1) });
const seller = z.strictObject({
  Side: z.literal('2'),
  OrderID: z.string().min(1),
  NoPartyIDs: z.array(party).length(2),
  Commission: money,
  CommType: z.literal('3'),
  NoMiscFees: z.array(z.strictObject({ MiscFeeAmt: money, MiscFeeType: z.enum(['2', '7']) })).length(2),
});
const trades = z.strictObject({
  schema: z.literal('daoju.trade-report/1'),
  period: day,
  reports: z.array(
    z.strictObject({
      MsgType: z.literal('AE'),
      TradeReportID: z.string().min(1),
      TradeID: z.union([hex(32), z.literal('')]),
      TradeReportTransType: z.enum(['0', '1', '2']),
      PreviouslyReported: z.literal('N'),
      Symbol: z.string().min(1),
      SecurityID: z.string(),
      SecurityIDSource: z.literal('99'),
      LastQty: z.string().regex(/^[1-9]\d*$/),
      LastPx: money,
      Currency: z.literal('CNY'),
      TradeDate: z.string().regex(/^\d{8}$/),
      TransactTime: time,
      GrossTradeAmt: money,
      NoSides: z.array(z.union([buyer, seller])).length(2),
      Text: z.string(),
    }),
  ),
});

const counted = (name: string) => z.array(z.strictObject({ [name]: z.string(), count }));
const alerts = { raised: count, triaged: count, toCase: count, dismissed: count, waiting: count, precision: percent };
const surveillance = z.strictObject({
  schema: z.literal('daoju.surveillance-summary/1'),
  period: quarter,
  feed,
  totals: z.strictObject({ trades: count, ...alerts }),
  detectors: z.array(z.strictObject({ detector: z.string().min(1), title: texts, ...alerts })),
  labels: counted('label'),
  cases: z.strictObject({ opened: counted('topic'), closed: counted('outcome'), openAtEnd: count }),
  freezes: z.strictObject({ set: counted('scope'), ended: counted('as') }),
  halts: z.strictObject({ set: counted('scope') }),
});

const access = z.strictObject({
  schema: z.literal('daoju.access-summary/2'),
  period: quarter,
  feed,
  acts: z.array(z.strictObject({ role: z.string(), act: z.string(), count })),
  totals: z.strictObject({ entries: count, asked: count, opened: count, reads: count, told: count, sealings: count }),
  byRole: z.array(z.strictObject({ role: z.string(), asked: count, opened: count, reads: count })),
  openings: z.array(
    z.strictObject({
      openingId: z.string(),
      caseId: z.string(),
      topic: z.string(),
      legalGround: z.string(),
      scope: z.array(z.string()),
      askedRole: z.string(),
      askedAt: time,
      approvedRole: z.string().nullable(),
      approvedAt: time.nullable(),
      txId: hex(32).nullable(),
      reads: count,
      told: z.boolean(),
    }),
  ),
});

const head = z.strictObject({
  schema: z.literal('daoju.ledger-head/1'),
  at: time,
  checkpoint: z.strictObject({
    height: digits,
    logSize: digits,
    logRoot: hex(32),
    stateRoot: hex(32),
    header: anyHex,
    finality: anyHex,
    signers: z.array(z.string()),
  }),
});

const largeValue = z.strictObject({
  schema: z.literal('daoju.large-value/1'),
  day,
  packHash: hex(32).nullable(),
  reached: z.array(
    z.strictObject({
      ref: z.string().min(1),
      scope: z.enum(['natural', 'entity', 'cross_border']),
      direction: z.enum(['in', 'out']),
      sumFen: digits,
      lineFen: digits,
      count,
      reachedAt: time,
    }),
  ),
});

export const REPORT_SCHEMAS = {
  'daoju.report/1': manifest,
  'daoju.decree-810/1': decree,
  'daoju.decree-810/2': decreeWithPlatform,
  'daoju.trade-report/1': trades,
  'daoju.surveillance-summary/1': surveillance,
  'daoju.access-summary/2': access,
  'daoju.ledger-head/1': head,
  'daoju.large-value/1': largeValue,
} as const;
export type ReportSchemaName = keyof typeof REPORT_SCHEMAS;

export const SCHEMAS_PREFIX = '/schemas/';

function isReportSchemaName(text: string): text is ReportSchemaName {
  return Object.hasOwn(REPORT_SCHEMAS, text);
}

/** `daoju.report/1` lies at `/schemas/daoju.report-1.json`. */
export function schemaPath(name: string): string {
  return `${SCHEMAS_PREFIX}${name.replace('/', '-')}.json`;
}

/** By its path; null: there is none. */
export function findSchema(path: string): Readonly<Record<string, unknown>> | null {
  const name = Object.keys(REPORT_SCHEMAS).find((each) => schemaPath(each) === path);
  return name === undefined || !isReportSchemaName(name) ? null : publishedSchema(name);
}

export function publishedSchema(name: ReportSchemaName): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(REPORT_SCHEMAS[name]), $id: schemaPath(name), title: name };
}

/** A document is held to the schema that it names itself; an unknown name is none. */
export function keepsSchema(document: unknown): boolean {
  const named = z.looseObject({ schema: z.string() }).safeParse(document);
  return named.success && isReportSchemaName(named.data.schema) && REPORT_SCHEMAS[named.data.schema].safeParse(document).success;
}

export function parseManifest(text: string): z.infer<typeof manifest> {
  return manifest.parse(JSON.parse(text));
}
