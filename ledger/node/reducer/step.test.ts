/** Single steps of the reducer; whole consortiums under faults are in test/simulation. */
import { expect, test } from 'vitest';
import { checkBlock, NO_CHECKS } from './check-block.ts';
import { startMember } from './start.ts';
import { step } from './step.ts';

test('the reducer and its checks are plain functions', () => {
  expect([typeof step, typeof checkBlock, typeof startMember, NO_CHECKS.media.length]).toEqual(['function', 'function', 'function', 0]);
});
