/** Four projects: units; whatever crosses modules; browser journeys, after everything else; the tidy checks. */
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const NEVER = ['**/node_modules/**', '.next/**', '.data*/**', 'test/e2e/**', 'test/tidy.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Two cores: one for a test file, one for the PostgreSQL that it talks to; more only makes them wait for each other.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Machines are shared and may be ten times as slow as yesterday. What never ends is found all the same.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A fact is waited for as long as a slow machine needs; without this it has one second.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{app,server,sandbox,ledger,drizzle}/**/*.test.{ts,tsx}'],
          exclude: NEVER,
          // They keep no state outside themselves: a worker loads the modules once for all of them, in a third of the time.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'whole', isolate: false, include: ['test/**/*.test.{ts,tsx}'], exclude: NEVER, sequence: { groupOrder: 1 } },
      },
      { extends: true, test: { name: 'tidy', include: ['test/tidy.test.ts'], sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/support/shared-market.ts'],
          // Two at a time, since half of a journey is waiting; those that disturb others have a program of their own.
          testTimeout: 300_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    benchmark: { include: ['test/bench/**/*.bench.ts'] },
  },
});
