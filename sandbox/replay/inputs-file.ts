/**
 * The inputs of a replay as lines that anybody can run again (rulebook 6.8): a head with packs, options and dates, then the rows of the facts
 * exactly as their digest takes them in. Who runs them and gets the body's hash has had every digest of the body.
 */
import { ParseError } from '#ledger/primitives/errors.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { Override } from '../experiments/experiment.ts';
import { readStoredPack } from '../packs/parse-pack.ts';
import { FACT_KINDS, factRows, inOrder, type ReplayFacts, rowText } from './facts.ts';
import type { ReplayInputs, ReplayOptions } from './inputs.ts';

export const REPLAY_INPUTS = 'daoju.replay-inputs/1';

type Head = {
  readonly schema: typeof REPLAY_INPUTS;
  readonly period: ReplayInputs['period'];
  readonly draft: unknown;
  readonly packs: readonly unknown[];
  readonly experiments: readonly { readonly id: string; readonly hash: string; readonly overrides: readonly Override[] }[];
  readonly assumeInForce: boolean;
  readonly options: ReplayOptions;
  readonly asOf: { readonly at: number; readonly ledgerHeight: string; readonly feedSeq: string };
  readonly coverage: ReplayFacts['coverage'];
  /** Null: the year's lines are not counted. */
  readonly sellerYearsFrom: string | null;
};

export function* writeReplayInputs({
  period,
  draft,
  baseline,
  assumeInForce,
  options,
  ...given
}: ReplayInputs): Generator<string, void, void> {
  const facts = inOrder(given.facts);
  const { asOf, coverage, sellerYears } = facts;
  const head: Head = {
    ...{ schema: REPLAY_INPUTS, period, draft, packs: baseline.packs, experiments: baseline.experiments, assumeInForce, options, coverage },
    asOf: { at: asOf.at, ledgerHeight: `${asOf.ledgerHeight}`, feedSeq: `${asOf.feedSeq}` },
    sellerYearsFrom: sellerYears?.from ?? null,
  };
  yield JSON.stringify(head);
  for (const [kind, rows] of factRows(facts)) for (const row of rows) yield `${kind} ${rowText(row)}`;
}

/** @throws {ParseError} `replay_inputs_malformed`; whether the rows are what they say is for the digest */
export function readReplayInputs(lines: Iterable<string>): ReplayInputs {
  let head: Head | null = null;
  const rows = new Map<string, unknown[]>(FACT_KINDS.map((kind) => [kind, []]));
  for (const line of lines) {
    if (head === null) {
      head = readHead(line);
      continue;
    }
    const [kind = ''] = line.split(' ', 1);
    const list = rows.get(kind);
    if (list === undefined) throw malformed('a row of a kind that facts have');
    list.push(readJson(line.slice(kind.length + 1), revive));
  }
  if (head === null) throw malformed('a head');
  const { period, assumeInForce, options, asOf, coverage, sellerYearsFrom: from } = head;
  const of = <T extends object>(kind: (typeof FACT_KINDS)[number]): readonly T[] => (rows.get(kind) ?? []).map(rowOf<T>);
  return {
    ...{ period, assumeInForce, options },
    draft: readStoredPack(head.draft),
    baseline: { packs: head.packs.map(readStoredPack), experiments: head.experiments },
    facts: {
      ...{ people: of('person'), attempts: of('attempt'), trades: of('trade'), gifts: of('gift'), refunds: of('refund'), coverage },
      asOf: { at: instant(asOf.at), ledgerHeight: digits(asOf.ledgerHeight), feedSeq: digits(asOf.feedSeq) },
      ...(of('undone').length === 0 ? {} : { undone: of('undone') }),
      ...(from === null ? {} : { sellerYears: { from, sales: of('sellerSale') } }),
    },
  };
}

function readHead(line: string): Head {
  const head = readJson(line);
  if (!isHead(head)) throw malformed(REPLAY_INPUTS);
  return head;
}

function isHead(head: unknown): head is Head {
  if (typeof head !== 'object' || head === null || !('schema' in head) || head.schema !== REPLAY_INPUTS) return false;
  const { packs, experiments, period, options, asOf, coverage }: Partial<Record<keyof Head, unknown>> = { ...head };
  return (
    Array.isArray(packs) &&
    Array.isArray(experiments) &&
    [period, options, asOf, coverage].every((part) => typeof part === 'object' && part !== null)
  );
}

function rowOf<T extends object>(row: unknown): T {
  if (!isRow<T>(row)) throw malformed('a row');
  return row;
}

/** What it holds is the market's word, and the digest's. */
function isRow<T extends object>(row: unknown): row is T {
  return typeof row === 'object' && row !== null;
}

/** Amounts and numbers of arrival are digits in the rows. */
function revive(key: string, value: unknown): unknown {
  if (key === 'capTotals' && typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, total]) => [name, digits(total)]));
  return typeof value === 'string' && (key === 'seq' || key.endsWith('Fen')) ? digits(value) : value;
}

function digits(value: unknown): bigint {
  if (typeof value === 'string' && /^-?\d{1,39}$/.test(value)) return BigInt(value);
  throw malformed('digits');
}

function readJson(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    if (error instanceof ParseError) throw error;
    throw malformed('JSON');
  }
}

function malformed(expected: string): ParseError {
  return new ParseError('replay_inputs_malformed', { expected });
}
