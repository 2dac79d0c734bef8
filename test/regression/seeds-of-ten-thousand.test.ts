/**
 * Seeds that failed when ten thousand were run: a restored signer that forgot after a restart that it abstains, or that it had sealed; a Vote
 * recorded at the second attempt, after an Endorsement of a higher term; an old Endorsement said again after a newer one, or, its record
 * having failed, beside a Vote for another header.
 */
import { expect, test } from 'vitest';
import { runSeed } from '#test/simulation/run.ts';

const SEEDS = [2324, 3758, 5457, 5538, 6082, 6177, 6752, 6781, 7105, 7370, 7551, 8772, 9651, 41399, 50862];

test.each(SEEDS)('seed %i breaks nothing', (seed) => {
  expect(runSeed(seed).broken).toBeNull();
});
