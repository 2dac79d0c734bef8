import { expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

const HOUR = 3_600_000;

function watch() {
  const lines: string[] = [];
  const time = { now: 10 * HOUR, elapsed: 500 };
  const log = { info: (line: string) => lines.push(`info ${line}`), error: (line: string) => lines.push(`error ${line}`) };
  const opened = new ClockWatch({ now: () => time.now, elapsed: () => time.elapsed, log });
  return { opened, time, lines, pass: (ms: number) => Object.assign(time, { now: time.now + ms, elapsed: time.elapsed + ms }) };
}

test('a clock that is level or ahead is not behind, however long no block comes', () => {
  const { opened, lines, pass } = watch();
  opened.follow(BigInt(10 * HOUR - 200), 2000);
  pass(5 * HOUR);
  expect(opened.behindMs()).toBe(0);
  expect(lines).toEqual([]);
});

test('an hour behind the newest header: said once, and the distance stays while no block comes', () => {
  const { opened, lines, pass } = watch();
  opened.follow(BigInt(11 * HOUR), 2000);
  opened.follow(BigInt(11 * HOUR + 1), 2000);
  expect(lines).toEqual([expect.stringMatching(/^error .*clock is behind/)]);
  pass(30 * 60_000);
  expect(opened.behindMs()).toBe(HOUR + 1);
});

test('a clock that was set right shows it at once, and says so with the next block', () => {
  const { opened, time, lines } = watch();
  opened.follow(BigInt(11 * HOUR), 2000);
  time.now = 11 * HOUR;
  expect(opened.behindMs()).toBe(0);
  opened.follow(BigInt(11 * HOUR + 5), 2000);
  expect(lines[1]).toMatch(/^info .*level/);
});

test('what the configuration allows is no fault', () => {
  const { opened, lines } = watch();
  opened.follow(BigInt(10 * HOUR + 2000), 2000);
  expect([opened.behindMs(), lines]).toEqual([2000, []]);
});
