/** The engine-neutral rule pack (rulebook 11): plain data with dates, citations and confidence. What is hashed is this document in
 *  RFC 8785 form. Packs are written as typed source in a folder per jurisdiction; no other folder names a country. */
import type { RoundingMode } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';

export type Confidence = 'VERIFIED' | 'KNOWN' | 'UNSURE' | 'DESIGN';
export type Frac = `${bigint}/${bigint}`;
export const TX_TYPES = ['PRIMARY', 'P2P', 'P2B', 'GIFT', 'ROYALTY', 'FEE'] as const;
export type TxType = (typeof TX_TYPES)[number];
export const ROLES = ['SELLER', 'BUYER', 'STUDIO', 'PLATFORM'] as const;
export type Role = (typeof ROLES)[number];
export const LINE_TYPES = ['VAT', 'SURTAX', 'INCOME', 'STAMP'] as const;
export type LineType = (typeof LINE_TYPES)[number];
export type Texts = { readonly zh: string; readonly en: string };

export type Operand = { readonly ref: string };
export type Cond =
  | { readonly all: readonly Cond[] }
  | { readonly any: readonly Cond[] }
  | { readonly not: Cond }
  | {
      readonly path: string;
      readonly op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte' | 'in';
      readonly value: string | boolean | Operand | readonly string[];
    };
/** `bracket` takes an amount and `{ ref: 'scale.ID' }` and stays exact; `mulFrac` and `netOfRate` round. */
export const OPERATORS = ['add', 'sub', 'mulFrac', 'netOfRate', 'maxZero', 'bracket', 'if'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Expr = { readonly const: string } | Operand | { readonly op: Operator; readonly args: readonly Expr[] };

export type Sourced = { readonly citation: string; readonly confidence: Confidence };

export type PackLine = Sourced & {
  readonly id: string;
  readonly type: LineType;
  /** Short column name of the line in tables and vectors. */
  readonly kind: string;
  readonly ruleId: string;
  readonly name: Texts;
  readonly txTypes: readonly TxType[];
  readonly payer: Role;
  /** Not met: the line stands with amount 0. */
  readonly when?: Cond;
  readonly base: Expr;
  readonly rate: Expr;
  /** `ON_BASE`: rate times base. Default of a VAT line is `INCLUSIVE` (splits a tax-inclusive price), of every other `ON_BASE`. */
  readonly method?: 'INCLUSIVE' | 'ON_BASE';
  readonly reduce?: Frac | Operand;
  readonly floorZero?: boolean;
  readonly dueRule: string;
};

/** A value that lines refer to, computed after the line named in `after` (all values in order of the list). */
export type PackValue = Sourced & {
  readonly id: string;
  readonly ruleId: string;
  readonly name: Texts;
  readonly txTypes: readonly TxType[];
  readonly when?: Cond;
  /** Computed once every line of these types is known. */
  readonly after: readonly LineType[];
  readonly value: Expr;
};

export const SUBJECTS = ['SELLER_PERSON', 'BUYER_PERSON', 'SHOP', 'CLUSTER'] as const;
export const MEASURES = ['SALES_GROSS', 'SALES_NET', 'COUNT', 'PAY_IN', 'PAY_OUT'] as const;
export const WINDOWS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'HALF_YEAR', 'YEAR', 'ROLLING_12M'] as const;
export type WindowName = (typeof WINDOWS)[number];
export const CALENDAR_WINDOWS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'HALF_YEAR', 'YEAR'] as const;
export type CalendarWindow = (typeof CALENDAR_WINDOWS)[number];
export type Aggregate = {
  readonly id: string;
  readonly subject: (typeof SUBJECTS)[number];
  readonly measure: (typeof MEASURES)[number];
  readonly window: WindowName | { readonly tradingDays: number };
};

/** A ceiling on what a person does in a window: above it the attempt is denied until the next window. */
export type CapRule = Sourced & {
  readonly id: string;
  readonly ruleId: string;
  readonly subject: 'SELLER_PERSON' | 'BUYER_PERSON';
  readonly measure: 'SALES_GROSS' | 'COUNT' | 'PAY_IN';
  readonly window: CalendarWindow;
  /** Name of the constant that holds the ceiling. */
  readonly max: string;
  /** The ceiling itself is still allowed. */
  readonly inclusive: boolean;
  readonly onExceed: 'BLOCK_UNTIL_NEXT_WINDOW';
};

/** Who is reported for a period: facts `count` and `gross` (or `consideration`) of one person and activity. */
export type ReportRule = Sourced & {
  readonly id: string;
  readonly ruleId: string;
  readonly period: 'QUARTER' | 'YEAR';
  readonly due: string;
  readonly format: string;
  /** What each kind of trade counts as; `null`: out of scope. */
  readonly activities: Readonly<Record<string, string | null>>;
  /** A switch that, when on, gives out-of-scope kinds this activity. */
  readonly extension?: { readonly switch: string; readonly activity: string };
  readonly include?: Cond;
  readonly exclude?: Cond;
};

/** Rate table: `x * rate - quick` of the bracket that holds x, upper ends inclusive, the last one open. */
export type Scale = Sourced & {
  readonly ruleId: string;
  readonly name: Texts;
  readonly brackets: readonly { readonly upTo: string | null; readonly rate: string; readonly quick: string }[];
};

/** One step of a figure. The first step of an id whose `when` holds is computed, later ones of that id are alternatives. */
export type FigureStep = Sourced & {
  readonly id: string;
  readonly ruleId: string;
  readonly name: Texts;
  readonly when?: Cond;
  readonly value: Expr;
  /** Divides the value, exactly. */
  readonly over?: Expr;
  /** Nothing is rounded here: a later step does. */
  readonly exact?: boolean;
};

export type FigureInput = {
  readonly name: Texts;
  readonly unit: 'fen' | 'count' | 'word' | 'switch';
  readonly allowed?: readonly string[];
  /** Used where the input is absent; without one it must be given. */
  readonly default?: string;
};

/** A figure that is not one trade's: a return of a period, a yearly tax, a withholding, a duty, a surcharge. */
export type Figure = {
  readonly id: string;
  readonly name: Texts;
  readonly inputs: Readonly<Record<string, FigureInput>>;
  /** Computed for each unit of a list of supplies (fact `unit`), times its count, and summed as `units.ID`. */
  readonly perUnit?: Readonly<Record<string, Expr>>;
  /** For months of a year: inputs summed from the first month, and steps summed up to the month before, both as `cum.NAME`. */
  readonly cumulative?: { readonly inputs: readonly string[]; readonly steps: readonly string[] };
  readonly steps: readonly FigureStep[];
};

/** When something is due, counted from the month of the event or the last month of the period. */
export type DueRule = Sourced & {
  readonly ruleId: string;
  readonly monthsLater: number;
  /** Only for a fixed date of a later year: `06-30`. */
  readonly yearsLater?: number;
  readonly on: string;
  /** Moved by rest days and long holidays (tax filings), or not (reports). */
  readonly moves: boolean;
};

export const MECHANISMS = [
  'FIXED_PRICE',
  'NEGOTIATED',
  'PRICE_TIME_MATCH',
  'CALL_AUCTION',
  'MARKET_MAKER',
  'STANDARD_CONTRACT',
  'AUCTION',
] as const;
export type MechanismName = (typeof MECHANISMS)[number];
export type MechanismRule = Sourced & {
  readonly value: boolean;
  readonly statutory: boolean;
  readonly stricterIs: 'FALSE';
  readonly grantable: boolean;
  readonly ruleId: string;
};

export type TradingRules = {
  readonly matching: Readonly<Record<MechanismName, MechanismRule>>;
  readonly minAge: { readonly secondary: number } & Sourced & { readonly ruleId: string };
  /** Real-name levels in ascending order, and what each act needs. */
  readonly levels: {
    readonly order: readonly string[];
    readonly primary: string;
    readonly secondary: string;
    readonly secondaryAboveDay: { readonly level: string; readonly constant: string };
    readonly ruleId: string;
  } & Sourced;
  /** Where rules without a figure of their own come from. */
  readonly sources: Readonly<Record<'packDates' | 'approval' | 'issuer' | 'gift', Sourced & { readonly ruleId: string }>>;
  readonly unitPrice: { readonly minConstant: string; readonly maxConstant: string; readonly ruleId: string } & Sourced;
  /** Only inside an experiment that tries the wait before a resale; no document says it. */
  readonly waitsForEveryKind?: true;
};

export type MinorRules = Sourced & {
  readonly ruleId: string;
  readonly adultAge: number;
  /** Ages `from` to `to` inclusive; `null` limits: no purchase at all. */
  readonly bands: readonly {
    readonly from: number;
    readonly to: number;
    readonly single: string | null;
    readonly month: string | null;
  }[];
};

/** How the window that decides an exemption is chosen: the value of a switch picks the aggregate. */
export type ThresholdWindow = {
  readonly switch: string;
  readonly choices: Readonly<Record<string, { readonly aggregate: string; readonly threshold: string }>>;
  readonly txTypes: readonly TxType[];
};

export type WithholdingRule = Sourced & {
  readonly ruleId: string;
  readonly txTypes: readonly TxType[];
  readonly lineTypes: readonly LineType[];
  readonly when?: Cond;
};

export type Calendar = Sourced & {
  /** Year to its dates: weekdays without work, and weekend days with work. Years not listed know only weekends and `fixed`. */
  readonly years: Readonly<Record<string, { readonly closed: readonly string[]; readonly open: readonly string[] }>>;
  readonly fixed: readonly string[];
};

export type Selector = string | { readonly fact: string; readonly constants: Readonly<Record<string, string>> };

export type RulePack = {
  readonly schema: 'daoju.rule-pack/1';
  readonly id: string;
  readonly version: string;
  readonly parent?: string;
  readonly effectiveFrom: string;
  /** Last day on which the pack assesses. */
  readonly effectiveTo: string;
  readonly currency: string;
  readonly minor: 0 | 2 | 3;
  readonly timezone: string;
  readonly holidays: Calendar;
  readonly rounding: { readonly mode: RoundingMode; readonly level: 'TAX_LINE' };
  readonly constants: Readonly<Record<string, Parameter>>;
  /** A constant read as `const.name`: the fact that picks it, as `name.VALUE` or by the table of names. */
  readonly selectors: Readonly<Record<string, Selector>>;
  readonly aggregates: readonly Aggregate[];
  /** Absent where no exemption hangs on a window. */
  readonly thresholdWindow?: ThresholdWindow;
  /** Sources of the two shares taken from the price, for the trace. */
  readonly shares: Readonly<Record<'fee' | 'royalty', Sourced & { readonly ruleId: string }>>;
  readonly lines: readonly PackLine[];
  readonly values: readonly PackValue[];
  readonly withholding: readonly WithholdingRule[];
  readonly scales?: Readonly<Record<string, Scale>>;
  readonly figures?: readonly Figure[];
  readonly dueRules?: Readonly<Record<string, DueRule>>;
  readonly reporting?: readonly ReportRule[];
  readonly caps?: readonly CapRule[];
  readonly trading: TradingRules;
  readonly minors: MinorRules;
};
