/** The order of test files: those that take minutes first, so that two workers end at about the same time instead of one waiting for the
 *  last long one. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longest first, as measured with two workers. A file that is not named comes after them, as it would. Of those that share a market the
 *  first sees it open, and the last one waits for the others to leave before it moves the clock. */
const LONG: readonly string[] = [
  'test/e2e/opening.test.ts',
  'test/e2e/join.test.ts',
  'test/e2e/pages.test.ts',
  'test/e2e/alerts.test.ts',
  'test/e2e/stale.test.ts',
  'test/e2e/tour.test.ts',
  'test/e2e/disputes.test.ts',
  'test/e2e/feed-tamper.test.ts',
  'test/integration/crash.test.ts',
  'test/integration/cancel-race.test.ts',
  'test/simulation/simulation.test.ts',
  'test/integration/ledger-crash.test.ts',
  'test/integration/commands.test.ts',
  'test/integration/payments.test.ts',
  'test/integration/outside-payment-crash.test.ts',
  'test/integration/snapshots.test.ts',
  'test/integration/claims.test.ts',
  'test/integration/studio-api.test.ts',
  'test/integration/evidence.test.ts',
  'test/conformance/ordering-engine.test.ts',
];

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONG.findIndex((name) => moduleId.endsWith(name));
  return place === -1 ? LONG.length : place;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
