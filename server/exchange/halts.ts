/** What stands still (product V-17), in the memory of the one writer: asked before anything is decided, held or matched. An end that has come
 *  counts at once, whoever writes it down. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { HaltScope, OpenOrders } from '#sandbox/cases/halt-order.ts';
import type { Queryable } from '#server/journal/rows.repo.ts';
import { listHaltsInForce } from './halts.repo.ts';

export type Halt = {
  readonly haltId: string;
  readonly scope: HaltScope;
  readonly targetId: string;
  readonly openOrders: OpenOrders;
  readonly until: Instant;
};
type Kind = { readonly classId: string; readonly gameId: string };

export interface Halts {
  reload(sql: Queryable): Promise<void>;
  /** The one that stops this kind longest; null: none. */
  of(kind: Kind, now: Instant): Halt | null;
  inForce(now: Instant): readonly Halt[];
  set(halt: Halt): void;
  end(haltId: string): void;
}

export const haltFacts = ({ scope, until }: Halt) => ({ scope, until: toIso(until) });

export function createHalts(): Halts {
  const halts = new Map<string, Halt>();
  const inForce = (now: Instant) => [...halts.values()].filter(({ until }) => until > now);
  return {
    reload: async (sql) => {
      const rows = await listHaltsInForce(sql);
      halts.clear();
      for (const halt of rows) halts.set(halt.haltId, halt);
    },
    of: ({ classId, gameId }, now) =>
      inForce(now)
        .filter(({ scope, targetId }) => scope === 'market' || targetId === (scope === 'class' ? classId : gameId))
        .reduce<Halt | null>((longest, halt) => (longest === null || halt.until > longest.until ? halt : longest), null),
    inForce,
    set: (halt) => void halts.set(halt.haltId, halt),
    end: (haltId) => void halts.delete(haltId),
  };
}
