/**
 * More members than may fail are gone for good: the operator and the studio. Supervisor and notary, with the studio's governance key out of
 * its safe, begin a new epoch as a last resort, after the time for objections (`ledger.md` 13.2, test 21).
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { begin, give, headersAt, ORGS_ALL, provenItems, signed, submit, transferOp, untilCertified, untilEven } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';
import { MEMBER_ID } from './site.ts';

const ITEMS = 3;
const LEFT = ['supervisor', 'notary'] as const;
const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
const DAY_MS = 86_400_000;
/** The configuration asks for seven days of objections. */
const WAITED = { clockShiftMs: 8 * DAY_MS };

export const lastResort: Drill = {
  name: 'last-resort',
  about:
    'operator and studio are gone for ever: notary, supervisor and the studio’s governance key begin a new epoch after the time for objections',
  run: async (ground) => {
    const { site, say, expect } = ground;
    const { chain, lin, chen } = await begin(site, ITEMS);
    await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
    const height = await untilEven(site, ORGS_ALL);
    const before = await headersAt(site, LEFT, height);
    keepGovernanceKey(ground);
    const begun = performance.now();
    await site.destroy('operator');
    await site.destroy('studio');
    say('operator and studio: processes, data and node keys are gone');
    const file = propose(ground);
    await beginAfterObjections(ground, file);
    const env = signed(chain, chen, transferOp(0n, 2n, lin.acct), 0, WAITED.clockShiftMs);
    const answer = await submit(site, 'notary', env);
    assert(answer.status === 202, `the notary takes a transfer: ${JSON.stringify(answer)}`);
    await untilCertified(site, 'supervisor', env);
    const goesOn = secondsSince(begun);
    expect(true, 'a player’s transfer is certified by the two that are left');
    const after = await headersAt(site, LEFT, height);
    expect(new Set([...after, ...before]).size === 1, `block ${height} is the one it was`);
    const items = await provenItems(site, 'supervisor', ITEMS);
    expect(equalBytes(items.get(0)?.owner ?? ZERO_32, lin.acct), 'its item belongs to the receiver');
    const receiptFile = path.join(site.folder, 'after.plproof');
    const receipt = await fetch(`${site.baseOf('notary')}/ledger/v1/receipt/${toHex(txIdOf(env.body))}`);
    writeFileSync(receiptFile, new Uint8Array(await receipt.arrayBuffer()));
    const verdict = spawnSync(process.execPath, [VERIFY, receiptFile, '--chain', toHex(chain)], { encoding: 'utf8' });
    say(verdict.stdout.trim());
    expect(
      verdict.status === 0 && /W70/.test(verdict.stdout),
      'its receipt is proven under the same ChainId, and warns of the last resort (W70)',
    );
    return { lost: ITEMS - items.size, facts: { goesOnAfterSeconds: goesOn, heightBefore: height } };
  },
};

/** A site with several members keeps it offline: out of the studio's key folder, without the node's key. */
function keepGovernanceKey({ site }: DrillGround): void {
  const safe = path.join(site.folder, 'safe', 'keys');
  mkdirSync(safe, { recursive: true });
  for (const name of ['governance.pem', 'passphrase', 'chain-id'])
    cpSync(path.join(site.dirOf('studio'), 'keys', name), path.join(safe, name));
}

/** Both seal; the Recovery is drafted without those that are gone, and approved by three governance keys. */
function propose({ site, expect }: DrillGround): string {
  const seals = LEFT.map((org) => path.join(site.folder, `seal-${org}.json`));
  for (const [at, org] of LEFT.entries()) {
    const { status, stdout } = site.cli(org, ['seal', '--to', seals[at] ?? '', '--json']);
    expect(status === 0, `the ${org} has sealed: ${stdout.trim()}`);
  }
  const gone = [String(MEMBER_ID.operator), String(MEMBER_ID.studio)];
  const file = path.join(site.folder, 'recovery.json');
  const submitHere = (which: string) => site.cli('notary', ['recover', 'submit', which, '--to', site.baseOf('notary'), '--json']);

  const quorum = path.join(site.folder, 'no-quorum.json');
  expect(
    site.cli('notary', ['recover', 'draft', ...seals, '--leaves', ...gone, '--to', quorum]).status === 0,
    'one is drafted as by a quorum',
  );
  for (const org of LEFT) site.cli(org, ['recover', 'approve', quorum]);
  const refused = submitHere(quorum);
  expect(refused.status === 1 && /recovery_seals/.test(refused.stdout), 'two of four Seals are no quorum: refused with 1');

  const drafted = site.cli('notary', ['recover', 'draft', ...seals, '--leaves', ...gone, '--last-resort', '--to', file, '--json']);
  expect(drafted.status === 0, `a last resort is drafted: ${drafted.stdout.trim()}`);
  for (const org of LEFT) expect(site.cli(org, ['recover', 'approve', file]).status === 0, `the ${org} approves it`);
  const early = submitHere(file);
  expect(early.status === 1 && /recovery_approvals/.test(early.stdout), 'supervisor and notary alone are too few: refused with 1');
  const safe = site.cliIn(path.join(site.folder, 'safe'), ['recover', 'approve', file, '--member', String(MEMBER_ID.studio), '--json']);
  expect(safe.status === 0, `the studio’s governance key approves, without its node and database: ${safe.stdout.trim()}`);
  const published = submitHere(file);
  expect(published.status === 3 && /published/.test(published.stdout), 'the time for objections runs: published, 3');
  return file;
}

async function beginAfterObjections({ site, say, expect }: DrillGround, file: string): Promise<void> {
  // Somebody in a hurry, whose own clock says that the time is over.
  const hurried = site.cli('notary', ['recover', 'submit', file, '--to', site.baseOf('notary'), '--json'], WAITED);
  expect(hurried.status === 3 && /"sent"/.test(hurried.stdout), 'the nodes wait for the end by their own clocks: sent, 3');
  for (const org of LEFT) {
    await site.stop(org);
    await site.start(org, 'member', WAITED);
  }
  say('eight days later');
  const done = site.cli('notary', ['recover', 'submit', file, '--to', site.baseOf('notary'), '--json'], WAITED);
  expect(done.status === 0 && /accepted/.test(done.stdout), `the new epoch begins: ${done.stdout.trim()}`);
}
