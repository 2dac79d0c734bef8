import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { alertsZh } from '#app/_client/messages/alerts.ts';

test('every figure that a detector puts into an alert has a word', () => {
  const sources = globSync('sandbox/surveillance/{detectors,flows}/*.ts').map((path) => readFileSync(path, 'utf8'));
  const names = sources.flatMap((source) =>
    [...source.matchAll(/figures: \{([^}]*)\}/g)].flatMap(([, body = '']) =>
      [...body.matchAll(/(?:^|,)\s*(\w+)(?=[:,\s])/g)].map(([, name = '']) => name),
    ),
  );
  expect(names.length).toBeGreaterThan(40);
  expect([...new Set(names)].filter((name) => !Object.hasOwn(alertsZh.figure, name))).toEqual([]);
});
