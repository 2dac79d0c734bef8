/** Reads a document of unknown shape into typed data, key by key; what is not foreseen is refused with its place. */
import { ParseError } from '#ledger/primitives/errors.ts';

export type Read<T> = (value: unknown, path: string) => T;
type Shape = Readonly<Record<string, Read<unknown>>>;
type Out<R> = R extends Read<infer T> ? T : never;
type Built<R extends Shape, O extends Shape> = { readonly [K in keyof R]: Out<R[K]> } & { readonly [K in keyof O]?: Out<O[K]> };

export function refuse(path: string, expected: string): ParseError {
  return new ParseError('pack_malformed', { path, expected });
}

/** Own keys only, every required one there, no other than these. */
export function object<R extends Shape, O extends Shape>(required: R, optional: O): Read<Built<R, O>> {
  return (value, path) => {
    const given = entriesOf(value, path);
    const known: Shape = { ...required, ...optional };
    for (const key of given.keys()) if (!Object.hasOwn(known, key)) throw refuse(at(path, key), 'no such field');
    const result: Record<string, unknown> = {};
    for (const [key, read] of Object.entries(known)) {
      if (given.has(key)) result[key] = read(given.get(key), at(path, key));
      else if (Object.hasOwn(required, key)) throw refuse(at(path, key), 'a value');
    }
    if (!isBuilt(result, required, optional)) throw refuse(path, 'an object of this form');
    return result;
  };
}

/** The loop above is the proof. */
function isBuilt<R extends Shape, O extends Shape>(value: object, required: R, _optional: O): value is Built<R, O> {
  return Object.keys(required).every((key) => Object.hasOwn(value, key));
}

export const text: Read<string> = (value, path) => {
  if (typeof value === 'string' && value.length > 0 && value.length <= 500) return value;
  throw refuse(path, 'a text of 1 to 500 characters');
};

export const flag: Read<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw refuse(path, 'true or false');
};

export const whole: Read<number> = (value, path) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw refuse(path, 'a whole number');
};

/** `2026-11-22`, a day that exists. */
export const date: Read<string> = (value, path) => {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) {
    const at = Date.parse(`${value}T00:00:00.000Z`);
    if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(value)) return value;
  }
  throw refuse(path, 'a date like 2026-11-22');
};

export function pattern(expression: RegExp, expected: string): Read<string> {
  return (value, path) => {
    if (typeof value === 'string' && expression.test(value)) return value;
    throw refuse(path, expected);
  };
}

export function oneOf<const T extends string | number>(allowed: readonly T[]): Read<T> {
  return (value, path) => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw refuse(path, `one of ${allowed.join(', ')}`);
    return found;
  };
}

const LIST_MAX = 2000;

export function list<T>(read: Read<T>): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > LIST_MAX) throw refuse(path, 'a list');
    return value.map((element, index) => read(element, `${path}[${index}]`));
  };
}

/** Keys that may stand in a path; `__proto__` and its like are no names. */
export function record<T>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = [...entriesOf(value, path)].map(([key, each]): [string, T] => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(key)) throw refuse(at(path, key), 'a name of letters, digits, dots and dashes');
      return [key, read(each, at(path, key))];
    });
    return Object.fromEntries(entries);
  };
}

export function nullable<T>(read: Read<T>): Read<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

export function either<A, B>(isFirst: (value: unknown) => boolean, first: Read<A>, second: Read<B>): Read<A | B> {
  return (value, path) => (isFirst(value) ? first(value, path) : second(value, path));
}

export function entriesOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(path, 'an object');
  return new Map(Object.entries(value));
}

function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
