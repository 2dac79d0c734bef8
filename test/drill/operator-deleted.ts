/**
 * The core promise (`ledger.md` 22, test 19): the studio is closed, the operator's processes and data are gone for ever; the members make
 * the notary operator, a player sells an Item of the closed studio, and somebody who has nothing but a file and the ChainId verifies it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Op } from '#ledger/codec/op-types.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { coSignTx } from '#ledger/tx/sign.ts';
import { accountOf } from '#server/members/run-member.ts';
import {
  chainOf,
  issueItems,
  organisation,
  type Person,
  player,
  provenItems,
  signed,
  submit,
  until,
  untilCertified,
  untilHeight,
} from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { sell } from './sell.ts';
import { MEMBER_ID, type Org } from './site.ts';

const ITEMS = 3;
const CLI = path.resolve(import.meta.dirname, '../../server/cli/index.ts');
const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
const { sm2 } = startSm2();
const clock = () => BigInt(Math.round(performance.timeOrigin + performance.now()));

export const operatorDeleted: Drill = {
  name: 'operator-deleted',
  about: 'studio closed, operator gone for ever: the notary is promoted, an item is sold, a third party verifies it offline',
  run: async (ground) => {
    const { site, say, expect } = ground;
    await Promise.all((['operator', 'studio', 'supervisor', 'notary'] as const).map((org) => site.start(org)));
    await untilHeight(site, 'operator', 1);
    const [lin, chen] = [player(site, 'lin-yue'), player(site, 'chen-hai')];
    await issueItems(site, lin, ITEMS);
    const chain = await chainOf(site, 'operator');
    await Promise.all(
      (['studio', 'supervisor', 'notary'] as const).map(async (org) => untilHeight(site, org, await site.height('operator'))),
    );
    await closeStudio(ground, chain);
    await until(async () => (await provenItems(site, 'notary', ITEMS)).size === ITEMS, 60_000, 'the items at the notary');
    const before = await provenItems(site, 'notary', ITEMS);
    expect(before.size === ITEMS, `${ITEMS} items of the studio are certified`);

    const begun = performance.now();
    await site.destroy('operator');
    say('the operator’s processes and data are gone');
    await decide(ground);
    expect(await isOperator(ground), 'the decision is in force: the notary is operator');
    const promoted = secondsSince(begun);
    const custody = await promote(ground);
    expect(custody === ITEMS, 'custody is written anew from the ledger');

    const env = await sell(site, { chain, seller: lin, buyer: chen, item: before.get(0) });
    const sold = secondsSince(begun);
    const file = path.join(site.folder, 'sale.plproof');
    const receipt = await fetch(`${site.baseOf('notary')}/ledger/v1/receipt/${toHex(txIdOf(env.body))}`);
    writeFileSync(file, new Uint8Array(await receipt.arrayBuffer()));
    const after = await provenItems(site, 'notary', ITEMS);
    const lost = [...before.keys()].filter((serial) => !after.has(serial)).length;
    expect(equalBytes(after.get(0)?.owner ?? ZERO_32, chen.acct), 'the buyer owns the item');
    for (const org of ['studio', 'supervisor', 'notary'] as const) await site.stop(org);
    const verdict = spawnSync(process.execPath, [VERIFY, file, '--chain', toHex(chain)], { encoding: 'utf8' });
    say(verdict.stdout.trim());
    expect(verdict.status === 0, 'with every server off, the receipt is proven from the file and the ChainId alone');
    return { lost, facts: { promotedAfterSeconds: promoted, soldAfterSeconds: sold, verifiedAfterSeconds: secondsSince(begun) } };
  },
};

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
    env: { ...process.env, DATA_DIR: site.dirOf(org), DATABASE_URL: undefined },
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

async function promote(ground: DrillGround): Promise<number> {
  const { site } = ground;
  await site.stop('notary');
  const answer: unknown = JSON.parse(cli(ground, 'notary', 'promote', '--json') || '{}');
  await site.start('notary');
  return Number(/"items":(\d+)/.exec(JSON.stringify(answer))?.[1] ?? -1);
}
