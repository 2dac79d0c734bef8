/** A dated, cited value. A figure lives once, in a pack; outside its dates a lookup refuses. */
import { ParseError } from '#ledger/primitives/errors.ts';
import type { Confidence, Texts } from '../packs/rule-pack.ts';

export type Parameter = {
  readonly ruleId: string;
  /** What a person reads; older packs have none. */
  readonly name?: Texts;
  /** Fen, a rate, a whole number, `true`, `false` or a word: always text, as in the hashed document. */
  readonly value: string;
  readonly unit: 'fen' | 'rate' | 'days' | 'count' | 'switch';
  readonly confidence: Confidence;
  readonly citation: string;
  readonly asOf: string;
  readonly effectiveFrom: string;
  /** Last day, Beijing date; `null`: no end known. */
  readonly effectiveTo: string | null;
  readonly stricterIs?: 'LOWER' | 'HIGHER' | 'FALSE' | 'TRUE';
  readonly statutory: boolean;
  readonly grantable?: boolean;
  /** Words that a switch may hold; absent for numbers. */
  readonly allowed?: readonly string[];
};

/** The value on a date. @throws {ParseError} `parameter_not_in_force` */
export function valueOn(name: string, parameter: Parameter, date: string): string {
  if (date < parameter.effectiveFrom || (parameter.effectiveTo !== null && date > parameter.effectiveTo)) {
    throw new ParseError('parameter_not_in_force', { parameter: name, date });
  }
  return parameter.value;
}
