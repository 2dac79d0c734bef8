/**
 * A member's disk is full for real (ENOSPC on a small file system): it signs nothing it can't record, the others go on, and when there is
 * room again it catches up and signs again (`ledger.md` 22, test 14).
 */
import { openDatabase } from '#server/db.ts';
import { begin, give, headersAt, ORGS_ALL, provenItems, until, untilEven } from './acts.ts';
import { type Drill, secondsSince } from './drill.ts';
import type { DrillSite, Org } from './site.ts';

const ITEMS = 4;
const DISK_MB = 260;
const WITHOUT_RESTART_MS = 30_000;
const OTHERS = ['operator', 'studio', 'supervisor'] as const satisfies readonly Org[];

export const diskFull: Drill = {
  name: 'disk-full',
  about: 'the notary’s disk is full: it signs nothing it can’t record, the others go on; with room again it catches up and signs',
  run: async ({ site, say, expect }) => {
    site.limitDisk('notary', DISK_MB);
    const { chain, lin, chen } = await begin(site, ITEMS);
    await untilEven(site, ORGS_ALL);

    const free = site.fillDisk('notary');
    say('not a byte more fits on the notary’s disk');
    const stood = await site.height('notary');
    let serial = 0;
    const isStuck = async (): Promise<boolean> => {
      const [by, to] = serial % 2 === 0 ? [lin, chen] : [chen, lin];
      await give(site, 'operator', chain, { serial: 0, by, to });
      serial += 1;
      return isFull(site) && (await site.height('operator')) > (await site.height('notary'));
    };
    await until(isStuck, 120_000, 'the notary to run out of room');
    const reached = await untilEven(site, OTHERS);
    const stuck = await site.height('notary');
    expect(
      reached > stuck,
      `the other three go on: height ${reached}; the notary stands at ${stuck} (it had ${stood} when its disk filled)`,
    );

    const begun = performance.now();
    free();
    say('there is room again');
    const isRestarted = await caughtUp(site, reached, WITHOUT_RESTART_MS).then(
      () => false,
      () => true,
    );
    if (isRestarted) {
      say('it does not come back by itself: its staff starts it again');
      await site.stop('notary');
      await site.start('notary');
      await caughtUp(site, reached, 60_000);
    }
    const caughtUpAfterSeconds = secondsSince(begun);
    for (let height = 1; height <= reached; height++)
      if ((await headersAt(site, ORGS_ALL, height)).size !== 1) expect(false, `block ${height} is the same everywhere`);
    expect(true, `blocks 1 to ${reached} are the same everywhere`);
    expect((await unrecorded(site, reached)) === 0, 'every Vote of the notary in a Finality has its record');
    // Without the studio each block needs the notary.
    await site.stop('studio');
    await give(site, 'operator', chain, { serial: 1, by: lin, to: chen });
    expect(true, 'the notary signs again');
    const items = await provenItems(site, 'notary', ITEMS);
    return { lost: ITEMS - items.size, facts: { caughtUpAfterSeconds, restarted: isRestarted ? 1 : 0, heightsMissed: reached - stuck } };
  },
};

const isFull = (site: DrillSite): boolean => /No space left|53100|disk_full|could not extend/i.test(site.logOf('notary'));

const caughtUp = (site: DrillSite, height: number, ms: number): Promise<void> =>
  until(async () => (await site.height('notary')) >= height, ms, 'the notary to catch up');

/** Blocks whose Finality carries a Vote of the notary that its own table does not know. */
async function unrecorded(site: DrillSite, height: number): Promise<number> {
  const sql = openDatabase((await site.databaseOf('notary')).url, { max: 1 });
  try {
    // A MemberSig is a u16 and 64 bytes, after 53 bytes of Finality and the count.
    const [row] = await sql<{ missing: number }[]>`
      select count(*)::int as missing from ledger.blocks b, generate_series(0, get_byte(b.finality, 53) - 1) as at
      where b.height between 1 and ${height} and get_byte(b.finality, 54 + 66 * at) = 4 and get_byte(b.finality, 55 + 66 * at) = 0
        and not exists (select from ledger.votes v where v.height = b.height and v.header_hash = b.header_hash)`;
    return row?.missing ?? 0;
  } finally {
    await sql.end();
  }
}
