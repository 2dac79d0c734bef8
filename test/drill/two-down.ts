/** Two of four members down: nothing is certified and nothing is lost; one of them back: it goes on (`ledger.md` 22). */
import path from 'node:path';
import { chainOf, issueItems, player, provenItems, signed, submit, transferOp, until, untilCertified, untilHeight } from './acts.ts';
import { type Drill, secondsSince } from './drill.ts';

const ITEMS = 5;

export const twoDown: Drill = {
  name: 'two-down',
  about: 'studio and notary are killed: it waits for members; they return: it goes on',
  run: async ({ site, say, expect }) => {
    await Promise.all((['operator', 'studio', 'supervisor', 'notary'] as const).map((org) => site.start(org)));
    await untilHeight(site, 'operator', 1);
    const [lin, chen] = [player(site, 'lin-yue'), player(site, 'chen-hai')];
    await issueItems(site, lin, ITEMS);
    const chain = await chainOf(site, 'operator');
    await untilCertifiedEverywhere();
    const before = await provenItems(site, 'operator', ITEMS);
    expect(before.size === ITEMS, `${ITEMS} items are certified`);

    await Promise.all([site.kill('studio'), site.kill('notary')]);
    say('studio and notary are killed');
    const height = await site.height('operator');
    const env = signed(chain, lin, transferOp(0n, 1n, chen.acct));
    const answer = await submit(site, 'operator', env);
    expect(answer.status === 202, 'the operator still takes a transfer');
    await until(async () => (await site.status('operator'))?.state === 'waiting_for_members', 30_000, 'the operator to say that it waits');
    const stood = await site.height('operator');
    // A block may have been under way when they died.
    expect(stood <= height + 1, 'nothing is certified by two of four');
    expect((await provenItems(site, 'operator', ITEMS)).size === ITEMS, 'what was certified is proven all the same');

    const begun = performance.now();
    await site.start('studio');
    await untilCertified(site, 'supervisor', env);
    const goesOn = secondsSince(begun);
    takeByHand();
    await site.start('notary');
    await untilCertified(site, 'notary', env);
    const after = await provenItems(site, 'notary', ITEMS);
    const lost = [...before.keys()].filter((serial) => !after.has(serial)).length;
    expect(after.get(0)?.owner.toString() === chen.acct.toString(), 'the notary has caught up and proves the new owner');
    return { lost, facts: { goesOnAfterSeconds: goesOn, height: await site.height('operator') } };

    /** What it missed comes to the notary in a file, before its node runs. */
    function takeByHand(): void {
      const file = path.join(site.folder, 'blocks.bin');
      const exported = site.cli('supervisor', ['export-blocks', '--from', String(height), '--to', file, '--json']);
      expect(exported.status === 0, `the supervisor has written blocks into a file: ${exported.stdout.trim()}`);
      const taken = site.cli('notary', ['import-blocks', file, '--json']);
      expect(taken.status === 0 && /"taken": ?[1-9]/.test(taken.stdout), `the notary takes them without any peer: ${taken.stdout.trim()}`);
    }

    async function untilCertifiedEverywhere(): Promise<void> {
      const top = await site.height('operator');
      await Promise.all((['studio', 'supervisor', 'notary'] as const).map((org) => untilHeight(site, org, top)));
    }
  },
};
