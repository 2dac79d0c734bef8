/**
 * A member in a process of its own for the benches: node and peer door, no market and none of its checks.
 *
 *   node test/bench/member-process.ts NAME DATABASE_URL KEYS_DIR PORT SITE_FILE
 */
import { createServer } from 'node:http';
import { demonstrationOrganisation } from '#ledger/node/account-signer.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { openMember } from '#ledger/node/open-member.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { migrate, openDatabase } from '#server/db.ts';
import { endpointIn, openOrdering, readSite } from '#server/members/site.ts';

const [, , name = '', databaseUrl = '', keysDir = '', port = '0', siteFile = ''] = process.argv;
const site = readSite(siteFile);
const sql = openDatabase(databaseUrl, { max: 4 });
await migrate(sql);
const nodeKeys = loadNodeKeys({ dir: keysDir, sm2: startSm2().sm2, random: systemRandom, create: false });
const genesis = async () => {
  for (;;) {
    const response = await fetch(new URL('/peer/v1/genesis', site.endpoints['1'])).catch(() => null);
    if (response?.ok === true) return new Uint8Array(await response.arrayBuffer());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const node = await openMember({
  sql,
  now: () => Math.round(performance.timeOrigin + performance.now()),
  random: systemRandom,
  keysDir,
  nodeKeys,
  account: demonstrationOrganisation(name),
  consortium: {
    member: site.member,
    openEngine: (config, chain) => openOrdering(site.ordering, chain, config),
    endpointOf: (member) => endpointIn(site.endpoints, member),
    elapsed: () => performance.now(),
  },
  genesis,
  log: { info: () => undefined, error: (sentence, facts) => process.stderr.write(`${name}: ${sentence} ${String(facts?.code ?? '')}\n`) },
});
const server = createServer((request, response) => {
  node.peers(request, response).then(
    (isHandled) => isHandled || response.writeHead(404).end(),
    () => response.destroy(),
  );
});
await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
await node.start();
process.stdout.write('joined\n');
