/** The engine-neutral rule pack (rulebook 11): plain data with dates, citations and confidence. What is hashed is this document in
 *  RFC 8785 form. Packs are written as typed source in a folder per jurisdiction; no other folder names a country. */
import type { RoundingMode } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';

export type Confidence = 'VERIFIED' | 'KNOWN' | 'UNSURE' | 'DESIGN';
export type Frac = `${bigint}/${bigint}`;
export type TxType = 'PRIMARY' | 'P2P' | 'P2B' | 'GIFT' | 'ROYALTY' | 'FEE';
export type Role = 'SELLER' | 'BUYER' | 'STUDIO' | 'PLATFORM';
export type LineType = 'VAT' | 'SURTAX' | 'INCOME' | 'STAMP';
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
export type Operator = 'add' | 'sub' | 'mulFrac' | 'netOfRate' | 'maxZero' | 'bracket' | 'if';
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

export type Aggregate = {
  readonly id: string;
  readonly subject: 'SELLER_PERSON' | 'BUYER_PERSON' | 'SHOP' | 'CLUSTER';
  readonly measure: 'SALES_GROSS' | 'SALES_NET' | 'COUNT' | 'PAY_IN' | 'PAY_OUT';
  readonly window: 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'HALF_YEAR' | 'YEAR' | 'ROLLING_12M' | { readonly tradingDays: number };
};

export type MechanismName =
  | 'FIXED_PRICE'
  | 'NEGOTIATED'
  | 'PRICE_TIME_MATCH'
  | 'CALL_AUCTION'
  | 'MARKET_MAKER'
  | 'STANDARD_CONTRACT'
  | 'AUCTION';
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
  /** A constant read as `const.name` although only `name.VALUE` exist: the fact that picks the VALUE. */
  readonly selectors: Readonly<Record<string, string>>;
  readonly aggregates: readonly Aggregate[];
  readonly thresholdWindow: ThresholdWindow;
  /** Sources of the two shares taken from the price, for the trace. */
  readonly shares: Readonly<Record<'fee' | 'royalty', Sourced & { readonly ruleId: string }>>;
  readonly lines: readonly PackLine[];
  readonly values: readonly PackValue[];
  readonly withholding: readonly WithholdingRule[];
  readonly trading: TradingRules;
  readonly minors: MinorRules;
};
