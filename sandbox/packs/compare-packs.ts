/** Two packs side by side: every place that differs, and which way it goes (rulebook 6.4 override guard, product V-18, V-19). */
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { parseRate } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { constantsWithClocks, isClock } from './clocks.ts';
import { findNotFollowed } from './not-followed.ts';
import type { MechanismName, RulePack, Texts } from './rule-pack.ts';

/** `OPEN`: neither way is declared stricter. */
export type Direction = 'STRICTER' | 'LAXER' | 'OPEN';
export type PackDifference = {
  /** `const.vatLevy`, `trading.matching.AUCTION`, `lines`, … */
  readonly path: string;
  readonly name: Texts | null;
  readonly unit: Parameter['unit'] | null;
  /** Canonical text; `null`: not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: Direction;
  readonly statutory: boolean;
  readonly grantable: boolean;
};

/** By place. What only describes (citations, names, dates as of) counts too: the hash covers it. */
export function comparePacks(before: RulePack, after: RulePack): readonly PackDifference[] {
  return [
    ...compareConstants(before, after),
    ...compareMechanisms(before, after),
    ...compareAges(before, after),
    ...compareParts(before, after),
  ];
}

function compareConstants(before: RulePack, after: RulePack): readonly PackDifference[] {
  // A clock that a pack does not name is not absent: its default binds.
  const [was, is] = [constantsWithClocks(before), constantsWithClocks(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted();
  return names.flatMap((name) => {
    const [a, b] = [was[name], is[name]];
    if (a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b)) return [];
    const rule = a ?? b;
    // A rule that changes how strictness is measured, or that it is statute, is no neutral edit.
    const keepsGuard =
      a === undefined || b === undefined || (a.stricterIs === b.stricterIs && a.statutory === b.statutory && a.grantable === b.grantable);
    return [
      {
        path: `const.${name}`,
        name: rule?.name ?? null,
        unit: rule?.unit ?? null,
        before: a?.value ?? null,
        after: b?.value ?? null,
        direction: keepsGuard ? directionOf(a, b) : 'LAXER',
        statutory: a?.statutory ?? false,
        grantable: a?.grantable ?? false,
      },
    ];
  });
}

function directionOf(before: Parameter | undefined, after: Parameter | undefined): Direction {
  if (before === undefined) return 'STRICTER';
  if (after === undefined) return 'LAXER';
  if (before.value === after.value) return 'STRICTER';
  const { stricterIs } = before;
  if (before.unit !== after.unit) return 'LAXER';
  if (stricterIs === undefined) return 'OPEN';
  if (stricterIs === 'TRUE' || stricterIs === 'FALSE') return after.value === stricterIs.toLowerCase() ? 'STRICTER' : 'LAXER';
  const [a, b] = [parseRate(before.value), parseRate(after.value)];
  const order = b.numerator * a.denominator - a.numerator * b.denominator;
  return order > 0n === (stricterIs === 'HIGHER') ? 'STRICTER' : 'LAXER';
}

function compareMechanisms(before: RulePack, after: RulePack): readonly PackDifference[] {
  const names: readonly MechanismName[] = [
    'FIXED_PRICE',
    'NEGOTIATED',
    'PRICE_TIME_MATCH',
    'CALL_AUCTION',
    'MARKET_MAKER',
    'STANDARD_CONTRACT',
    'AUCTION',
  ];
  return names.flatMap((name) => {
    const [a, b] = [before.trading.matching[name], after.trading.matching[name]];
    if (canonicalText(a) === canonicalText(b)) return [];
    const keepsGuard = a.statutory === b.statutory && a.grantable === b.grantable;
    return [
      {
        path: `trading.matching.${name}`,
        name: null,
        unit: 'switch' as const,
        before: `${a.value}`,
        after: `${b.value}`,
        direction: keepsGuard && (!b.value || a.value) ? ('STRICTER' as const) : ('LAXER' as const),
        statutory: a.statutory,
        grantable: a.grantable,
      },
    ];
  });
}

function compareAges(before: RulePack, after: RulePack): readonly PackDifference[] {
  const [a, b] = [before.trading.minAge.secondary, after.trading.minAge.secondary];
  if (a === b) return [];
  const direction = b > a ? ('STRICTER' as const) : ('LAXER' as const);
  return [
    {
      path: 'trading.minAge.secondary',
      name: null,
      unit: 'count',
      before: `${a}`,
      after: `${b}`,
      direction,
      statutory: true,
      grantable: false,
    },
  ];
}

/** Whole parts of the document without a declared direction: replaced rules count as laxer unless shown otherwise by an authorisation. */
const PARTS = [
  ...([
    'effectiveFrom',
    'effectiveTo',
    'currency',
    'minor',
    'timezone',
    'rounding',
    'holidays',
    'selectors',
    'aggregates',
    'thresholdWindow',
  ] as const),
  ...(['shares', 'lines', 'values', 'withholding', 'scales', 'figures', 'dueRules', 'reporting', 'caps', 'minors'] as const),
];
/** Dates, calendar and words bind nobody more or less. */
const NEUTRAL: readonly string[] = ['effectiveFrom', 'effectiveTo', 'holidays', 'timezone', 'dueRules', 'shares'];
const SHOWN = 4_000;

function compareParts(before: RulePack, after: RulePack): readonly PackDifference[] {
  return PARTS.flatMap((path) => {
    const [a, b] = [before[path], after[path]].map((part) => (part === undefined ? null : canonicalText(part)));
    if (a === undefined || b === undefined || a === b) return [];
    const isNeutral = NEUTRAL.includes(path);
    return [
      {
        path,
        name: null,
        unit: null,
        before: a?.slice(0, SHOWN) ?? null,
        after: b?.slice(0, SHOWN) ?? null,
        direction: isNeutral ? ('OPEN' as const) : path === 'caps' && a === null ? ('STRICTER' as const) : ('LAXER' as const),
        statutory: !isNeutral,
        grantable: false,
      },
    ];
  });
}

export type PackAuthorization = {
  readonly issuer: string;
  readonly number: string;
  /** Paths that it permits to loosen. */
  readonly scope: readonly string[];
  readonly from: string;
  readonly to: string;
};

/** In order of precedence. */
export const ACTIVATION_REFUSALS = [
  'pack_jurisdiction',
  'pack_same',
  'pack_unit_changed',
  'pack_not_followed',
  'pack_version_taken',
  'pack_starts_outside',
  'pack_dates_overlap',
  'pack_not_tightening',
  'pack_laxer_unauthorized',
  'pack_too_early',
] as const;
export type ActivationRefusal = (typeof ACTIVATION_REFUSALS)[number];

export type Activation = {
  readonly draft: RulePack;
  readonly inForce: RulePack;
  /** Versions of this jurisdiction that have been in force or are announced. */
  readonly versions: readonly string[];
  /** Beijing date from which another announced pack applies, if one waits. */
  readonly pendingFrom: string | null;
  /** `TIGHTEN`: at once, by a supervisor's order. */
  readonly mode: 'NOTICE' | 'TIGHTEN';
  readonly from: { readonly at: number; readonly date: string };
  readonly earliestAt: number;
  readonly authorization: PackAuthorization | null;
};

/** May this draft take the place of the pack in force? `null`: yes. */
export function refuseActivation(
  given: Activation,
): { readonly code: ActivationRefusal; readonly facts: Readonly<Record<string, string>> } | null {
  const { draft, inForce, mode, from, authorization } = given;
  const refuse = (code: ActivationRefusal, facts: Readonly<Record<string, string>> = {}) => ({ code, facts });
  if (draft.id !== inForce.id) return refuse('pack_jurisdiction', { draft: draft.id, inForce: inForce.id });
  const differences = comparePacks(inForce, draft);
  if (differences.length === 0) return refuse('pack_same');
  const reshaped = Object.entries(draft.constants).find(([name, after]) => isReshaped(inForce.constants[name], after));
  if (reshaped !== undefined) return refuse('pack_unit_changed', { path: `const.${reshaped[0]}` });
  const leftOut = Object.entries(inForce.constants).find(([name]) => !isClock(name) && !Object.hasOwn(draft.constants, name));
  if (leftOut !== undefined) return refuse('pack_not_followed', { path: `const.${leftOut[0]}`, value: '', follows: leftOut[1].value });
  const unfollowed = findNotFollowed(draft, 'IN_FORCE');
  if (unfollowed !== null) return refuse('pack_not_followed', { ...unfollowed });
  if (given.versions.includes(draft.version)) return refuse('pack_version_taken', { version: draft.version });
  if (from.date < draft.effectiveFrom || from.date > draft.effectiveTo) {
    return refuse('pack_starts_outside', { from: from.date, effectiveFrom: draft.effectiveFrom, effectiveTo: draft.effectiveTo });
  }
  if (given.pendingFrom !== null && mode === 'NOTICE') return refuse('pack_dates_overlap', { pendingFrom: given.pendingFrom });
  if (mode === 'TIGHTEN') {
    const loose = differences.find(({ direction, path }) => direction !== 'STRICTER' && !NEUTRAL.includes(path));
    if (loose !== undefined) return refuse('pack_not_tightening', { path: loose.path });
    return null;
  }
  const laxer = differences.find(
    (each) =>
      each.direction === 'LAXER' && each.statutory && !permits(authorization, each.path, { from: from.date, to: draft.effectiveTo }),
  );
  if (laxer !== undefined)
    return refuse('pack_laxer_unauthorized', { path: laxer.path, before: laxer.before ?? '', after: laxer.after ?? '' });
  if (from.at < given.earliestAt)
    return refuse('pack_too_early', { from: new Date(from.at).toISOString(), earliest: new Date(given.earliestAt).toISOString() });
  return null;
}

/** Whoever reads a figure by its name reads it in the unit, and with the words, that it had. */
function isReshaped(before: Parameter | undefined, after: Parameter): boolean {
  return before !== undefined && (before.unit !== after.unit || before.allowed?.join(' ') !== after.allowed?.join(' '));
}

/** For as long as the draft would bind: a looser rule that outlives its authorisation would stand on nothing. */
function permits(authorization: PackAuthorization | null, path: string, term: { readonly from: string; readonly to: string }): boolean {
  if (authorization === null) return false;
  return authorization.scope.includes(path) && term.from >= authorization.from && term.to <= authorization.to;
}

/** A draft from a form: values of constants and mechanisms by path. @throws {ParseError} `pack_malformed`; and as `parsePack` does, when the result is parsed */
export function draftFromChanges(base: RulePack, baseHash: string, version: string, changes: Readonly<Record<string, string>>): unknown {
  // A draft by form names every clock, so that from then on they lie under the hash.
  const all = constantsWithClocks(base);
  const constants: Record<string, unknown> = { ...base.constants };
  if (Object.keys(changes).some((path) => isClock(path.replace(/^const\./, '')))) Object.assign(constants, all);
  const matching: Record<string, unknown> = { ...base.trading.matching };
  let minAge: unknown = base.trading.minAge;
  const malformed = (path: string, expected: string) => new ParseError('pack_malformed', { path, expected });
  for (const [path, value] of Object.entries(changes)) {
    const mechanism = Object.entries(base.trading.matching).find(([name]) => path === `trading.matching.${name}`);
    const name = path.replace(/^const\./, '');
    if (mechanism !== undefined) {
      if (value !== 'true' && value !== 'false') throw malformed(path, 'true or false');
      matching[mechanism[0]] = { ...mechanism[1], value: value === 'true' };
    } else if (path === 'trading.minAge.secondary') {
      if (!/^\d{1,3}$/.test(value)) throw malformed(path, 'an age in whole years');
      minAge = { ...base.trading.minAge, secondary: Number(value) };
    } else {
      if (!Object.hasOwn(all, name)) throw malformed(`constants.${name}`, 'a figure that the pack has');
      constants[name] = { ...all[name], value };
    }
  }
  return { ...base, version, parent: baseHash, constants, trading: { ...base.trading, matching, minAge } };
}
