/** The grammar of a pack document (rulebook 11), field by field. What it means is checked in `check-pack.ts`. */

import type { Parameter } from '../parameters/parameter.ts';
import { date, either, entriesOf, flag, list, nullable, object, oneOf, pattern, type Read, record, refuse, text, whole } from './read.ts';
import {
  CALENDAR_WINDOWS,
  type Calendar,
  type CapRule,
  type Cond,
  type DueRule,
  type Expr,
  type Figure,
  type FigureInput,
  LINE_TYPES,
  MEASURES,
  OPERATORS,
  type PackLine,
  type ReportRule,
  ROLES,
  type RulePack,
  SUBJECTS,
  TX_TYPES,
  WINDOWS,
} from './rule-pack.ts';

const DEPTH_MAX = 24;
const depthOf = (path: string) => path.split(/[.[]/).length;

const isText = (value: unknown) => typeof value === 'string';
const confidence = oneOf(['VERIFIED', 'KNOWN', 'UNSURE', 'DESIGN'] as const);
const name = pattern(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'a name');
const id = pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an id');
const number = pattern(/^-?(?:\d{1,20}\/[1-9]\d{0,19}|\d{1,20}(?:\.\d{1,18})?)$/, 'a fraction like 7/100, a decimal or digits');
const texts = object({ zh: text, en: text }, {});
const sourced = { citation: text, confidence } as const;
const ruled = { ...sourced, ruleId: id } as const;
const operand = object({ ref: name }, {});

export const expression: Read<Expr> = (value, path) => {
  if (depthOf(path) > DEPTH_MAX) throw refuse(path, 'an expression that is not nested so deep');
  const keys = entriesOf(value, path);
  if (keys.has('const')) return object({ const: number }, {})(value, path);
  if (keys.has('ref')) return operand(value, path);
  return object({ op: oneOf(OPERATORS), args: list(expression) }, {})(value, path);
};

const comparison = object(
  {
    path: name,
    op: oneOf(['eq', 'lt', 'lte', 'gt', 'gte', 'in'] as const),
    value: either(
      isText,
      text,
      either((value) => typeof value === 'boolean', flag, either(Array.isArray, list(text), operand)),
    ),
  },
  {},
);

export const condition: Read<Cond> = (value, path) => {
  if (depthOf(path) > DEPTH_MAX) throw refuse(path, 'a condition that is not nested so deep');
  const keys = entriesOf(value, path);
  if (keys.has('all')) return object({ all: list(condition) }, {})(value, path);
  if (keys.has('any')) return object({ any: list(condition) }, {})(value, path);
  if (keys.has('not')) return object({ not: condition }, {})(value, path);
  return comparison(value, path);
};

const parameter: Read<Parameter> = object(
  {
    ruleId: id,
    value: text,
    unit: oneOf(['fen', 'rate', 'days', 'count', 'switch'] as const),
    ...sourced,
    asOf: date,
    effectiveFrom: date,
    effectiveTo: nullable(date),
    statutory: flag,
  },
  { name: texts, stricterIs: oneOf(['LOWER', 'HIGHER', 'FALSE', 'TRUE'] as const), grantable: flag, allowed: list(text) },
);

const line: Read<PackLine> = object(
  {
    id: name,
    type: oneOf(LINE_TYPES),
    kind: name,
    ...ruled,
    name: texts,
    txTypes: list(oneOf(TX_TYPES)),
    payer: oneOf(ROLES),
    base: expression,
    rate: expression,
    dueRule: name,
  },
  {
    when: condition,
    method: oneOf(['INCLUSIVE', 'ON_BASE'] as const),
    reduce: either(isText, fraction, operand),
    floorZero: flag,
  },
);

function fraction(value: unknown, path: string): `${bigint}/${bigint}` {
  const found = typeof value === 'string' ? /^(\d{1,18})\/([1-9]\d{0,17})$/.exec(value) : null;
  if (found === null) throw refuse(path, 'a fraction like 1/2');
  return `${BigInt(found[1] ?? '')}/${BigInt(found[2] ?? '')}`;
}

const packValue = object(
  { id: name, ...ruled, name: texts, txTypes: list(oneOf(TX_TYPES)), after: list(oneOf(LINE_TYPES)), value: expression },
  { when: condition },
);

const figureInput: Read<FigureInput> = object(
  { name: texts, unit: oneOf(['fen', 'count', 'word', 'switch'] as const) },
  { allowed: list(text), default: text },
);

const figure: Read<Figure> = object(
  {
    id: name,
    name: texts,
    inputs: record(figureInput),
    steps: list(object({ id: name, ...ruled, name: texts, value: expression }, { when: condition, over: expression, exact: flag })),
  },
  { perUnit: record(expression), cumulative: object({ inputs: list(name), steps: list(name) }, {}) },
);

const aggregate = object(
  {
    id: name,
    subject: oneOf(SUBJECTS),
    measure: oneOf(MEASURES),
    window: either(isText, oneOf(WINDOWS), object({ tradingDays: whole }, {})),
  },
  {},
);

const cap: Read<CapRule> = object(
  {
    id,
    ...ruled,
    subject: oneOf(['SELLER_PERSON', 'BUYER_PERSON'] as const),
    measure: oneOf(['SALES_GROSS', 'COUNT', 'PAY_IN'] as const),
    window: oneOf(CALENDAR_WINDOWS),
    max: name,
    inclusive: flag,
    onExceed: oneOf(['BLOCK_UNTIL_NEXT_WINDOW'] as const),
  },
  {},
);

const dueRule: Read<DueRule> = object(
  { ...ruled, monthsLater: whole, on: pattern(/^(?:END|[0-3]\d|[01]\d-[0-3]\d)$/, 'a day, month and day, or END'), moves: flag },
  { yearsLater: whole },
);

const report: Read<ReportRule> = object(
  {
    id,
    ...ruled,
    period: oneOf(['QUARTER', 'YEAR'] as const),
    due: name,
    format: text,
    activities: record(nullable(text)),
  },
  { extension: object({ switch: name, activity: text }, {}), include: condition, exclude: condition },
);

const mechanism = object({ value: flag, statutory: flag, stricterIs: oneOf(['FALSE'] as const), grantable: flag, ...ruled }, {});
const rules = object(ruled, {});

const trading: Read<RulePack['trading']> = object(
  {
    matching: object(
      {
        FIXED_PRICE: mechanism,
        NEGOTIATED: mechanism,
        PRICE_TIME_MATCH: mechanism,
        CALL_AUCTION: mechanism,
        MARKET_MAKER: mechanism,
        STANDARD_CONTRACT: mechanism,
        AUCTION: mechanism,
      },
      {},
    ),
    minAge: object({ secondary: whole, ...ruled }, {}),
    levels: object(
      { order: list(name), primary: name, secondary: name, secondaryAboveDay: object({ level: name, constant: name }, {}), ...ruled },
      {},
    ),
    sources: object({ packDates: rules, approval: rules, issuer: rules, gift: rules }, {}),
    unitPrice: object({ minConstant: name, maxConstant: name, ...ruled }, {}),
  },
  {},
);

const minors = object(
  {
    ...ruled,
    adultAge: whole,
    bands: list(object({ from: whole, to: whole, single: nullable(name), month: nullable(name) }, {})),
  },
  {},
);

const calendar: Read<Calendar> = object(
  {
    ...sourced,
    years: record(object({ closed: list(date), open: list(date) }, {})),
    fixed: list(pattern(/^[01]\d-[0-3]\d$/, 'month and day')),
  },
  {},
);

export const packDocument: Read<RulePack> = object(
  {
    schema: oneOf(['daoju.rule-pack/1'] as const),
    id: pattern(/^[A-Z][A-Z0-9-]{1,15}$/, 'a jurisdiction like CN'),
    version: pattern(/^\d{4}\.\d{1,4}(?:-[a-z0-9]{1,16})?$/, 'a version like 2026.2'),
    effectiveFrom: date,
    effectiveTo: date,
    currency: pattern(/^[A-Z]{3}$/, 'a currency code'),
    minor: oneOf([0, 2, 3] as const),
    timezone: text,
    holidays: calendar,
    rounding: object({ mode: oneOf(['HALF_UP', 'FLOOR', 'HALF_EVEN'] as const), level: oneOf(['TAX_LINE'] as const) }, {}),
    constants: record(parameter),
    selectors: record(either(isText, name, object({ fact: name, constants: record(name) }, {}))),
    aggregates: list(aggregate),
    shares: object({ fee: rules, royalty: rules }, {}),
    lines: list(line),
    values: list(packValue),
    withholding: list(object({ ...ruled, txTypes: list(oneOf(TX_TYPES)), lineTypes: list(oneOf(LINE_TYPES)) }, { when: condition })),
    trading,
    minors,
  },
  {
    parent: pattern(/^[0-9a-f]{64}$/, 'the hash of a pack'),
    thresholdWindow: object(
      { switch: name, choices: record(object({ aggregate: name, threshold: name }, {})), txTypes: list(oneOf(TX_TYPES)) },
      {},
    ),
    scales: record(
      object({ ...ruled, name: texts, brackets: list(object({ upTo: nullable(number), rate: number, quick: number }, {})) }, {}),
    ),
    figures: list(figure),
    dueRules: record(dueRule),
    reporting: list(report),
    caps: list(cap),
  },
);
