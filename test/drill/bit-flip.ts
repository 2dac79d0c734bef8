/** One bit of one member's store changes on the disk: the node names the place, does not sign, and is repaired from its peers (test 4). */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { openDatabase } from '#server/db.ts';
import { begin, give, ORGS_ALL, provenItems, untilEven } from './acts.ts';
import { type Drill, secondsSince } from './drill.ts';

const ITEMS = 4;
const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');

export const bitFlip: Drill = {
  name: 'bit-flip',
  about: 'a bit of the notary’s store flips: it names the place and does not start; restored from its peers it goes on',
  run: async ({ site, say, expect }) => {
    const { chain, lin, chen } = await begin(site, ITEMS);
    await untilEven(site, ORGS_ALL);
    await site.stop('notary');
    const database = await site.databaseOf('notary');
    const sql = openDatabase(database.url, { max: 1 });
    await sql`update ledger.items set leaf = set_byte(leaf, 60, get_byte(leaf, 60) # 4) where serial = 1`;
    await sql.end();
    await database.stop();
    say('one bit of item 1 is another in the notary’s store');
    let refusal = '';
    await site.start('notary').catch((error: unknown) => {
      refusal = error instanceof Error ? error.message : String(error);
    });
    expect(/items 1/.test(refusal), 'the notary refuses to start and names the leaf');
    await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
    expect(true, 'the other three go on');

    const begun = performance.now();
    const restored = spawnSync(process.execPath, [CLI, 'restore', '--from-peers', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, DATA_DIR: site.dirOf('notary'), DATABASE_URL: undefined },
    });
    say(restored.stdout.trim() || restored.stderr.trim());
    expect(restored.status === 0, 'its store is emptied but for what it has signed');
    await site.start('notary');
    const height = await untilEven(site, ORGS_ALL);
    const items = await provenItems(site, 'notary', ITEMS);
    expect(items.size === ITEMS, 'everything is back from the peers, each block executed and verified anew');
    return { lost: ITEMS - items.size, facts: { repairedAfterSeconds: secondsSince(begun), height } };
  },
};
