/** What every user of a pack needs: its hash, its constants, the packs that ship, changed copies of it, its dates. */

import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { parseRate } from '../parameters/decimal.ts';
import type { Parameter } from '../parameters/parameter.ts';
import { PACK_CN_2026_1 } from './cn/pack-2026-1.ts';
import { PACK_EU_DPI_2026_1 } from './eu-dpi/pack-2026-1.ts';
import { PACK_KR_2026_1 } from './kr/pack-2026-1.ts';
import type { RulePack } from './rule-pack.ts';
import { PACK_US_2026_1 } from './us/pack-2026-1.ts';

export const PACKS: readonly RulePack[] = [PACK_CN_2026_1, PACK_EU_DPI_2026_1, PACK_KR_2026_1, PACK_US_2026_1];

/** @throws {ParseError} `pack_unknown` */
export function getPack(id: string, version?: string): RulePack {
  const found = PACKS.find((pack) => pack.id === id && (version === undefined || pack.version === version));
  if (found === undefined) throw new ParseError('pack_unknown', { id, version: version ?? '' });
  return found;
}

const remembered = new Map<string, RulePack>();

/** Makes a pack known by its hash: one that a market keeps as a document. The name is the content, so nothing can be replaced. */
export function rememberPack(pack: RulePack): string {
  const hash = packHash(pack);
  remembered.set(hash, pack);
  return hash;
}

/** One that ships or was remembered; `null`: neither. */
export function findPackByHash(hash: string): RulePack | null {
  return PACKS.find((pack) => packHash(pack) === hash) ?? remembered.get(hash) ?? null;
}

/** @throws {ParseError} `pack_unknown` */
export function getPackByHash(hash: string): RulePack {
  const found = findPackByHash(hash) ?? undefined;
  if (found === undefined) throw new ParseError('pack_unknown', { hash });
  return found;
}

const hashes = new WeakMap<RulePack, string>();

/** SM3 of the pack's RFC 8785 bytes, lower-case hex: what stands in assessments and on the ledger. Hashed once per pack object. */
export function packHash(pack: RulePack): string {
  const known = hashes.get(pack);
  if (known !== undefined) return known;
  const hash = toHex(sm3(canonicalBytes(pack)));
  hashes.set(pack, hash);
  return hash;
}

export const PACK_DATE_CODES = ['PACK_NOT_YET_EFFECTIVE', 'PACK_EXPIRED'] as const;
export type PackDateCode = (typeof PACK_DATE_CODES)[number];

/** A pack outside its dates refuses rather than compute with dead relief (rulebook D5, CN-ALG-10). `null`: in force. */
export function refuseDate(pack: RulePack, at: Instant): PackDateCode | null {
  const date = beijingDate(at);
  if (date < pack.effectiveFrom) return 'PACK_NOT_YET_EFFECTIVE';
  return date > pack.effectiveTo ? 'PACK_EXPIRED' : null;
}

/** Own names only: `constructor` is no constant. */
export function findConstant(pack: RulePack, name: string): Parameter | null {
  return Object.hasOwn(pack.constants, name) ? (pack.constants[name] ?? null) : null;
}

/** @throws {ParseError} `constant_unknown` */
export function constantOf(pack: RulePack, name: string): Parameter {
  const parameter = findConstant(pack, name);
  if (parameter === null) throw new ParseError('constant_unknown', { constant: name });
  return parameter;
}

export function fenOf(pack: RulePack, name: string): bigint {
  return BigInt(constantOf(pack, name).value);
}

export function isOn(pack: RulePack, name: string): boolean {
  return constantOf(pack, name).value === 'true';
}

/** A copy with other values for named constants: test cases, experiments, policy replay. @throws {ParseError} `constant_unknown constant_malformed` */
export function withConstants(pack: RulePack, changes: Readonly<Record<string, string>>): RulePack {
  const constants: Record<string, Parameter> = { ...pack.constants };
  for (const [name, value] of Object.entries(changes)) {
    const parameter = constantOf(pack, name);
    assertFits(name, parameter, value);
    constants[name] = { ...parameter, value };
  }
  return { ...pack, constants, parent: pack.parent ?? packHash(pack) };
}

export function assertFits(name: string, parameter: Parameter, value: string): void {
  const refuse = (expected: string): never => {
    throw new ParseError('constant_malformed', { constant: name, expected });
  };
  const { unit, allowed } = parameter;
  if (unit === 'rate' && parseRate(value).numerator < 0n) refuse('a rate of 0 or more');
  if (allowed !== undefined && !allowed.some((each) => each === value || (unit === 'rate' && isSameRate(each, value)))) {
    refuse(allowed.join(', '));
  }
  if ((unit === 'fen' || unit === 'days' || unit === 'count') && !/^(?:0|[1-9]\d{0,18})$/.test(value)) {
    refuse('digits');
  }
}

/** `0.01` is `1/100`. */
function isSameRate(a: string, b: string): boolean {
  const [x, y] = [parseRate(a), parseRate(b)];
  return x.numerator * y.denominator === y.numerator * x.denominator;
}
