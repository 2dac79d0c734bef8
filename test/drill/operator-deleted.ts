/**
 * The core promise (`ledger.md` 22, test 19): the studio is closed, the operator's processes and data are gone for ever; the members make
 * the notary operator, a player sells an Item of the closed studio, and somebody who has nothing but a file and the ChainId verifies it.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { TAKEOVER_HOLD } from '#sandbox/cases/takeover-order.ts';
import { openDatabase } from '#server/db.ts';
import { accountOf } from '#server/members/run-member.ts';
import type { PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { picture } from '#test/support/picture.ts';
import { begin, give, ORGS_ALL, type Person, player, provenItems, putArt, repeatIssue, until, untilEven } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { fetchEvidence, verifyFile } from './evidence-acts.ts';
import { HAS_PAGES, seeOwnItem } from './heir-pages.ts';
import { declareAccountTakeover, enter, list, payIn, portfolioOf, sellTo } from './market-acts.ts';
import type { Org } from './site.ts';
import { decide, handOver, isOperator, reconcile, takeOver } from './takeover-acts.ts';

const ITEMS = 4;
const STUDIO = toHex(accountOf('studio').acct);
const PRICE_FEN = '12800';
const DEPOSIT_FEN = '3000000';
const clock = () => BigInt(Math.round(performance.timeOrigin + performance.now()));

export const operatorDeleted: Drill = {
  name: 'operator-deleted',
  about: 'studio closed, operator gone for ever: the notary runs the market, a player sells there, a third party verifies it offline',
  isInstitutionApart: true,
  run: async (ground) => {
    const { site, say, expect } = ground;
    const { chain, lin, chen } = await begin(site, ITEMS);
    const art = picture(16, 16);
    const artAt = await putArt(site, art);
    const old = { lin: await enter(site, 'operator', 'lin-yue', lin.acct), chen: await enter(site, 'operator', 'chen-hai', chen.acct) };
    const holding = await old.chen.api.itemClass.artHolders.query({ sm3: artAt.slice('/media/'.length) });
    expect(
      holding !== null && holding.holders >= 3 && holding.members === 4,
      'the kind’s art is held by operator, supervisor and notary at least',
    );
    await payIn(old.chen, DEPOSIT_FEN);
    const [soldFirst, offered, ...kept] = (await portfolioOf(old.lin)).map(({ itemId }) => itemId);
    assert(soldFirst !== undefined && offered !== undefined && kept[0] !== undefined && kept[1] !== undefined, 'four items');
    const first = await sellTo({ client: old.lin, acct: lin.acct }, old.chen, soldFirst, PRICE_FEN);
    await list(old.lin, offered, PRICE_FEN, 'drill-open');
    const moneyBefore = await moneyOf(old.chen);
    await closeStudio(ground);
    await untilEven(site, ORGS_ALL);
    await untilCopied(ground);
    const zhou = player(site, 'zhou-ning');
    await declareAccountTakeover(await enter(site, 'operator', 'zhou-ning', zhou.acct), zhou);
    await untilPapers(ground);
    const before = await provenItems(site, 'notary', ITEMS);
    expect(before.size === ITEMS, `${ITEMS} items of the studio are certified, one of them sold, one on offer`);

    const begun = performance.now();
    await site.destroy('operator');
    say('the operator’s processes and data are gone');
    await decide(ground);
    expect(await isOperator(ground), 'the decision is in force: the notary is operator');
    await give(site, 'notary', chain, { serial: serialOf(before, chen, lin), by: lin, to: chen });
    const moved = secondsSince(begun);
    expect(true, 'an item of the closed studio is given away and certified');
    const answer = await takeOver(ground, handOver(ground), { hasPages: HAS_PAGES });
    expect(/"items":4/.test(answer) && /"trades":1/.test(answer), 'the market is written anew: items and the certified sale');
    expect(/"tradesWithoutFigures":0/.test(answer) && /"playersWithoutIdentity":0/.test(answer), 'sealed figures are open to it');
    expect(/"takeovers":1/.test(answer), 'the desk’s papers came with the supervisor');
    expect(reconcile(ground), 'its books agree with ledger and institution');

    const shown = new Uint8Array(await (await fetch(`${site.baseOf('notary')}${artAt}`)).arrayBuffer());
    expect(/"art":1/.test(answer) && equalBytes(shown, art), 'the notary’s market shows the kind’s art, byte for byte');
    const now = { lin: await enter(site, 'notary', 'lin-yue', lin.acct), chen: await enter(site, 'notary', 'chen-hai', chen.acct) };
    const opened = secondsSince(begun);
    const held = await (await enter(site, 'notary', 'zhou-ning', zhou.acct)).api.account.me.query();
    expect(held?.holds.some(({ code }) => code === TAKEOVER_HOLD) === true, 'an account that was declared taken over cools on');
    expect((await moneyOf(now.chen)) === moneyBefore, 'the buyer has the money that the institution holds');
    expect(
      (await now.lin.api.order.list.query({})).rows.every(({ state }) => state !== 'new'),
      'open orders have ended: players sign again',
    );
    expect(
      (await now.chen.api.trade.get.query({ tradeId: first.tradeId })).grossFen === PRICE_FEN,
      'the former sale is known with its price',
    );
    const free = (await portfolioOf(now.lin)).find(({ state }) => state === 'free');
    assert(free !== undefined, 'an item is free');
    const sale = await sellTo({ client: now.lin, acct: lin.acct }, now.chen, free.itemId, PRICE_FEN);
    const sold = secondsSince(begun);
    expect(true, 'signed in with the old key, an item of the closed studio is sold on the notary’s market');

    expect(
      (await repeatIssue(site, 'notary', lin, ITEMS)).replayed === true,
      'a write of before is known by its reference and not done again',
    );
    const file = path.join(site.folder, 'sale.plproof');
    const receipt = await fetch(`${site.baseOf('notary')}/ledger/v1/receipt/${sale.txId}`);
    writeFileSync(file, new Uint8Array(await receipt.arrayBuffer()));
    const after = await provenItems(site, 'notary', ITEMS);
    const lost = [...before.keys()].filter((serial) => !after.has(serial)).length;
    expect([...after.values()].filter(({ owner }) => equalBytes(owner, chen.acct)).length === 3, 'the buyer owns what was sold and given');
    expect(reconcile(ground), 'after the sale every book agrees again');
    expect(verifyFile(file, chain).isProven, 'the receipt is proven from the file and the ChainId alone');
    const verifiedAt = secondsSince(begun);
    const evidence = await fetchEvidence(now.chen, chen, first.tradeId, site.folder);
    if (HAS_PAGES) {
      const seen = await seeOwnItem(site.baseOf('notary'), '陈海 Chen Hai', free.itemId);
      expect(seen.home && seen.item, 'in a browser the heir’s first page opens, a player signs in, sees the item and verifies it there');
      expect(
        seen.complaints.length === 0 && seen.strangers.length === 0,
        `nothing complains: ${[...seen.complaints, ...seen.strangers].join('; ')}`,
      );
    } else say('pages are not built here: no browser looks at the heir’s market');
    const notices = await now.lin.api.market.listSunsets.query();
    expect(
      notices.some(({ file: kept }) => kept?.href.endsWith(STUDIO) === true),
      'the heir’s market offers the archive of the closed game',
    );
    const archive = path.join(site.folder, 'game.zip');
    writeFileSync(archive, (await archiveAt(site, 'supervisor')) ?? new Uint8Array(0));
    for (const org of ['studio', 'supervisor', 'notary'] as const) await site.stop(org);
    const verdict = verifyFile(file, chain);
    say(verdict.said);
    expect(verdict.isProven, 'with every server off, the receipt is proven again');
    const game = verifyFile(archive, chain, ['--item', '0']);
    say(game.said);
    expect(game.isProven, 'the archive that the supervisor’s process wrote proves each item of the closed game');
    const sealed = verifyFile(evidence, chain);
    say(sealed.said);
    expect(sealed.isProven, 'an evidence package of the sale of before, made by the heir, passes its eleven steps');
    const facts = {
      movedAfterSeconds: moved,
      openedAfterSeconds: opened,
      soldAfterSeconds: sold,
      verifiedAfterSeconds: verifiedAt,
    };
    return { lost, facts };
  },
};

const moneyOf = async (client: PlayerClient): Promise<string> => (await client.api.money.get.query()).availableFen;

/** One that Lin Yue still has and nobody has been offered: the last. */
function serialOf(items: ReadonlyMap<number, ItemLeaf>, chen: Person, lin: Person): number {
  const own = [...items].filter(([, { owner }]) => equalBytes(owner, lin.acct) && !equalBytes(owner, chen.acct)).map(([serial]) => serial);
  return Math.max(...own);
}

/** The notary has what the market says of its kinds. */
async function untilCopied({ site }: DrillGround): Promise<void> {
  const { url } = await site.databaseOf('notary');
  const sql = openDatabase(url, { max: 1 });
  await until(async () => (await sql`select 1 from mirror.kinds`).length > 0, 30_000, 'the copies at the notary');
  await sql.end();
}

/** The supervisor has the declaration, sealed for it. */
async function untilPapers({ site }: DrillGround): Promise<void> {
  const { url } = await site.databaseOf('supervisor');
  const sql = openDatabase(url, { max: 1 });
  const since = new Date(Number(clock()));
  await until(async () => (await sql`select 1 from mirror.papers where at >= ${since}`).length > 0, 60_000, 'the papers at the supervisor');
  await sql.end();
}

/**
 * Sunset by supervisor and notary (op 15), each on its own machine: from here nobody issues in its name, and its Items stay transferable. Its end
 * is now, so every member writes down what outlives it.
 */
async function closeStudio({ site, say, expect }: DrillGround): Promise<void> {
  const file = path.join(site.folder, 'end.json');
  const end = new Date(Number(clock())).toISOString();
  const steps: readonly (readonly [Org, readonly string[]])[] = [
    ['notary', ['draft', '--studio', STUDIO, '--end', end, '--to', file]],
    ['supervisor', ['sign', file]],
    ['notary', ['sign', file]],
    ['notary', ['submit', file, '--to', site.baseOf('notary')]],
  ];
  for (const [org, args] of steps) expect(site.cli(org, ['end-studio', ...args]).status === 0, `end-studio ${args[0]} at the ${org}`);
  const areThere = async () => (await Promise.all(ORGS_ALL.map((org) => archiveAt(site, org)))).every((zip) => zip !== null);
  await until(areThere, 120_000, 'an archive at each member');
  say('the studio is closed: its sunset is certified, and each member has the archive of its game');
}

/** What a member keeps of the closed studio's game; null: nothing yet. */
async function archiveAt(site: DrillGround['site'], org: Org): Promise<Uint8Array | null> {
  const response = await fetch(`${site.baseOf(org)}/ledger/v1/archive/${STUDIO}`).catch(() => null);
  return response?.ok === true ? new Uint8Array(await response.arrayBuffer()) : null;
}
