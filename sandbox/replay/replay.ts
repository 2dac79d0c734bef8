/**
 * Policy replay (rulebook 6.8): a recorded period run again under a draft pack, beside the packs and experiments that were in force. It
 * answers what a rule would have changed if people had behaved as they did. Pure: the same digests of inputs give the same bytes,
 * whatever the day, the member, the order of the facts and the number of parts.
 */
import { type AllowedSet, allowUnder } from './allow.ts';
import { type PolicyReplay, replayBody } from './body.ts';
import { inOrder } from './facts.ts';
import { type Refusal, type ReplayInputs, refuseInputs } from './inputs.ts';
import { addPerson, emptyPart, type Mismatch, mergeInto, type Part, type PersonGround, salesByPerson } from './part.ts';
import { openRules, type Rules } from './rules.ts';
import { scopeOf } from './scope.ts';
import { countSellerYears } from './seller-years.ts';

export type ReplayAnswer =
  | { readonly kind: 'replayed'; readonly replay: PolicyReplay }
  | (Refusal & { readonly mismatches?: readonly Mismatch[] });

const MISMATCHES_SHOWN = 100;

export type ReplayRun = {
  /** People that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** Set at the end. */
  readonly answer: ReplayAnswer | null;
};

export function replay(inputs: ReplayInputs, parts = 1): ReplayAnswer {
  let answer: ReplayAnswer | null = null;
  for (const run of replaySteps(inputs, parts)) answer = run.answer;
  return answer ?? { kind: 'rejected', code: 'replay_period_malformed', facts: {} };
}

const PEOPLE_PER_STEP = 200;

/** The same in steps of some hundred people, so that a server can tell how far it is and serve others in between. */
export function* replaySteps(given: ReplayInputs, parts = 1): Generator<ReplayRun, void, void> {
  const inputs: ReplayInputs = { ...given, facts: inOrder(given.facts) };
  const refusal = refuseInputs(inputs);
  if (refusal !== null) {
    yield { done: 0, of: 0, answer: refusal };
    return;
  }
  const rules = openRules(inputs);
  const allowed = allowUnder(inputs, rules);
  const people = salesByPerson(inputs.facts);
  const groups = new Map(inputs.facts.people.map(({ personRef, group }) => [personRef, group]));
  const ground: PersonGround = { inputs, rules, allowed, groupOf: (personRef) => groups.get(personRef) ?? '', isInScope: scopeOf(inputs) };
  const sum = emptyPart(inputs.options.groupBy);
  let done = 0;
  for (let number = 0; number < parts; number++) {
    const part = emptyPart(inputs.options.groupBy);
    for (const [personRef, sales] of people) {
      if (partOf(personRef, parts) !== number) continue;
      addPerson(part, personRef, sales, ground);
      done += 1;
      if (done % PEOPLE_PER_STEP === 0) yield { done, of: people.size, answer: null };
    }
    mergeInto(sum, part);
  }
  yield { done, of: people.size, answer: answerOf(inputs, sum, allowed, rules) };
}

function answerOf(inputs: ReplayInputs, sum: Part, allowed: AllowedSet, rules: Rules): ReplayAnswer {
  if (sum.mismatches.length > 0) {
    const mismatches = sum.mismatches.toSorted((a, b) => (`${a.tradeId} ${a.lineId}` < `${b.tradeId} ${b.lineId}` ? -1 : 1));
    return {
      kind: 'rejected',
      code: 'replay_baseline_mismatch',
      facts: { lines: `${mismatches.length}` },
      mismatches: mismatches.slice(0, MISMATCHES_SHOWN),
    };
  }
  return { kind: 'replayed', replay: replayBody(inputs, sum, allowed, countSellerYears(inputs, rules, allowed)) };
}

/** A spread over parts that depends on the reference alone. */
function partOf(personRef: string, parts: number): number {
  let sum = 0;
  for (let index = 0; index < personRef.length; index++) sum = (sum * 31 + personRef.charCodeAt(index)) % 65_521;
  return sum % parts;
}
