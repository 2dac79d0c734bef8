/**
 * Links between accounts as facts for the detectors (rulebook 9.1, product V-13): what the server knows of the parties of new trades, orders
 * and payments, and of whoever is linked with them, is written down before those facts, so that the first trade of a linked pair is seen as
 * one. A link holds from then on, and a later restart reads it at the same place.
 */
import type { AccountFact, Fact, LinkFact } from '#sandbox/surveillance/facts.ts';
import type { Tx } from '#server/db.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { type DeclaredAffiliate, type KnownLink, listDeclaredAffiliates, listKnownFactIds, listKnownLinks } from './known-links.repo.ts';

/** A chain of accounts, each linked with the next, is followed so far from a party in one turn. */
const STEPS_MOST = 4;

/** New links of the parties of `facts`, in front of them; the facts themselves unchanged. */
export async function withLinks(tx: Tx, facts: readonly Fact[]): Promise<readonly Fact[]> {
  const [first] = facts;
  if (first === undefined) return facts;
  const parties = partiesOf(facts);
  const issuers = [...new Set(facts.flatMap((fact) => (fact.kind === 'trade' && fact.issuer !== undefined ? [fact.issuer] : [])))];
  const [links, declared] = await Promise.all([followLinks(tx, parties), listDeclaredAffiliates(tx, [...parties, ...issuers])]);
  const found = unique([...links.map((link) => linkFact(link, first.at)), ...declared.flatMap((each) => declaredFacts(each, first.at))]);
  const known = await listKnownFactIds(
    tx,
    [...found, ...facts.filter(({ kind }) => kind === 'attempt')].map(({ id }) => id),
  );
  // The same attempt is asked for again and again within a day.
  return [...found.filter(({ id }) => !known.has(id)), ...unique(facts.filter(({ kind, id }) => kind !== 'attempt' || !known.has(id)))];
}

/** Links of these accounts, of those they lead to, and so on. */
export async function followLinks(sql: Queryable, parties: readonly string[]): Promise<readonly KnownLink[]> {
  const seen = new Set(parties);
  const all: KnownLink[] = [];
  for (let step = 0, next = parties; step < STEPS_MOST && next.length > 0; step += 1) {
    const links = await listKnownLinks(sql, next);
    all.push(...links);
    next = [...new Set(links.map(({ b }) => b))].filter((ref) => !seen.has(ref));
    for (const ref of next) seen.add(ref);
  }
  return all;
}

const ACCOUNT = /^[0-9a-f]{64}$/;

function partiesOf(facts: readonly Fact[]): readonly string[] {
  const refs = facts.flatMap((fact): readonly (string | null)[] => {
    if (fact.kind === 'trade') return [fact.seller, fact.buyer];
    if (fact.kind === 'payment' || fact.kind === 'gift' || fact.kind === 'attempt') return [fact.from, fact.to];
    return fact.kind === 'order' ? [fact.account] : [];
  });
  return [...new Set(refs.filter((ref) => ref !== null && ACCOUNT.test(ref)))].filter((ref) => ref !== null);
}

/** The same pair and reason make the same id, from whichever side it was found. */
function linkFact({ a, b, reason }: Pick<KnownLink, 'a' | 'b'> & { readonly reason: string }, at: number): LinkFact {
  const [one, two] = a < b ? [a, b] : [b, a];
  return { kind: 'link', id: `link:${reason}:${one}:${two}`, at, a: one, b: two, reason };
}

function declaredFacts({ studio, affiliate }: DeclaredAffiliate, at: number): readonly (LinkFact | AccountFact)[] {
  const account = (ref: string): AccountFact => ({
    kind: 'account',
    id: `account:${ref}:${studio}`,
    at,
    ref,
    isMinor: false,
    issuer: studio,
  });
  return [account(studio), account(affiliate), linkFact({ a: studio, b: affiliate, reason: 'declared' }, at)];
}

function unique<F extends { readonly id: string }>(facts: readonly F[]): readonly F[] {
  return [...new Map(facts.map((fact) => [fact.id, fact])).values()];
}
