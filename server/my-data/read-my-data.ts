/** The page "My data": how much is stored of each kind, where, and what every member can read of the account (product P-46). */

import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { restrictionsOf } from '#server/cases/case-views.ts';
import { accessesOf } from '#server/cases/opening-views.ts';
import type { Services } from '#server/context.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import type { DataGroup, DataGroupView, MyDataView } from '#server/trpc/views.ts';
import { listObstacles } from './close-account.repo.ts';
import { DATA_GROUPS, isDataGroup } from './groups.ts';
import { basesOf } from './legal-bases.ts';
import { countSections, DATA_SECTIONS, listOwnFiles } from './sections.repo.ts';

export type MyDataGround = Pick<Services, 'sql' | 'clock' | 'ledger' | 'identity'>;

export async function readMyData(ground: MyDataGround, acct: AccountId): Promise<MyDataView> {
  const own = await ground.identity.openOwnRecords(acct);
  const counts = await readSnapshot(ground, acct, async (snapshot) => {
    const rows = await countSections(snapshot.tx, acct);
    const files = await listOwnFiles(snapshot.tx, acct);
    const restrictions = await restrictionsOf(snapshot, acct);
    const accesses = await accessesOf(snapshot, acct);
    const obstacles = await listObstacles(snapshot.tx, acct, snapshot.now);
    const more: Readonly<Partial<Record<DataGroup, number>>> = {
      identity: 1 + (own.cardNumber === null ? 0 : 1) + own.declarations.length,
      disputes: files.length + restrictions.length,
      access: accesses.length,
    };
    return { rows, more, obstacles };
  });
  const recordsOf = (group: DataGroup): number =>
    DATA_SECTIONS.reduce(
      (sum, section) => sum + (section.group === group ? (counts.rows.get(section.id) ?? 0) : 0),
      counts.more[group] ?? 0,
    );
  const groups = Object.keys(DATA_GROUPS)
    .filter(isDataGroup)
    .map((group): DataGroupView => ({ group, records: recordsOf(group), ...basesOf(group), ...DATA_GROUPS[group] }));
  const { retentionYears } = clocksAt(ground.ledger, ground.clock.now());
  return { groups, onLedger: onLedger(ground, acct), retentionYears, obstacles: counts.obstacles };
}

function onLedger({ ledger, identity }: MyDataGround, acct: AccountId): MyDataView['onLedger'] {
  const leaf = ledger.certified.state.accountById(accountIdBytes(acct));
  if (leaf === null) return null;
  const { publicKey } = identity.getSigningKey(acct);
  return { acct: toHex(leaf.acct), publicKey, commitment: toHex(leaf.kyc), items: Number(leaf.itemCount) };
}
