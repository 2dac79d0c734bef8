/**
 * The ordering engine is gone for ever: nothing is certified, nothing is lost. The members seal, begin a new epoch with another engine, and
 * what waited is certified (`ledger.md` 13, 22).
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { begin, give, headersAt, ORGS_ALL, provenItems, signed, submit, transferOp, untilCertified, untilEven } from './acts.ts';
import { type Drill, type DrillGround, secondsSince } from './drill.ts';

const ITEMS = 4;
const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
/** Longer than a lease and every repetition of a round. */
const STALL_MS = 8000;

export const engineLost: Drill = {
  name: 'engine-lost',
  about: 'the ordering engine is gone for ever: the members seal and begin a new epoch with another, and nothing is lost',
  run: async (ground) => {
    const { site, say, expect } = ground;
    const { chain, lin, chen } = await begin(site, ITEMS);
    await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
    const before = await untilEven(site, ORGS_ALL);
    const known = await Promise.all(Array.from({ length: before }, (_, at) => headersAt(site, ['operator'], at + 1)));

    const begun = performance.now();
    await site.destroyOrdering();
    say('the ordering engine and its data are gone');
    const env = signed(chain, lin, transferOp(1n, 1n, chen.acct));
    const answer = await submit(site, 'operator', env);
    assert(answer.status === 202, `the operator still takes a transfer: ${JSON.stringify(answer)}`);
    await sleep(STALL_MS);
    const stood = Math.max(...(await Promise.all(ORGS_ALL.map((org) => site.height(org)))));
    // A slot may have been decided a moment before.
    expect(stood <= before + 1, `without an engine nothing is certified: height ${stood}`);

    await site.replaceOrdering();
    const recovering = performance.now();
    await recover(ground);
    await untilCertified(site, 'notary', env);
    const goesOn = secondsSince(recovering);
    const after = await untilEven(site, ORGS_ALL);
    const epochs = await Promise.all(ORGS_ALL.map(async (org) => (await site.status(org))?.epoch));
    expect(
      epochs.every((epoch) => epoch === 1),
      `all four are in the new epoch: ${epochs.join(', ')}`,
    );
    for (let height = 1; height <= before; height++) {
      const now = await headersAt(site, ORGS_ALL, height);
      expect(now.size === 1 && [...now].every((header) => known[height - 1]?.has(header) === true), `block ${height} is the one it was`);
    }
    const items = await provenItems(site, 'studio', ITEMS);
    expect(equalBytes(items.get(1)?.owner ?? ZERO_32, chen.acct), 'the transfer that waited is certified in the new epoch');
    const file = path.join(site.folder, 'after.plproof');
    const receipt = await fetch(`${site.baseOf('supervisor')}/ledger/v1/receipt/${toHex(txIdOf(env.body))}`);
    writeFileSync(file, new Uint8Array(await receipt.arrayBuffer()));
    const verdict = spawnSync(process.execPath, [VERIFY, file, '--chain', toHex(chain)], { encoding: 'utf8' });
    say(verdict.stdout.trim());
    expect(verdict.status === 0, 'its receipt carries the Recovery and is proven offline under the same ChainId');
    return {
      lost: ITEMS - items.size,
      facts: { recoveredAfterSeconds: goesOn, withoutEngineSeconds: secondsSince(begun), height: after },
    };
  },
};

/** Three of four seal and approve; one member's node is told, and tells the others. */
async function recover({ site, expect }: DrillGround): Promise<void> {
  const orgs = ['operator', 'supervisor', 'notary'] as const;
  const files = orgs.map((org) => path.join(site.folder, `seal-${org}.json`));
  for (const [at, org] of orgs.entries()) {
    const { status, stdout } = site.cli(org, ['seal', '--to', files[at] ?? '', '--json']);
    expect(status === 0, `the ${org} has sealed: ${stdout.trim()}`);
  }
  const file = path.join(site.folder, 'recovery.json');
  expect(site.cli('notary', ['recover', 'draft', ...files, '--new-engine', '--to', file]).status === 0, 'a Recovery is drafted');
  for (const org of orgs) expect(site.cli(org, ['recover', 'approve', file]).status === 0, `the ${org} approves it`);
  const { status, stdout } = site.cli('notary', ['recover', 'submit', file, '--to', site.baseOf('notary'), '--json']);
  expect(status === 0, `the new epoch begins: ${stdout.trim()}`);
}
