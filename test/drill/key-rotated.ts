/**
 * Node keys are changed while the chain goes on (`ledger.md` 12, test 17): a member's and the operator's, by the commands of their staff. Each
 * signs with the new key, also after another restart, and never with the old one.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '#ledger/primitives/bytes.ts';
import { begin, give, ORGS_ALL, provenItems, until, untilEven } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import type { Org } from './site.ts';

const ITEMS = 3;
/** It comes into force sixteen blocks after its entry, and an idle chain makes one in some seconds. */
const IN_FORCE_MS = 120_000;

type Ground = Awaited<ReturnType<typeof begin>>;

export const keyRotated: Drill = {
  name: 'key-rotated',
  about: 'the notary’s and the operator’s node keys are changed by command: each goes on with the new one, after restarts too',
  run: async (ground) => {
    const { site } = ground;
    const people = await begin(site, ITEMS);
    await untilEven(site, ORGS_ALL);
    const begun = performance.now();
    await rotate(ground, people, 'notary', 1);
    const notary = secondsSince(begun);
    await rotate(ground, people, 'operator', 2);
    const height = await untilEven(site, ORGS_ALL);
    const items = await provenItems(site, 'notary', ITEMS);
    return { lost: ITEMS - items.size, facts: { notaryAfterSeconds: notary, bothAfterSeconds: secondsSince(begun), height } };
  },
};

async function rotate(ground: DrillGround, people: Ground, org: Org, epoch: number): Promise<void> {
  const { site, expect } = ground;
  const run = (by: Org, ...args: readonly string[]) => site.cli(by, [...args, '--json']);
  const file = path.join(site.folder, `rotation-${org}.json`);
  expect(run(org, 'rotate-key', 'finish').status === 1, `the ${org} has no next key: refused with 1`);
  const started = run(org, 'rotate-key', 'begin', '--to', file);
  expect(started.status === 0, `the ${org} proposes its next key: ${started.stdout.trim()}`);
  expect(run(org, 'rotate-key', 'finish').status === 3, 'nobody has decided on it: not yet, 3');

  const [first, ...others] = ORGS_ALL.filter((each) => each !== org);
  for (const each of [org, first ?? org]) expect(site.cli(each, ['config', 'approve', file]).status === 0, `the ${each} approves`);
  const early = run(org, 'config', 'submit', file, '--to', site.baseOf('operator'));
  expect(early.status === 1 && /too few members/.test(early.stdout), 'two of four are too few: refused with 1');
  expect(site.cli(others[0] ?? org, ['config', 'approve', file]).status === 0, `the ${others[0]} approves`);
  const taken = run(org, 'config', 'submit', file, '--to', site.baseOf('operator'));
  expect(taken.status === 0, `three of four: taken: ${taken.stdout.trim()}`);
  const isInForce = async () =>
    (await Promise.all(ORGS_ALL.map((each) => site.status(each)))).every((status) => (status?.epoch ?? -1) >= epoch);
  await until(isInForce, IN_FORCE_MS, 'the configuration that names the new key');

  expect(run(org, 'rotate-key', 'finish').status === 2, 'while its node runs the key is not changed: 2');
  await site.stop(org);
  const finished = run(org, 'rotate-key', 'finish');
  expect(finished.status === 0, `with the node down it is: ${finished.stdout.trim()}`);
  const keys = path.join(site.dirOf(org), 'keys');
  expect(existsSync(path.join(keys, `node-before-${epoch}.pem`)), 'the old key is kept, void');
  await signs(ground, people, org);
  await site.stop(org);
  await signs(ground, people, org);
  isAudited(ground, org, epoch);
}

/** Started with whatever keys lie there: without the studio each block needs it. */
async function signs({ site, expect }: DrillGround, { chain, lin, chen }: Ground, org: Org): Promise<void> {
  await site.start(org);
  await untilEven(site, ORGS_ALL);
  await site.stop('studio');
  const at = await ownerOf(site, lin.acct);
  const [by, to] = at === 'lin' ? [lin, chen] : [chen, lin];
  await give(site, 'operator', chain, { serial: 0, by, to });
  expect(true, `started anew, the ${org} signs`);
  await site.start('studio');
  await untilEven(site, ORGS_ALL);
}

async function ownerOf(site: DrillGround['site'], acct: Uint8Array): Promise<'lin' | 'chen'> {
  const item = (await provenItems(site, 'supervisor', 1)).get(0);
  return item !== undefined && toHex(item.owner) === toHex(acct) ? 'lin' : 'chen';
}

/** The whole chain at another member, from genesis: signatures of each epoch under the keys of that epoch. */
function isAudited({ site, expect }: DrillGround, org: Org, epoch: number): void {
  const { status, stdout } = site.cli('supervisor', ['audit', '--json']);
  expect(status === 0, `the supervisor’s audit holds over epoch ${epoch}, the ${org}’s old and new signatures in it: ${stdout.trim()}`);
}
