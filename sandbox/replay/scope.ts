/** What of the facts is counted (rulebook 6.8, options): games, kinds, groups of payers. Windows are totalled whole all the same. */
import type { ReplayInputs } from './inputs.ts';

export type IsInScope = (gameId: string, classId: string, personRef: string) => boolean;

export function scopeOf({ options: { scope }, facts }: Pick<ReplayInputs, 'options' | 'facts'>): IsInScope {
  const { gameIds, classIds, payerGroups } = scope;
  const groups = payerGroups === null ? null : new Map(facts.people.map(({ personRef, group }) => [personRef, group]));
  const holds = (allowed: readonly string[] | null, value: string) => allowed === null || allowed.includes(value);
  return (gameId, classId, personRef) =>
    holds(gameIds, gameId) && holds(classIds, classId) && (groups === null || holds(payerGroups, groups.get(personRef) ?? ''));
}
