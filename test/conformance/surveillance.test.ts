/** Alerts follow from facts and pack alone: batch, stream and any restart say the same. */
import { expect, test } from 'vitest';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { DETECTOR_IDS } from '#sandbox/surveillance/detector.ts';
import { DETECTORS } from '#sandbox/surveillance/detectors.ts';
import { type Alert, createSurveillance } from '#sandbox/surveillance/surveillance.ts';
import { createDraw, randomFacts } from '#test/support/random-facts.ts';

const SEEDS = ['1', '2', '3', '4', '5', '6'];

test.each(SEEDS)('seed %s: a stream that is cut and rebuilt at random places ends with the alerts of the batch', (seed) => {
  const facts = randomFacts(seed, 1_500);
  const batch = createSurveillance(PACK_CN_2026_1);
  for (const fact of facts) batch.take(fact);

  const { below } = createDraw(`cuts ${seed}`);
  const stored = new Map<string, Alert>();
  let place = 0;
  for (let life = 0; life < 6 || place < facts.length; life += 1) {
    // A restart reads every fact up to its place again and says nothing new about them.
    const surveillance = createSurveillance(PACK_CN_2026_1);
    for (const fact of facts.slice(0, place)) surveillance.take(fact);
    for (const alert of surveillance.list()) expect(stored.get(alert.alertId)).toEqual(alert);
    const until = life > 5 ? facts.length : Math.min(facts.length, place + below(400));
    for (; place < until; place += 1) {
      const fact = facts[place];
      if (fact !== undefined) for (const alert of surveillance.take(fact)) stored.set(alert.alertId, alert);
    }
  }
  expect([...stored.values()].toSorted(byId)).toEqual([...batch.list()].toSorted(byId));
  expect(stored.size).toBeGreaterThan(10);
});

test('a detector alone says what it says among all others: a try-out is comparable', () => {
  const facts = randomFacts('alone', 1_500);
  const all = createSurveillance(PACK_CN_2026_1);
  for (const fact of facts) all.take(fact);
  for (const id of DETECTOR_IDS) {
    const alone = createSurveillance(PACK_CN_2026_1, [id]);
    for (const fact of facts) alone.take(fact);
    expect([...alone.list()].toSorted(byId)).toEqual([...all.list()].filter(({ detector }) => detector === id).toSorted(byId));
  }
});

test('every detector is listed once, reads something, and its weight and base rate are parameters of the pack', () => {
  expect(DETECTORS.map(({ id }) => id)).toEqual(DETECTOR_IDS);
  for (const { id, reads } of DETECTORS) {
    expect(reads.length).toBeGreaterThan(0);
    for (const name of ['weight', 'baseRate']) expect(PACK_CN_2026_1.constants[`sv${id.slice(-2)}.${name}`]?.ruleId).toBe(id);
  }
});

test('evidence ids are of facts that were read, and scores lie between 0 and 100', () => {
  const facts = randomFacts('evidence', 2_000);
  const ids = new Set(facts.map(({ id }) => id));
  const surveillance = createSurveillance(PACK_CN_2026_1);
  for (const fact of facts) surveillance.take(fact);
  for (const { tradeIds, score } of surveillance.list()) {
    expect(tradeIds.filter((id) => !ids.has(id))).toEqual([]);
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(100);
  }
});

function byId(a: Alert, b: Alert): number {
  return a.alertId < b.alertId ? -1 : 1;
}
