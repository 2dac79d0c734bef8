/**
 * Custody is ahead of the blocks, and a block may decide otherwise than was told: a Mint is refused, another member leads with another
 * order, a LedgerTx comes in that the operator never sequenced. Custody, hops and unit numbers follow the ledger in the block's own commit.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Op } from '#ledger/codec/op-types.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { accountIdBytes, accountIdOf } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { extOf, itemIdOf, txIdOf } from '#ledger/tx/ids.ts';
import { followDisplaced } from '#server/custody/displaced.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Sql } from '#server/db.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { silentLog } from '#server/log.ts';
import { ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate } from '#test/support/ledger.ts';
import { assertInvariants, openTestMarket, placed, type TestMarket } from '#test/support/market.ts';
import { seededRandom } from '#test/support/seeded-random.ts';

type CustodyRow = {
  readonly item_id: string;
  readonly serial: string;
  readonly unit_no: number;
  readonly owner: string;
  readonly ver: string;
};
const custodyOf = (sql: Sql) =>
  sql<
    CustodyRow[]
  >`select item_id, ledger_serial::text as serial, unit_no, owner, ver::text as ver from custody.items order by ledger_serial`;

describe('a market whose members refuse', () => {
  let m: TestMarket;
  beforeAll(async () => {
    m = await openTestMarket();
    await m.fund(m.bob, 5_000_000n);
  });
  afterAll(() => m.stop());

  const breaks = async () =>
    (await reconcile({ sql: m.sql, clock: m.clock, random: seededRandom('displaced'), ledger: m.ledger })).map(({ kind }) => kind);
  const sell = async (classId: Awaited<ReturnType<TestMarket['kind']>>['classId'], itemId: ReturnType<typeof itemIdOf>) =>
    placed(await m.place(m.amy, await m.quote(m.amy, { intent: 'listing', classId, itemIds: [itemId], priceFen: fen(20_000n) }))).order
      .orderId;

  test('a refused Mint leaves no unit behind, and those after it move up with it', async () => {
    const studio = await ensureDemonstrationStudio({ sql: m.sql, clock: m.clock, random: m.random, log: silentLog, ledger: m.ledger });
    const sword = await m.kind('sword');
    const [settled] = await m.mint(sword, m.amy, 1);
    assert(settled !== undefined, 'one unit');
    const [row] = await m.sql<
      { ledger_serial: string }[]
    >`select ledger_serial from catalogue.item_classes where class_id = ${sword.classId}`;
    const mint = (names: readonly string[]): TxEnv => {
      const items = names.map((name) => ({
        cls: Number(row?.ledger_serial),
        to: accountIdBytes(m.amy.acct),
        ext: extOf(name),
        meta: ZERO_32,
      }));
      const now = BigInt(m.clock.now());
      const body = { chain: m.ledger.chain, salt: m.random.bytes(16), notBefore: now - 1000n, notAfter: now + 3_600_000n };
      const [env] = studio.batchSign([{ ...body, op: { kind: 'mint', items } satisfies Op }]);
      assert(env !== undefined, 'one body, one env');
      return env;
    };
    const idOf = (name: string) => itemIdOf(studio.acct, extOf('sword'), extOf(name));
    const refusedMint = mint(['one', 'two']);
    await m.market.sequence([refusedMint, mint(['three']), mint(['four'])]);
    // Promised and sold before the block says where these units stand.
    const listed = await sell(sword.classId, idOf('three'));
    const listing = await sell(sword.classId, settled);
    const trade = placed(
      await m.place(
        m.bob,
        await m.quote(m.bob, { intent: 'take_listing', classId: sword.classId, itemIds: [settled], targetOrderId: listing }),
      ),
    );
    m.judge((env) => (toHex(txIdOf(env.body)) === toHex(txIdOf(refusedMint.body)) ? 'class_frozen' : null));
    await m.ledger.sealNow();
    expect(await breaks()).toEqual([]);
    expect(await custodyOf(m.sql)).toEqual([
      { item_id: settled, serial: '0', unit_no: 1, owner: m.bob.acct, ver: '2' },
      { item_id: idOf('three'), serial: '1', unit_no: 2, owner: m.amy.acct, ver: '1' },
      { item_id: idOf('four'), serial: '2', unit_no: 3, owner: m.amy.acct, ver: '1' },
    ]);
    await m.certify();
    // What Amy signed names a number that is another unit's now: it cannot be sold under it.
    const [order] = await m.sql`select state, reason from market.orders where order_id = ${listed}`;
    expect(order).toEqual({ state: 'canceled', reason: 'version_conflict' });
    expect(trade.trades.length).toBe(1);
    m.clock.advance(6 * 60_000);
    placed(
      await m.place(
        m.amy,
        await m.quote(m.amy, { intent: 'listing', classId: sword.classId, itemIds: [idOf('three')], priceFen: fen(20_000n) }),
      ),
    );
    await assertInvariants(m);
  });

  test('a refused declaration leaves its number to the next kind, and what is issued of that is of that', async () => {
    m.judge(({ body: { op } }) => (op.kind === 'class_define' && isOf(op.classes, 'axe') ? 'account_frozen' : null));
    const [axe, bow] = await Promise.all([m.kind('axe'), m.kind('bow')]);
    m.judge(() => null);
    await m.ledger.sealNow();
    const numberOf = async (classId: string) => {
      const [row] = await m.sql<{ serial: string }[]>`
        select ledger_serial::text as serial from catalogue.item_classes where class_id = ${classId}`;
      return Number(row?.serial);
    };
    expect(await numberOf(axe.classId)).toBeLessThan(0);
    expect(isOf([m.ledger.pending.classById(await numberOf(bow.classId)) ?? { ext: ZERO_32 }], 'bow')).toBe(true);
    const [item] = await m.mint(bow, m.amy, 1);
    expect(await m.sql`select class_id, is_burned from custody.items where item_id = ${item ?? ''}`).toEqual([
      { class_id: bow.classId, is_burned: false },
    ]);
    await assertInvariants(m);
  });
});

const isOf = (classes: readonly { readonly ext: Uint8Array }[], ref: string): boolean =>
  classes.some(({ ext }) => equalBytes(ext, extOf(ref)));

describe('four members, another one in the lead', () => {
  let consortium: TestConsortium;
  let isDoorOpen = true;
  beforeAll(async () => {
    consortium = await openTestConsortium({
      onDisplaced: followDisplaced,
      mayLead: (member) => member !== 1,
      door: async (envs) => (isDoorOpen ? sequence(envs) : []),
    });
  });
  afterAll(() => consortium?.stop());

  const sequence = (envs: readonly TxEnv[]) => {
    const { operator, operatorDatabase } = consortium;
    return sequenceOutside({ sql: operatorDatabase.sql, clock: { now: () => instant(operator.clock.now) }, ledger: operator.node }, envs);
  };

  test('custody follows a block with LedgerTx in another order and from elsewhere', { timeout: 120_000 }, async () => {
    const { operator, operatorDatabase, members } = consortium;
    const { node } = operator;
    node.start();
    await Promise.all(members.map((each) => each.start()));
    const { studio, amy, bob } = await populate({ ...operator, sequence }, 4);
    await node.sealNow();
    const member = members[0]?.node;
    assert(member !== null && member !== undefined, 'a member runs');
    await vi.waitUntil(() => member.certified.height === node.certified.height, { timeout: 60_000 });
    isDoorOpen = false;
    const mint = (name: string) => operator.body({ kind: 'mint', items: [{ cls: 0, to: amy.acct, ext: extOf(name), meta: ZERO_32 }] });
    const gift = operator.body({ kind: 'transfer', serial: 1n, ver: 1n, to: bob.acct, pay: ZERO_32, env: ZERO_32 });
    // Taken elsewhere and never sequenced by the operator, whose own Mint gets the number that another one will have.
    const [foreign] = studio.batchSign([mint('elsewhere')]);
    const [given] = amy.batchSign([gift]);
    assert(foreign !== undefined && given !== undefined, 'one body, one env');
    await Promise.all([member.submit(foreign), member.submit(given)]);
    await sequence(studio.batchSign([mint('here'), mint('here too')]));
    await vi.waitUntil(() => node.certified.state.count(1) === 7n, { timeout: 60_000 });
    await node.sealNow();
    const rows = await custodyOf(operatorDatabase.sql);
    const ledger = Array.from({ length: 7 }, (_, serial) => {
      const leaf = node.pending.itemBySerial(BigInt(serial));
      assert(leaf !== null, 'seven Items');
      return {
        item_id: itemIdOf(studio.acct, extOf('sword'), leaf.ext),
        serial: String(serial),
        unit_no: serial + 1,
        owner: accountIdOf(leaf.owner),
        ver: String(leaf.ver),
      };
    });
    expect(rows).toEqual(ledger);
    expect(rows[1]?.owner).toBe(accountIdOf(bob.acct));
    const hops = await operatorDatabase.sql`select act, to_acct from custody.hops where item_id = ${rows[1]?.item_id ?? ''} order by ver`;
    expect(hops).toEqual([
      { act: 'issued', to_acct: accountIdOf(amy.acct) },
      { act: 'given', to_acct: accountIdOf(bob.acct) },
    ]);
  });
});
