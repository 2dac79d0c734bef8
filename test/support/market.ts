/** The market on a test database of its own with a clock that a test moves. */
import { expect } from 'vitest';
import { reconcile } from '#server/journal/reconcile.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer, ReplaceOrderAnswer } from '#server/trpc/views.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { fakeClock } from './fake-clock.ts';
import { listBroken } from './invariants.ts';
import { openMarketRig, type TestMarket as Rig } from './market-rig.ts';

export type { Kind, Trader } from './market-rig.ts';
export interface TestMarket extends Rig {
  readonly database: TestDatabase;
}

export async function openTestMarket(options: { readonly max?: number; readonly workers?: number } = {}): Promise<TestMarket> {
  const database = await createTestDatabase({ max: options.max ?? 6 });
  const rig = await openMarketRig(database.sql, { clock: fakeClock(), workers: options.workers ?? 0, isManual: true });
  const stopRig = rig.stop;
  return Object.assign(rig, {
    database,
    stop: async () => {
      await stopRig();
      await database.drop();
    },
  });
}

/** Whatever happened: every posting set balances, nobody is overdrawn, no item is promised twice, books agree with each other. */
export async function assertInvariants({ sql, ledger, clock, random }: Pick<Rig, 'sql' | 'ledger' | 'clock' | 'random'>): Promise<void> {
  expect(await reconcile({ sql, clock, random, ledger })).toEqual([]);
  expect(await listBroken(sql)).toEqual([]);
}

export function placed(answer: PlaceOrderAnswer): Extract<PlaceOrderAnswer, { kind: 'placed' }> {
  if (answer.kind !== 'placed') throw new Error(`refused: ${answer.code} ${JSON.stringify(answer.facts)}`);
  return answer;
}
export function codeOf(answer: PlaceOrderAnswer | CancelOrderAnswer | ReplaceOrderAnswer): string {
  return answer.kind === 'rejected' ? answer.code : answer.kind;
}
