/**
 * Minors as facts for the detectors (rulebook CN-MIN-06, CN-SV-08, CN-SV-17): which parties are minors, and the sign that an adult's account
 * may be in a child's hands: several small deposits within a day. The other sign, a guardian's complaint, comes with the claim itself.
 */
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { type AccountFact, DAY_MS, type Fact, type PaymentFact, type SignalFact } from '#sandbox/surveillance/facts.ts';
import type { Tx } from '#server/db.ts';
import { listKnownFactIds } from './known-links.repo.ts';
import { listDeposits, listMinors } from './minors.repo.ts';

/** So many small deposits in a day are a habit of pocket money. */
const SMALL_DEPOSITS = 5;
const ACCOUNT = /^[0-9a-f]{64}$/;

type Rules = { readonly smallFen: bigint; readonly adultYears: number; readonly now: Instant };

/** Minors in front of the facts that name them, signs behind the deposit that completes them; the facts themselves unchanged. */
export async function withMinors(tx: Tx, facts: readonly Fact[], { smallFen, adultYears, now }: Rules): Promise<readonly Fact[]> {
  const [first] = facts;
  if (first === undefined) return facts;
  const today = beijingDate(now);
  const minors = await listMinors(tx, refsOf(facts), `${Number(today.slice(0, 4)) - adultYears}${today.slice(4)}`);
  const accounts = minors.map(
    (ref): AccountFact => ({ kind: 'account', id: `account:${ref}:minor`, at: first.at, ref, isMinor: true, issuer: null }),
  );
  const known = await listKnownFactIds(
    tx,
    accounts.map(({ id }) => id),
  );
  const small = facts.filter((fact) => isSmall(fact, smallFen));
  const before = await listDeposits(tx, small, { mostFen: smallFen, since: Math.min(...small.map(({ at }) => at)) - DAY_MS });
  const deposits: { readonly to: string; readonly at: number }[] = [...before];
  const signed = facts.flatMap((fact): readonly Fact[] => {
    if (!isSmall(fact, smallFen)) return [fact];
    deposits.push(fact);
    const count = deposits.filter(({ to, at }) => to === fact.to && at > fact.at - DAY_MS && at <= fact.at).length;
    return count < SMALL_DEPOSITS || minors.includes(fact.to) ? [fact] : [fact, smallDeposits(fact)];
  });
  return [...accounts.filter(({ id }) => !known.has(id)), ...signed];
}

const smallDeposits = ({ id, at, to }: PaymentFact): SignalFact => ({
  kind: 'signal',
  id: `signal:small_deposits:${id}`,
  at,
  account: to,
  signal: 'small_deposits',
});

function isSmall(fact: Fact, smallFen: bigint): fact is PaymentFact {
  return fact.kind === 'payment' && ACCOUNT.test(fact.to) && fact.amountFen <= smallFen;
}

function refsOf(facts: readonly Fact[]): readonly string[] {
  const refs = facts.flatMap((fact): readonly (string | null)[] => {
    if (fact.kind === 'trade') return [fact.seller, fact.buyer];
    return fact.kind === 'payment' ? [fact.from, fact.to] : [];
  });
  return [...new Set(refs.flatMap((ref) => (ref !== null && ACCOUNT.test(ref) ? [ref] : [])))];
}
