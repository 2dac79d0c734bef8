/** Receipts and trust files of chains that have been through a Recovery (`ledger.md` 13.2, 17 step 3), good ones and mutated ones. */
import { recoveryApproval } from '#ledger/block/recovery.ts';
import type { Recovery } from '#ledger/codec/recovery.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt } from '#ledger/proof/build-receipt.ts';
import { decodeReceipt, encodeReceipt, encodeTrustBundle } from '#ledger/proof/receipt.ts';
import type { Expected, ReceiptCase } from './receipt-vectors.ts';
import { recoveredChain } from './recovered-world.ts';

const malformed = (code: string): Expected => ({ outcome: 'malformed', code, warnings: [] });

export async function recoveryReceipts(): Promise<readonly ReceiptCase[]> {
  const quorum = recoveredChain(0);
  const lastResort = recoveredChain(1);
  const cases: ReceiptCase[] = [];
  const { world, recovery } = quorum;
  const { chain } = world;
  const add = (name: string, file: Bytes, expect: Expected, of: Bytes = chain): void => {
    cases.push({ name: `recovery: ${name}`, chain: of, file, expect });
  };
  const atBase = present(await buildEntryReceipt(quorum.base, 1n));
  const after = present(await buildEntryReceipt(quorum.after, 1n));
  const resorted = present(await buildEntryReceipt(lastResort.after, 1n));
  add('receipt at the base, certified again', atBase, { outcome: 'proven', code: null, warnings: ['W60'] });
  add('receipt in the new epoch', after, { outcome: 'proven', code: null, warnings: ['W60'] });
  add('receipt after a last resort', resorted, { outcome: 'proven', code: null, warnings: ['W60', 'W70'] }, lastResort.world.chain);
  add('base without its Recovery', withoutLinks(atBase), malformed('E30'));
  add('new epoch without its Recovery', withoutLinks(after), malformed('E22'));

  const trust = (changed: Recovery, of = world): Bytes =>
    encodeTrustBundle({ genesis: of.genesis, links: [{ kind: 'recovery', recovery: changed }] });
  const approved = (change: Partial<Recovery>): Bytes => trust(world.approve({ ...recovery, ...change }, [1, 2, 4]));
  const bad = (name: string, file: Bytes): void => add(name, file, malformed('E21'));
  add('trust file', trust(recovery), { outcome: 'proven', code: null, warnings: [] });
  bad('two approvals of three', trust(world.approve(recovery, [1, 2])));
  bad('approved by node keys', trust(approvedByNodes(recovery, world)));
  bad('approvals of something else', trust({ ...recovery, closedAt: recovery.closedAt + 1n }));
  bad('two seals', approved({ seals: recovery.seals.slice(1) }));
  bad('base left out', approved({ base: null }));
  bad('base left out with the seal that reports it', approved({ base: null, seals: recovery.seals.slice(0, 2) }));
  bad('seals of another epoch', approved({ seals: [1, 2, 3].map((id) => world.seal(id, 2, null)) }));
  bad('an epoch that was already there', approved({ newEpoch: 0, config: { ...recovery.config, epoch: 0 } }));
  bad('a configuration of another epoch', approved({ config: { ...recovery.config, epoch: 2 } }));
  const [first, ...rest] = recovery.seals;
  assert(first !== undefined, 'a quorum has sealed');
  bad('a seal that somebody altered', approved({ seals: [{ ...first, seal: { ...first.seal, tipHeight: 0n } }, ...rest] }));
  const { base } = recovery;
  assert(base !== null, 'this Recovery has found a base');
  bad('another header as base', approved({ base: { ...base, header: { ...base.header, sealedAt: base.header.sealedAt + 1n } } }));
  bad('a set nobody has signed', approved({ base: { ...base, set: { ...base.set, term: 5n } } }));
  bad('a set short of one', approved({ base: { ...base, set: { ...base.set, sigs: base.set.sigs.slice(1) } } }));
  bad('a tip nobody has certified', approved({ tip: { ...recovery.tip, finality: { ...recovery.tip.finality, sigs: [] } } }));

  const { recovery: last, world: resort } = lastResort;
  const shorter = resort.approve({ ...last, closedAt: last.closedAt - 1n }, [3, 4]);
  add('last resort in a hurry', trust(shorter, resort), malformed('E21'), resort.chain);
  add('last resort of one', trust(resort.approve(last, [3]), resort), malformed('E21'), resort.chain);
  const asQuorum = resort.approve({ ...last, kind: 0 }, [1, 3, 4]);
  add('a last resort that calls itself a quorum', trust(asQuorum, resort), malformed('E21'), resort.chain);
  add('last resort, trust file', trust(last, resort), { outcome: 'proven', code: null, warnings: ['W70'] }, resort.chain);
  return cases;
}

function approvedByNodes(recovery: Recovery, world: ReturnType<typeof recoveredChain>['world']): Recovery {
  const message = recoveryApproval(world.chain, { ...recovery, approvals: [] });
  return { ...recovery, approvals: [1, 2, 4].map((id) => ({ member: id, sig: world.sign(id, 'node', message) })) };
}

function withoutLinks(file: Bytes): Bytes {
  const receipt = decodeReceipt(file);
  assert(receipt.trust !== null, 'the receipt carries its trust');
  return encodeReceipt({ ...receipt, trust: { ...receipt.trust, links: [] } });
}

function present(bytes: Bytes | null): Bytes {
  assert(bytes !== null, 'the entry is certified');
  return bytes;
}
