/** Appendix A of `ledger.md`, and what must break it: the model is worth what its mutants show. */
import { describe, expect, test } from 'vitest';
import { type WalkMutant, walk } from './recovery-walk.ts';
import { explore, type Mutant } from './voting-model.ts';

describe('every state of one epoch', () => {
  test('no two Finalities, and no Recovery that discards one', () => {
    expect(explore()).toEqual({ states: 217_895, p1Broken: 0, p2Checks: 871_580, p2Broken: 0 });
  });

  const MUTANTS: readonly (readonly [string, Mutant, number])[] = [
    ['Votes counted across terms', { countsAcrossTerms: true }, 217_895],
    ['S1 without its vote lock', { dropsVoteLock: true }, 440_985],
    ['S3 left out', { dropsS3: true }, 440_985],
  ];
  test.each(MUTANTS)(
    '%s lets a Recovery discard a certified header',
    (_, mutant, states) => {
      const found = explore(mutant, true);
      expect(found.states).toBe(states);
      expect(found.p2Broken).toBe(1);
    },
    120_000,
  );
});

describe('walks over three epochs with recoveries in between', () => {
  const SEEDS = 2000;

  test(`no two headers of one height become final in ${SEEDS} walks`, () => {
    const broken = Array.from({ length: SEEDS }, (_, seed) => seed + 1).filter((seed) => walk(seed));
    expect(broken).toEqual([]);
  });

  const MUTANTS: readonly (readonly [string, WalkMutant, readonly number[]])[] = [
    ['bases compared by term alone', { comparesTermsAlone: true }, [267, 3156, 8309]],
    ['anything endorsable beside the base', { endorsesBesideBase: true }, [4, 8, 12]],
  ];
  test.each(MUTANTS)('%s: two Finalities on the recorded seeds', (_, mutant, seeds) => {
    expect(seeds.map((seed) => walk(seed, mutant))).toEqual(seeds.map(() => true));
    expect(seeds.map((seed) => walk(seed))).toEqual(seeds.map(() => false));
  });
});
