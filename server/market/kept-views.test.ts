import { expect, test } from 'vitest';
import { HEAVY_MS, openKeptViews } from './kept-views.ts';

function rig() {
  const state = { now: 0, made: 0, takesMs: 10, fails: false };
  const views = openKeptViews(() => state.now);
  const make = async () => {
    state.made += 1;
    await Promise.resolve();
    if (state.fails) throw new Error('no');
    state.now += state.takesMs;
    return { made: state.made };
  };
  return { state, ask: (version: string | null = null, key = 'a') => views.get(key, version, make) };
}

test('a light answer is made again, but while its version stands; another key is another answer', async () => {
  const { state, ask } = rig();
  expect([await ask(), await ask()]).toEqual([{ made: 1 }, { made: 2 }]);
  expect([await ask('v1'), await ask('v1'), await ask('v2')]).toEqual([{ made: 3 }, { made: 3 }, { made: 4 }]);
  expect(await ask('v2', 'b')).toEqual({ made: 5 });
  expect(state.made).toBe(5);
});

test('who asks at the same time waits for one', async () => {
  const { ask, state } = rig();
  state.takesMs = HEAVY_MS;
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([{ made: 1 }, { made: 1 }, { made: 1 }]);
});

test('a heavy answer is kept ten times as long as it took, and the next is made behind it', async () => {
  const { ask, state } = rig();
  state.takesMs = HEAVY_MS;
  expect(await ask('v1')).toEqual({ made: 1 });
  state.now += HEAVY_MS * 10 - 1;
  expect(await ask('v2')).toEqual({ made: 1 });
  expect(state.made).toBe(1);
  state.now += 1;
  expect(await ask('v2')).toEqual({ made: 1 });
  await Promise.resolve();
  await Promise.resolve();
  expect(await ask('v2')).toEqual({ made: 2 });
});

test('one that fails is told to who waits for it, and asked for anew; the last good one stays where there is one', async () => {
  const { ask, state } = rig();
  state.fails = true;
  await expect(ask()).rejects.toThrow('no');
  state.fails = false;
  state.takesMs = HEAVY_MS;
  expect(await ask()).toEqual({ made: 2 });
  state.fails = true;
  state.now += HEAVY_MS * 10;
  expect(await ask()).toEqual({ made: 2 });
  await new Promise(setImmediate);
  state.fails = false;
  expect(await ask()).toEqual({ made: 2 });
  await new Promise(setImmediate);
  expect(await ask()).toEqual({ made: 4 });
});
