/**
 * The Experiment object (rulebook 6.4), who is in it, in which arm, and which rules it changes for them. Enforcement order: status,
 * period, eligibility and consent, arm, caps (`cap-counter.ts`), overrides, then the normal rules.
 */

import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { ageOn } from '../decisions/calendar.ts';
import { findConstant, withConstants } from '../packs/pack.ts';
import type { MechanismName, MechanismRule, RulePack, Texts } from '../packs/rule-pack.ts';
import { parseRate, type Rate } from '../parameters/decimal.ts';
import { TAX_RESERVE_PATH } from './tax-reserve.ts';

export const EXPERIMENT_STATES = [
  'DRAFT',
  'DECLARED',
  'PUBLIC_NOTICE',
  'REGISTERED',
  'TESTING',
  'PAUSED',
  'EXITED_SUCCESS',
  'EXITED_FAILED',
  'HALTED',
] as const;
export type ExperimentState = (typeof EXPERIMENT_STATES)[number];

export type Override = { readonly arm: string; readonly path: string; readonly value: boolean | number };
export type Authorization = {
  readonly kind: 'GRANTED' | 'SIMULATED';
  readonly issuer: string;
  readonly number: string;
  readonly scope: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly label: Texts;
};
export type Caps = {
  readonly participants: number;
  readonly perTradeFen: number;
  readonly perPersonDayFen: number;
  readonly perPersonMonthFen: number;
  readonly experimentOpenExposureFen: number;
  readonly experimentTotalTurnoverFen: number;
  readonly lossCompensationFundFen: number;
};
export type Experiment = {
  readonly id: string;
  readonly title: Texts;
  readonly declarationNo: string;
  readonly hypothesis: string;
  readonly status: ExperimentState;
  readonly authorization: Authorization | null;
  readonly mode: 'LIVE_STRICTER' | 'LIVE_WIDER' | 'SHADOW';
  readonly assignment: {
    readonly unit: 'PERSON';
    readonly method: 'HASH_SM3';
    readonly salt: string;
    readonly arms: readonly { readonly id: string; readonly share: string }[];
    /** Person to arm: out of the draw and out of the KPIs. */
    readonly pinned: Readonly<Record<string, string>>;
  };
  readonly eligibility: {
    readonly minAge: number;
    readonly kycLevel: string;
    readonly jurisdictions: readonly string[];
    readonly games: readonly string[];
    readonly itemClasses: readonly string[];
    readonly excludeOpenAmlCase: boolean;
    readonly consent: 'OPT_IN';
  };
  readonly caps: Caps;
  readonly onCap?: 'REJECT';
  readonly period: {
    readonly publicNoticeDays: number;
    /** First and last Beijing date. */
    readonly start: string;
    readonly end: string;
    readonly maxExtensions: number;
    readonly maxExtensionDays: number;
  };
  readonly ruleOverrides: readonly Override[];
  readonly safeguards: {
    readonly disclosureVersion: string;
    readonly riskAcknowledgement: boolean;
    readonly coolingOffHours: number;
    readonly refundGuarantee: string;
    readonly complaintSlaWorkingDays: number;
    readonly compensationClaimDays: number;
  };
  readonly kpis: readonly { readonly id: string; readonly formula: string; readonly target?: string; readonly guardrail?: string }[];
  readonly reporting: {
    readonly live: boolean;
    readonly daily: boolean;
    readonly monthly: boolean;
    readonly interimEveryDays: number;
    readonly finalWithinDaysAfterEnd: number;
    readonly recipients: readonly string[];
  };
  readonly stopTriggers: readonly { readonly when: string; readonly action: 'PAUSE_NEW' | 'HALT_ALL' }[];
  readonly exit: Readonly<Record<'success' | 'fail' | 'openOrders', string>> & {
    readonly dataDays: number;
    readonly publishReport: boolean;
  };
};

/** SM3 of the RFC 8785 bytes: the document that the ledger's ExperimentTransition names. */
export function experimentHash(experiment: Experiment): string {
  return toHex(sm3(canonicalBytes(experiment)));
}

export type Candidate = {
  readonly personRef: string;
  readonly birthDate: string;
  readonly realNameLevel: string;
  readonly hasOpenAmlCase: boolean;
  /** Version of the disclosure that the person accepted when joining; `null`: has not joined. */
  readonly acceptedDisclosure: string | null;
  readonly classId: string;
  readonly gameId: string;
  readonly at: Instant;
};

/** In order of enforcement. */
export const PARTICIPATION_CODES = [
  'SBX_NOT_TESTING',
  'SBX_OUT_OF_PERIOD',
  'SBX_NOT_ELIGIBLE_AGE',
  'SBX_NOT_ELIGIBLE_LEVEL',
  'SBX_NOT_ELIGIBLE_AML',
  'SBX_NOT_ELIGIBLE_JURISDICTION',
  'SBX_NOT_ELIGIBLE_GAME',
  'SBX_NOT_ELIGIBLE_CLASS',
  'SBX_NOT_JOINED',
] as const;
export type ParticipationCode = (typeof PARTICIPATION_CODES)[number];

export type Participation =
  | {
      readonly kind: 'in';
      readonly experimentId: string;
      readonly arm: string;
      readonly isPinned: boolean;
      readonly overrides: readonly Override[];
      /** Carried by every order, trade and receipt that it touches. */
      readonly flags: readonly string[];
    }
  | { readonly kind: 'out'; readonly experimentId: string; readonly code: ParticipationCode };

export function participate(experiment: Experiment, candidate: Candidate, pack: RulePack): Participation {
  const code = refuseParticipation(experiment, candidate, pack);
  if (code !== null) return { kind: 'out', experimentId: experiment.id, code };
  const { arm, isPinned } = armOf(experiment, candidate.personRef);
  return {
    kind: 'in',
    experimentId: experiment.id,
    arm,
    isPinned,
    // A shadow is computed beside the live result and never applied.
    overrides: experiment.mode === 'SHADOW' ? [] : experiment.ruleOverrides.filter((override) => override.arm === arm),
    flags: flagsOf(experiment),
  };
}

/** What every trade and receipt that it touches carries. */
export function flagsOf({ authorization }: Pick<Experiment, 'authorization'>): readonly string[] {
  return authorization?.kind === 'SIMULATED' ? ['SIMULATED_AUTHORIZATION'] : [];
}

/** May the person join (all but consent)? For the page that asks for it. */
export function refuseJoining(experiment: Experiment, candidate: Omit<Candidate, 'acceptedDisclosure'>, pack: RulePack) {
  return refuseParticipation(experiment, { ...candidate, acceptedDisclosure: experiment.safeguards.disclosureVersion }, pack);
}

function refuseParticipation(experiment: Experiment, candidate: Candidate, pack: RulePack): ParticipationCode | null {
  const { eligibility, period, safeguards } = experiment;
  const levels = pack.trading.levels.order;
  const date = beijingDate(candidate.at);
  if (experiment.status !== 'TESTING') return 'SBX_NOT_TESTING';
  if (date < period.start || date > period.end) return 'SBX_OUT_OF_PERIOD';
  if (ageOn(candidate.birthDate, date) < eligibility.minAge) return 'SBX_NOT_ELIGIBLE_AGE';
  if (levels.indexOf(candidate.realNameLevel) < levels.indexOf(eligibility.kycLevel)) return 'SBX_NOT_ELIGIBLE_LEVEL';
  if (eligibility.excludeOpenAmlCase && candidate.hasOpenAmlCase) return 'SBX_NOT_ELIGIBLE_AML';
  if (!eligibility.jurisdictions.includes(pack.id)) return 'SBX_NOT_ELIGIBLE_JURISDICTION';
  if (!eligibility.games.includes(candidate.gameId)) return 'SBX_NOT_ELIGIBLE_GAME';
  if (!eligibility.itemClasses.includes(candidate.classId)) return 'SBX_NOT_ELIGIBLE_CLASS';
  return candidate.acceptedDisclosure === safeguards.disclosureVersion ? null : 'SBX_NOT_JOINED';
}

const DRAW = 10_000n;

/** `SM3(salt || experimentId || personId) mod 10000` against the cumulated shares; a pinned person is placed by name. */
export function armOf(experiment: Experiment, personRef: string): { readonly arm: string; readonly isPinned: boolean } {
  const { salt, arms, pinned } = experiment.assignment;
  const placed = Object.hasOwn(pinned, personRef) ? pinned[personRef] : undefined;
  if (placed !== undefined) return { arm: placed, isPinned: true };
  const draw = BigInt(`0x${toHex(sm3(utf8(salt), utf8(experiment.id), utf8(personRef)))}`) % DRAW;
  let upper: Rate = { numerator: 0n, denominator: 1n };
  for (const { id, share } of arms) {
    const part = parseRate(share);
    upper = {
      numerator: upper.numerator * part.denominator + part.numerator * upper.denominator,
      denominator: upper.denominator * part.denominator,
    };
    if (draw * upper.denominator < upper.numerator * DRAW) return { arm: id, isPinned: false };
  }
  throw new ParseError('experiment_shares_malformed', { experiment: experiment.id, expected: 'shares that add up to 1' });
}

/** Does it try more than a mechanism? Then orders of every kind are placed under its rules, not those of the matched book alone. A shadow
 *  is computed beside the live result and never applied. */
export function reachesEveryOrder({ mode, ruleOverrides }: Pick<Experiment, 'mode' | 'ruleOverrides'>): boolean {
  return mode !== 'SHADOW' && ruleOverrides.some(({ path }) => !MECHANISM_PATH.test(path));
}

/** Does one of its arms have a matched book? */
export function grantsMatching({ ruleOverrides }: Pick<Experiment, 'ruleOverrides'>): boolean {
  return ruleOverrides.some(({ path, value }) => path === 'trading.matching.PRICE_TIME_MATCH' && value === true);
}

const MECHANISM_PATH = /^trading\.matching\.([A-Z_]+)$/;
const CONSTANT_PATH = /^(?:const|trading)\.([A-Za-z0-9.]+)$/;

const merged = new WeakMap<RulePack, Map<string, RulePack>>();

/** The pack with an arm's overrides; the same pack and overrides give the same object. @throws {ParseError} `override_path_unknown` */
export function applyOverrides(pack: RulePack, overrides: readonly Override[]): RulePack {
  if (overrides.length === 0) return pack;
  const key = JSON.stringify(overrides);
  const known = merged.get(pack)?.get(key);
  if (known !== undefined) return known;
  const result = overrides.reduce(applyOverride, pack);
  const perPack = merged.get(pack) ?? new Map<string, RulePack>();
  perPack.set(key, result);
  merged.set(pack, perPack);
  return result;
}

function applyOverride(pack: RulePack, { path, value }: Override): RulePack {
  // No rule of a pack: it decides nothing about an order.
  if (path === TAX_RESERVE_PATH) return pack;
  const mechanism = findMechanism(pack, path);
  if (mechanism !== null && typeof value === 'boolean') {
    const matching = { ...pack.trading.matching, [mechanism.name]: { ...mechanism.rule, value } };
    return { ...pack, trading: { ...pack.trading, matching } };
  }
  const name = CONSTANT_PATH.exec(path)?.[1];
  if (mechanism !== null || name === undefined || findConstant(pack, name) === null)
    throw new ParseError('override_path_unknown', { path });
  const changed = withConstants(pack, { [name]: String(value) });
  // Kinds that the pack lets go at once wait too where an experiment tries the wait on them (rulebook 6.4, SBX-2026-0002).
  return name === RESALE_WAIT ? { ...changed, trading: { ...changed.trading, waitsForEveryKind: true } } : changed;
}
export const RESALE_WAIT = 'resaleCooldownTradingDays';

/** The constant that an override names; `null`: it names a mechanism. */
export function constantOfPath(path: string): string | null {
  return MECHANISM_PATH.test(path) ? null : (CONSTANT_PATH.exec(path)?.[1] ?? null);
}

function findMechanism(pack: RulePack, path: string): { readonly name: MechanismName; readonly rule: MechanismRule } | null {
  const name = MECHANISM_PATH.exec(path)?.[1];
  if (name === undefined || !isMechanismName(pack, name)) return null;
  return { name, rule: pack.trading.matching[name] };
}

function isMechanismName(pack: RulePack, name: string): name is MechanismName {
  return Object.hasOwn(pack.trading.matching, name);
}

export const REGISTRATION_CODES = [
  'override_path_unknown',
  'override_not_grantable',
  'authorization_missing',
  'authorization_scope',
  'authorization_period',
  'authorization_simulated',
] as const;
export type RegistrationCode = (typeof REGISTRATION_CODES)[number];

/** The override guard, asked before TESTING: stricter is free, laxer on a statutory rule needs an authorisation that names the path
 *  and covers the period, and a simulated one is valid only on a demonstration chain. */
export function refuseRegistration(experiment: Experiment, pack: RulePack, isDemonstration: boolean): RegistrationCode | null {
  const { authorization, period } = experiment;
  for (const override of experiment.ruleOverrides) {
    const widening = wideningOf(pack, override);
    if (widening === 'unknown') return 'override_path_unknown';
    if (widening === 'none') continue;
    if (widening === 'not_grantable') return 'override_not_grantable';
    if (authorization === null) return 'authorization_missing';
    if (!authorization.scope.includes(override.path)) return 'authorization_scope';
    if (authorization.from > period.start || authorization.to < period.end) return 'authorization_period';
    if (authorization.kind === 'SIMULATED' && !isDemonstration) return 'authorization_simulated';
  }
  return null;
}

/** Whether an override loosens a rule that binds. */
export function widens(pack: RulePack, override: Override): boolean {
  return wideningOf(pack, override) === 'grantable' || wideningOf(pack, override) === 'not_grantable';
}

function wideningOf(pack: RulePack, { path, value }: Override): 'unknown' | 'none' | 'not_grantable' | 'grantable' {
  // Stricter than every pack, and only for who consented (rulebook D2).
  if (path === TAX_RESERVE_PATH) return typeof value === 'boolean' ? 'none' : 'unknown';
  const mechanism = findMechanism(pack, path);
  if (mechanism !== null) {
    if (typeof value !== 'boolean') return 'unknown';
    if (!value || value === mechanism.rule.value || !mechanism.rule.statutory) return 'none';
    return mechanism.rule.grantable ? 'grantable' : 'not_grantable';
  }
  const name = CONSTANT_PATH.exec(path)?.[1];
  const parameter = name === undefined ? null : findConstant(pack, name);
  if (parameter === null) return 'unknown';
  if (!parameter.statutory || isStricter(parameter.value, String(value), parameter.stricterIs)) return 'none';
  return parameter.grantable === true ? 'grantable' : 'not_grantable';
}

function isStricter(before: string, after: string, stricterIs: 'LOWER' | 'HIGHER' | 'FALSE' | 'TRUE' | undefined): boolean {
  if (before === after) return true;
  if (stricterIs === 'FALSE' || stricterIs === 'TRUE') return after === stricterIs.toLowerCase();
  if (stricterIs === undefined) return false;
  const a = parseRate(before);
  const b = parseRate(after);
  const order = b.numerator * a.denominator - a.numerator * b.denominator;
  return stricterIs === 'HIGHER' ? order >= 0n : order <= 0n;
}
