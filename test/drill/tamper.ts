/**
 * Somebody changes what is kept (O-09): a row of the market, an entry of a member's chain, a file, a clock. Each is found, named, and mended
 * from what the members have.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { openDatabase, type Sql } from '#server/db.ts';
import { begin, give, ORGS_ALL, provenItems, until, untilEven, untilHeight } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { MEMBER_ID, type Org } from './site.ts';

const ITEMS = 3;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

type Ground = Awaited<ReturnType<typeof begin>>;

export const tamper: Drill = {
  name: 'tamper',
  about: 'a row, an entry, a file and a clock are changed: each is found and named, and mended from the members',
  run: async (ground) => {
    const { site, expect } = ground;
    const people = await begin(site, ITEMS);
    await untilEven(site, ORGS_ALL);
    const begun = performance.now();
    await changeRow(ground);
    const row = secondsSince(begun);
    await changeEntryAndFile(ground);
    const files = secondsSince(begun);
    await changeClock(ground, people);
    const items = await provenItems(site, 'notary', ITEMS);
    expect(items.size === ITEMS, 'everything certified is proven at the member that was tampered with');
    return {
      lost: ITEMS - items.size,
      facts: { rowMendedAfterSeconds: row, filesMendedAfterSeconds: files, mendedAfterSeconds: secondsSince(begun) },
    };
  },
};

async function inDatabase(ground: DrillGround, org: Org, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const isRunning = ground.site.isRunning(org);
  const database = await ground.site.databaseOf(org);
  const sql = openDatabase(database.url, { max: 1 });
  await work(sql);
  await sql.end();
  if (!isRunning) await database.stop();
}

/** The market says that another person holds an item. */
async function changeRow(ground: DrillGround): Promise<void> {
  const { site, expect } = ground;
  await inDatabase(ground, 'operator', (sql) =>
    sql.begin(async (tx) => {
      await tx`alter table custody.items disable trigger user`;
      await tx`update custody.items set owner = repeat('e', 64) where ledger_serial = 1`;
      await tx`alter table custody.items enable trigger user`;
    }),
  );
  const found = site.cli('operator', ['reconcile', '--json']);
  expect(
    found.status === 1 && /custody_differs/.test(found.stdout) && /itm_[0-9a-f]{32}/.test(found.stdout),
    'a changed row is found and its item named',
  );
  await site.stop('operator');
  expect(site.cli('operator', ['rebuild-custody', '--json']).status === 0, 'custody is written anew from the entries');
  await site.start('operator');
  expect(site.cli('operator', ['reconcile', '--json']).status === 0, 'every book agrees again');
}

/** The notary's chain and a document of its are other than they were. */
async function changeEntryAndFile(ground: DrillGround): Promise<void> {
  const { site, expect } = ground;
  await site.stop('notary');
  await inDatabase(ground, 'notary', (sql) =>
    sql.begin(async (tx) => {
      await tx`alter table ledger.entries disable trigger user`;
      await tx`update ledger.entries set body = set_byte(body, 90, get_byte(body, 90) # 1) where idx = 2`;
      await tx`alter table ledger.entries enable trigger user`;
    }),
  );
  const folder = path.join(site.dirOf('notary'), 'documents');
  const [name] = readdirSync(folder).filter((file) => /^[0-9a-f]{64}$/.test(file));
  if (name === undefined) throw new Error('the notary keeps a document');
  const file = path.join(folder, name);
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from(' ')]));
  let refusal = '';
  await site.start('notary').catch((error: unknown) => {
    refusal = error instanceof Error ? error.message : String(error);
  });
  expect(/entries 2/.test(refusal), 'the notary refuses to start and names the entry');
  expect(site.cli('notary', ['restore', '--from-peers', '--json']).status === 0, 'its store is emptied but for what it has signed');
  await site.start('notary');
  await untilEven(site, ORGS_ALL);
  expect(site.logOf('notary').includes(name), 'a changed file is found and named');
  const isMended = async () => toHex(sm3(new Uint8Array(readFileSync(file)))) === name;
  await until(isMended, 60_000, 'the document to be fetched from the others');
  expect(true, 'chain and file are back from the peers');
}

/** An hour behind, it takes no block for one of now, and says itself that its clock is wrong; set right, it signs again. */
async function changeClock({ site, expect, say }: DrillGround, { chain, lin, chen }: Ground): Promise<void> {
  await site.stop('notary');
  await site.start('notary', 'member', { clockShiftMs: -HOUR_MS });
  await untilHeight(site, 'notary', await site.height('operator'));
  // Blocks come of acts alone: one for it to refuse.
  await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
  const refuses = async () =>
    (await site.status('operator'))?.refusals.some(({ code, member }) => code === 'time_range' && member === MEMBER_ID.notary) === true;
  await until(refuses, 60_000, 'the leader to hear that the notary refuses blocks by its clock');
  expect(true, 'the others go on, and the leader names who refuses by its clock: time_range, at the notary');
  const knows = async () => (await site.status('notary'))?.isClockBehind === true;
  await until(knows, 60_000, 'the notary to know that its clock is wrong');
  const behindMs = (await site.status('notary'))?.clockBehindMs ?? 0;
  expect(Math.abs(behindMs - HOUR_MS) < MINUTE_MS, `the notary says how far its clock is behind: ${Math.round(behindMs / 1000)} s`);
  const metrics = await (await fetch(`${site.baseOf('notary')}/metrics`)).text();
  expect(/^daoju_clock_behind_seconds 3[56]\d\d/m.test(metrics), 'its metrics say the same');
  expect(site.logOf('notary').includes("this member's clock is behind"), 'its log says it in a sentence');
  await site.stop('notary');
  await site.start('notary');
  say('its clock is set right');
  await untilEven(site, ORGS_ALL);
  // Without the studio each block needs the notary.
  await site.stop('studio');
  await give(site, 'operator', chain, { serial: 0, by: chen, to: lin });
  expect((await site.status('notary'))?.isClockBehind === false, 'the notary signs again, and its clock is level');
  await site.start('studio');
  await untilEven(site, ORGS_ALL);
}
