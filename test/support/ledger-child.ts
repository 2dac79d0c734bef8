/**
 * A process that runs a ledger node and moves Items to and fro until it is killed. It says what it was told is durable, so that a
 * test can hold the restarted node to it: `committed <txId>` and `certified <height> <headerHash>`. With a step it kills itself there.
 *
 *   node test/support/ledger-child.ts DATABASE_URL KEYS_DIR [begin|inside|after] [group|seal] [N]
 */
import type postgres from 'postgres';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { openDatabase } from '#server/db.ts';
import { openTestLedger, populate, testOwner } from './ledger.ts';

const [, , url = '', keysDir = '', step = '', kind = '', nth = '0'] = process.argv;
const say = (line: string) => process.stdout.write(`${line}\n`);

let countdown = Number(nth);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Kills the process before, inside or after the commit of the n-th database transaction of one kind. */
function deadly(sql: postgres.Sql): postgres.Sql {
  return new Proxy(sql, {
    get: (target, name) => {
      if (name !== 'begin') return Reflect.get(target, name, target);
      return async (work: (tx: postgres.TransactionSql) => unknown) => {
        countdown -= 1;
        const isIt = countdown === 0;
        if (isIt && step === 'begin') die();
        const result = await target.begin(async (tx) => {
          const done = await work(tx);
          const all = Array.isArray(done) ? await Promise.all(done) : done;
          if (isIt && step === 'inside') die();
          return all;
        });
        if (isIt && step === 'after') die();
        return result;
      };
    },
  });
}

const plain = openDatabase(url, { max: 4 });
const clock = { now: 1_790_000_000_000 + Number(process.pid) };
const isNew = (await plain`select 1 from ledger.chain`).length === 0;
// Only the work under test is counted, never the beginning of the chain.
const nodeSql = isNew || kind !== 'seal' ? plain : deadly(plain);
const groupSql = kind === 'group' ? deadly(plain) : plain;
const ledger = await openTestLedger(nodeSql, { keysDir, clock, seed: `${process.pid}`, blockMs: 20 });
const { node } = ledger;
if (isNew) await populate(ledger, 4);
node.onCertified((block) => say(`certified ${block.height} ${toHex(block.headerHash)}`));
node.start();
await node.sealNow();
say('ready');
const owners = ['amy', 'bob'].map((name) => node.signerFor(testOwner(name)));
for (let turn = 0; ; turn++) {
  clock.now += 7;
  const serial = BigInt(turn % 4);
  const item = node.pending.itemBySerial(serial);
  const from = owners.find((owner) => toHex(owner.acct) === toHex(item?.owner ?? ZERO_32));
  const to = owners.find((owner) => owner !== from);
  if (item === null || from === undefined || to === undefined) throw new Error('the Items belong to amy or bob');
  const envs = from.batchSign([ledger.body({ kind: 'transfer', serial, ver: item.ver, to: to.acct, pay: ZERO_32, env: ZERO_32 })]);
  const results = await node.runGroup((group) =>
    groupSql.begin(async (tx) => {
      const applied = envs.map((env) => group.apply(env));
      await group.persist(tx);
      return applied;
    }),
  );
  for (const result of results) if (result.kind === 'sequenced') say(`committed ${toHex(result.txId)}`);
}
