import { afterEach, expect, test, vi } from 'vitest';
import { every } from './every.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a turn that takes longer than the time between turns is not begun again meanwhile; one that fails is told, and the next tries again', async () => {
  vi.useFakeTimers();
  const open: ((error?: Error) => void)[] = [];
  const failed = vi.fn();
  const turn = () => new Promise<void>((resolve, reject) => open.push((error) => (error === undefined ? resolve() : reject(error))));
  const ticking = every(1000, turn, failed);
  await vi.advanceTimersByTimeAsync(5000);
  expect(open).toHaveLength(1);
  const error = new Error('the database is away');
  open[0]?.(error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(failed.mock.calls).toEqual([[error]]);
  expect(open).toHaveLength(2);
  open[1]?.();
  await vi.advanceTimersByTimeAsync(1000);
  expect(open).toHaveLength(3);
  ticking.stop();
  open[2]?.();
  await vi.advanceTimersByTimeAsync(5000);
  expect(open).toHaveLength(3);
});
