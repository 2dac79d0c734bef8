/** A member comes back with a database of yesterday: it does not sign until the others have told it how far it had voted (10.5, test 15). */
import { openDatabase } from '#server/db.ts';
import { begin, give, ORGS_ALL, untilEven } from './acts.ts';
import type { Drill } from './drill.ts';
import type { DrillSite } from './site.ts';

const ITEMS = 4;

export const memberRestored: Drill = {
  name: 'member-restored-from-old-backup',
  about: 'the notary starts from an old copy of its database: it abstains, catches up, and contradicts nothing that it signed',
  run: async ({ site, expect }) => {
    const { chain, lin, chen } = await begin(site, ITEMS);
    await site.stop('notary');
    const copy = site.backUp('notary');
    await site.start('notary');
    // The studio is down meanwhile, so that every block needs the notary's Vote.
    await site.stop('studio');
    for (const serial of [0, 1]) await give(site, 'operator', chain, { serial, by: lin, to: chen });
    const signed = await votesOf(site);
    expect(signed.length > 0, `the notary has voted for ${signed.length} blocks since the copy`);

    await site.stop('notary');
    await (await site.databaseOf('notary')).stop();
    site.putBack('notary', copy);
    expect((await votesOf(site)).length < signed.length, 'the notary’s database is the one of before');
    await site.start('studio');
    await site.start('notary');
    await give(site, 'operator', chain, { serial: 2, by: lin, to: chen });
    const height = await untilEven(site, ORGS_ALL);
    const again = await votesOf(site);
    const highest = signed.reduce((best, each) => (each.height > best ? each.height : best), 0n);
    const contradictions = again.filter((vote) => signed.some((each) => each.height === vote.height && each.header !== vote.header));
    expect(contradictions.length === 0, 'no Vote of the restored member contradicts one it gave before');
    expect(/signature|abstain|own_signature_unknown/.test(site.logOf('notary')), 'it noticed that it had signed what it does not know');
    for (const serial of [0, 1]) await give(site, 'operator', chain, { serial, by: chen, to: lin });
    await untilEven(site, ORGS_ALL);
    const later = (await votesOf(site)).filter((vote) => vote.height > highest + 1n);
    expect(later.length > 0, 'above the heights it may have forgotten it signs again');
    return { lost: 0, facts: { height, votesForgotten: signed.length, votesSince: later.length } };
  },
};

async function votesOf(site: DrillSite): Promise<readonly { readonly height: bigint; readonly header: string }[]> {
  const sql = openDatabase((await site.databaseOf('notary')).url, { max: 1 });
  try {
    const rows = await sql<
      { height: string; header: string }[]
    >`select height, encode(header_hash, 'hex') as header from ledger.votes order by height`;
    return rows.map((row) => ({ height: BigInt(row.height), header: row.header }));
  } finally {
    await sql.end();
  }
}
