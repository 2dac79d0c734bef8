/**
 * The core promise (`ledger.md` 22, test 19): the studio is closed, the operator's processes and data are gone for ever; the members make
 * the notary operator, a player sells an Item of the closed studio, and somebody who has nothing but a file and the ChainId verifies it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ItemLeaf } from '#ledger/codec/leaves.ts';
import type { Op } from '#ledger/codec/op-types.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { coSignTx } from '#ledger/tx/sign.ts';
import { TAKEOVER_HOLD } from '#sandbox/cases/takeover-order.ts';
import { openDatabase } from '#server/db.ts';
import { accountOf } from '#server/members/run-member.ts';
import type { PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { picture } from '#test/support/picture.ts';
import {
  begin,
  give,
  ORGS_ALL,
  organisation,
  type Person,
  player,
  provenItems,
  putArt,
  repeatIssue,
  signed,
  submit,
  until,
  untilCertified,
  untilEven,
} from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { declareAccountTakeover, enter, list, payIn, portfolioOf, sellTo } from './market-acts.ts';
import { MEMBER_ID, type Org } from './site.ts';

const ITEMS = 4;
const PRICE_FEN = '12800';
const DEPOSIT_FEN = '3000000';
const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');
const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
const { sm2 } = startSm2();
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
    await closeStudio(ground, chain);
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
    const answer = await takeOver(ground);
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
    for (const org of ['studio', 'supervisor', 'notary'] as const) await site.stop(org);
    const verdict = spawnSync(process.execPath, [VERIFY, file, '--chain', toHex(chain)], { encoding: 'utf8' });
    say(verdict.stdout.trim());
    expect(verdict.status === 0, 'with every server off, the receipt is proven from the file and the ChainId alone');
    const facts = {
      movedAfterSeconds: moved,
      openedAfterSeconds: opened,
      soldAfterSeconds: sold,
      verifiedAfterSeconds: secondsSince(begun),
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

/** Sunset by supervisor and notary (op 15): from here nobody issues in its name, and its Items stay transferable. */
async function closeStudio({ site, say }: DrillGround, chain: Bytes): Promise<void> {
  const op: Op = { kind: 'studio_sunset', studio: accountOf('studio').acct, at: clock(), archive: ZERO_32, successor: null };
  const env = signedByBoth(chain, op);
  const answer = await submit(site, 'notary', env);
  assert(answer.status === 202, `the sunset is taken: ${JSON.stringify(answer)}`);
  await untilCertified(site, 'notary', env);
  say('the studio is closed: its sunset is certified');
}

function signedByBoth(chain: Bytes, op: Op) {
  const [supervisor, notary] = [organisation('supervisor'), organisation('notary')];
  const first = signed(chain, supervisor, op);
  const [second] = coSign(notary, first);
  assert(second !== undefined, 'one LedgerTx in, one out');
  return second;
}

const coSign = (by: Person, env: Parameters<typeof coSignTx>[2][number]) =>
  coSignTx(sm2, { acct: by.acct, keyIdx: by.keyIdx, keyEpoch: 0, privateKey: by.privateKey }, [env]);

function cli({ site, say }: DrillGround, org: Org, ...args: readonly string[]): string {
  const done = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { ...process.env, DATA_DIR: site.dirOf(org), DATABASE_URL: undefined, INSTITUTION_URL: site.institutionUrl() },
  });
  if (done.status !== 0) say(`${args.join(' ')}: ${done.status} ${done.stdout} ${done.stderr}`);
  return done.stdout;
}

/** The three that are left decide: the operator leaves, the notary takes its place. */
async function decide(ground: DrillGround): Promise<void> {
  const { site, say } = ground;
  const file = path.join(site.folder, 'decision.json');
  cli(ground, 'notary', 'config', 'propose', '--leaves', String(MEMBER_ID.operator), '--operator', String(MEMBER_ID.notary), '--to', file);
  for (const org of ['studio', 'supervisor', 'notary'] as const) cli(ground, org, 'config', 'approve', file);
  const answer = cli(ground, 'notary', 'config', 'submit', file, '--to', site.baseOf('notary'), '--json');
  say(`submitted: ${answer.trim()}`);
}

async function isOperator({ site }: DrillGround): Promise<boolean> {
  const holds = async () => {
    const status = await site.status('notary');
    return status !== null && status.epoch > 0 && status.members.every((member) => member.id !== MEMBER_ID.operator);
  };
  await until(holds, 120_000, 'the new configuration');
  return holds();
}

/** The supervisor hands over, the notary's node ends, its market is written and opened. @returns what the command said */
async function takeOver(ground: DrillGround): Promise<string> {
  const { site, say } = ground;
  const file = path.join(site.folder, 'hand-over.jsonl');
  cli(ground, 'supervisor', 'hand-over', '--to', String(MEMBER_ID.notary), '--file', file);
  await site.stop('notary');
  const answer = cli(ground, 'notary', 'promote', '--hand-over', file, '--json');
  say(answer.trim());
  await site.start('notary', 'market');
  return answer;
}

function reconcile(ground: DrillGround): boolean {
  const answer = cli(ground, 'notary', 'reconcile', '--json');
  return /"breaks":\[\]/.test(answer);
}
