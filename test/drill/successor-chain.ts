/**
 * Every database of the consortium and the ordering engine are gone. What is left: a snapshot at the court, receipts in people's hands, keys.
 * The three remaining organisations begin a successor chain with a new ChainId; old receipts still verify, Items move (13.3, test 22).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, equalBytes, fromHex, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { begin, chainOf, give, ORGS_ALL, provenItems, signed, submit, transferOp, untilCertified, untilEven } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { MEMBER_ID, type Org } from './site.ts';

const ITEMS = 4;
const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
const LEFT = ['studio', 'supervisor', 'notary'] as const satisfies readonly Org[];

export const successorChain: Drill = {
  name: 'successor-chain',
  about: 'every database is gone: from a snapshot the members that are left begin a chain that follows, and each item has its owner',
  run: async (ground) => {
    const { site, say, expect } = ground;
    const { chain, lin, chen } = await begin(site, ITEMS);
    const sale = await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
    await untilEven(site, ORGS_ALL);
    const before = await provenItems(site, 'notary', ITEMS);
    const oldReceipt = await save(ground, 'notary', 'old.plproof', txIdOf(sale.body));
    const archive = path.join(site.folder, 'archive');
    const taken = site.cli('notary', ['snapshot', '--to', archive, '--json']);
    expect(taken.status === 0, `the notary has archived the state: ${taken.stdout.trim()}`);
    const keys = keepKeys(ground);

    const begun = performance.now();
    for (const org of ORGS_ALL) await site.destroy(org);
    await site.destroyOrdering();
    say('every process, database and the ordering engine are gone');

    await site.replaceOrdering();
    keys();
    const successor = beginSuccessor(ground, archive, chain);
    expect(!equalBytes(successor, chain), `the chain that follows has a ChainId of its own: ${toHex(successor).slice(0, 16)}…`);
    await Promise.all(LEFT.map((org) => site.start(org)));
    expect(equalBytes(await chainOf(site, 'studio'), successor), 'three members are on it');

    const env = signed(successor, chen, transferOp(0n, before.get(0)?.ver ?? 0n, lin.acct));
    const answer = await submit(site, 'notary', env);
    assert(answer.status === 202, `the transfer is taken: ${JSON.stringify(answer)}`);
    await untilCertified(site, 'notary', env);
    const goesOn = secondsSince(begun);
    const height = await untilEven(site, LEFT);
    const after = await provenItems(site, 'supervisor', ITEMS);
    const lost = [...before].filter(([serial, leaf]) => {
      const now = after.get(serial);
      return now === undefined || (serial !== 0 && !equalBytes(now.owner, leaf.owner)) || !equalBytes(now.ext, leaf.ext);
    }).length;
    expect(lost === 0, 'every item is there with the owner it had');
    expect(equalBytes(after.get(0)?.owner ?? ZERO_32, lin.acct), 'the one that was given since belongs to the receiver');
    const replayed = await submit(site, 'notary', sale);
    expect(replayed.status !== 202, `a LedgerTx of the old chain is refused on this one: ${JSON.stringify(replayed.body)}`);

    const newReceipt = await save(ground, 'notary', 'new.plproof', txIdOf(env.body));
    for (const org of LEFT) await site.stop(org);
    expect(isProven(ground, oldReceipt, chain), 'the old receipt is proven offline under the old ChainId');
    expect(isProven(ground, newReceipt, successor), 'the new receipt is proven offline under the new ChainId');
    return { lost, facts: { goesOnAfterSeconds: goesOn, height, successor: toHex(successor) } };
  },
};

/** Keys are kept apart from databases: what each organisation has in its safe. Answers the way to put them back. */
function keepKeys({ site }: DrillGround): () => void {
  const safe = (org: Org) => path.join(site.folder, `${org}.keys`);
  for (const org of LEFT) cpSync(path.join(site.dirOf(org), 'keys'), safe(org), { recursive: true });
  return () => {
    for (const org of LEFT) {
      mkdirSync(site.dirOf(org), { recursive: true, mode: 0o755 });
      cpSync(safe(org), path.join(site.dirOf(org), 'keys'), { recursive: true });
    }
  };
}

function beginSuccessor({ site, expect }: DrillGround, archive: string, chain: Bytes): Bytes {
  const file = path.join(site.folder, 'genesis.bin');
  const proven = site.cli('notary', ['snapshot', '--verify', archive, '--chain', toHex(chain), '--json']);
  expect(proven.status === 0, `the archive holds against the old ChainId: ${proven.stdout.trim()}`);
  const roles = ['--leaves', String(MEMBER_ID.operator), '--operator', String(MEMBER_ID.notary)];
  const drafted = site.cli('notary', ['genesis', 'successor', '--snapshot', archive, ...roles, '--to', file, '--json']);
  expect(drafted.status === 0, `a genesis is drafted: ${drafted.stdout.trim()}`);
  for (const org of LEFT) {
    const { status, stdout } = site.cli(org, ['genesis', 'begin', file, '--snapshot', archive, '--json']);
    expect(status === 0, `the ${org} begins with it: ${stdout.trim()}`);
  }
  return fromHex(/"chain":"([0-9a-f]{64})"/.exec(drafted.stdout)?.[1] ?? '', 32);
}

async function save({ site }: DrillGround, org: Org, name: string, txId: Bytes): Promise<string> {
  const file = path.join(site.folder, name);
  const receipt = await fetch(`${site.baseOf(org)}/ledger/v1/receipt/${toHex(txId)}`);
  assert(receipt.ok, `the ${org} has the receipt`);
  writeFileSync(file, new Uint8Array(await receipt.arrayBuffer()));
  return file;
}

function isProven({ say }: DrillGround, file: string, chain: Bytes): boolean {
  const verdict = spawnSync(process.execPath, [VERIFY, file, '--chain', toHex(chain)], { encoding: 'utf8' });
  say(verdict.stdout.trim());
  return verdict.status === 0;
}
