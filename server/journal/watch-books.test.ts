import { expect, test } from 'vitest';
import { type Log, silentLog } from '#server/log.ts';
import type { Break } from './breaks.repo.ts';
import { watchBooks } from './watch-books.ts';

type Line = { readonly level: 'info' | 'error'; readonly breaks: unknown };

function listen(): { readonly log: Log; readonly lines: Line[] } {
  const lines: Line[] = [];
  const write = (level: Line['level']) => (facts: Readonly<Record<string, unknown>>) => void lines.push({ level, breaks: facts.breaks });
  return { log: { ...silentLog, info: write('info'), error: write('error') }, lines };
}
const BREAK: Break = { kind: 'balance_differs', subject: 'fee', expected: '1', reported: '2' };
const until = async (isTrue: () => boolean) => {
  for (let tries = 0; tries < 200 && !isTrue(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('a break is told with its number and the watch goes on', async () => {
  const { log, lines } = listen();
  const answers: (readonly Break[])[] = [[], [BREAK], []];
  const watch = watchBooks({ log, find: () => Promise.resolve(answers.shift() ?? []) }, { everyMs: 1 });
  watch.start();
  await until(() => lines.length >= 3);
  await watch.stop();
  expect(lines.slice(0, 3)).toEqual([
    { level: 'info', breaks: 0 },
    { level: 'error', breaks: 1 },
    { level: 'info', breaks: 0 },
  ]);
  const told = lines.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(lines).toHaveLength(told);
});

test('books that cannot be read are no agreement, and stopping waits for the comparison that runs', async () => {
  const { log, lines } = listen();
  expect(await watchBooks({ log, find: () => Promise.reject(new Error('no database')) }).turn()).toBeNull();
  let isOver = false;
  const slow = watchBooks(
    {
      log,
      find: async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        isOver = true;
        return [];
      },
    },
    { everyMs: 1 },
  );
  slow.start();
  await new Promise((resolve) => setTimeout(resolve, 15));
  await slow.stop();
  expect(isOver).toBe(true);
  expect(lines.filter(({ level }) => level === 'info')).toHaveLength(1);
});
