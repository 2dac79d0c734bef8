import { expect, test } from 'vitest';
import { genesisFinality } from '#ledger/block/recovery.ts';
import { ROLE } from '#ledger/codec/config.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { FOUNDING } from '#test/simulation/founding.ts';
import { operatorsOf } from './operators.ts';

test('after a takeover the heir may seal in its own name, and the first operator what it sealed before', () => {
  const { genesis, header } = FOUNDING;
  const [first] = genesis.config.members;
  const heir = genesis.config.members.find(({ role }) => role === ROLE.notary);
  if (first === undefined || heir === undefined) throw new Error('the founding names an operator and a notary');
  const config = { ...genesis.config, epoch: 1, agents: [{ acct: heir.acct, role: ROLE.operator, org: heir.org }] };
  const tip = { header, finality: genesisFinality(headerHash(header)) };
  const recovery = { kind: 0, newEpoch: 1, config, tip, base: null, seals: [], openedAt: 0n, closedAt: 0n, approvals: [] } as const;
  expect(operatorsOf({ genesis, links: [] })).toEqual([first.org]);
  expect(operatorsOf({ genesis, links: [{ kind: 'recovery', recovery }] })).toEqual([first.org, heir.org]);
});
