/** The ordering engine comes back from an old copy: slots and terms of later are gone. Members hold what they signed, and go on (22). */
import { begin, give, headersAt, ORGS_ALL, provenItems, untilEven } from './acts.ts';
import type { Drill } from './drill.ts';
import { secondsSince } from './drill.ts';

const ITEMS = 4;

export const engineRewound: Drill = {
  name: 'engine-rewound',
  about: 'the ordering engine is restored from an old copy: nothing certified changes, and the chain goes on',
  run: async ({ site, say, expect }) => {
    const { chain, lin, chen } = await begin(site, ITEMS);
    const copy = await site.backUpOrdering();
    const copiedAt = await untilEven(site, ORGS_ALL);
    for (const serial of [0, 1]) await give(site, 'operator', chain, { serial, by: lin, to: chen });
    const before = await untilEven(site, ORGS_ALL);
    expect(before > copiedAt, `certified after the copy: heights ${copiedAt + 1} to ${before}`);
    const known = await Promise.all(Array.from({ length: before }, (_, at) => headersAt(site, ['operator'], at + 1)));

    const begun = performance.now();
    await site.putBackOrdering(copy);
    expect(!(await site.hasSlot(before)), `the engine no longer knows of height ${before}`);
    say('the engine is back from its old copy');
    await give(site, 'operator', chain, { serial: 2, by: lin, to: chen });
    const goesOn = secondsSince(begun);
    const after = await untilEven(site, ORGS_ALL);
    expect(after > before, 'the chain goes on');
    for (let height = 1; height <= before; height++) {
      const now = await headersAt(site, ORGS_ALL, height);
      expect(
        now.size === 1 && [...now].every((header) => known[height - 1]?.has(header) === true),
        `block ${height} is the one it was, everywhere`,
      );
    }
    const items = await provenItems(site, 'notary', ITEMS);
    return { lost: ITEMS - items.size, facts: { goesOnAfterSeconds: goesOn, height: after } };
  },
};
