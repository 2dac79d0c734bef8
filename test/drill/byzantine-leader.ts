/**
 * A member turns against the others with its own keys: it takes the lead and proposes a header whose state is wrong, and votes for two
 * headers of one height. The block is refused with its code, the double Vote ends on the ledger as evidence, the chain goes on (test 10, 11).
 */
import { voteMessage } from '#ledger/block/vote.ts';
import { decodeHeader, type Header, type VotePayload } from '#ledger/codec/header.ts';
import { encodePeerBody, type PeerBody, peerTypeOf } from '#ledger/codec/peer-body.ts';
import { encodePeerMessage, encodeSignedPeerMessage } from '#ledger/codec/peer-message.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { openDatabase } from '#server/db.ts';
import { begin, give, ORGS_ALL, until, untilEven } from './acts.ts';
import type { Drill } from './drill.ts';
import { type DrillSite, MEMBER_ID, type Org } from './site.ts';

const ITEMS = 3;
const HONEST = ['operator', 'studio', 'supervisor'] as const satisfies readonly Org[];
const { sm2 } = startSm2();

export const byzantineLeader: Drill = {
  name: 'byzantine-leader',
  about: 'the notary’s keys propose a wrong state and vote twice: refused with a code, convicted on the ledger, and the chain goes on',
  run: async ({ site, say, expect }) => {
    const { chain, lin, chen } = await begin(site, ITEMS);
    const height = await untilEven(site, ORGS_ALL);
    await site.stop('notary');
    const tip = await newestHeader(site);
    const wrong: Header = {
      ...tip,
      height: tip.height + 1n,
      prevHash: headerHash(tip),
      sealedAt: tip.sealedAt + BigInt(Math.round(performance.now() % 1000)) + 1n,
      txCount: 0,
      stateRoot: new Uint8Array(32).fill(7),
    };
    const term = await takeLead(site);
    say(`the liar leads, term ${term}`);
    await tell(site, chain, {
      kind: 'propose',
      proposal: { header: { ...wrong, sealedAt: BigInt(clock()) }, entries: [], term, set: null },
    });
    const refused = async () =>
      (await Promise.all(HONEST.map((org) => site.status(org)))).some(
        (status) => status?.refusals.some((each) => each.code === 'root_mismatch') === true,
      );
    await until(refused, 30_000, 'the members to refuse the wrong state');
    expect(true, 'the wrong state is refused: root_mismatch');

    for (const byte of [1, 2]) await tell(site, chain, voteFor(site, chain, { ...wrong, stateRoot: new Uint8Array(32).fill(byte) }, term));
    const convicted = async () => (await evidenceAt(site, 'studio')) > 0;
    await until(convicted, 60_000, 'the double Vote on the ledger');
    expect(true, 'the double Vote is recorded as evidence by the others');
    await give(site, 'operator', chain, { serial: 0, by: lin, to: chen });
    const after = await untilEven(site, HONEST);
    expect(after > height, 'the chain goes on without the liar');
    return { lost: 0, facts: { height: after, convicted: MEMBER_ID.notary } };
  },
};

const clock = (): number => Math.round(performance.timeOrigin + performance.now());

async function newestHeader(site: DrillSite): Promise<Header> {
  const height = await site.height('operator');
  const response = await fetch(`${site.baseOf('operator')}/ledger/v1/block/${height}`);
  assert(response.ok, `block ${height} is there`);
  return decodeHeader(new Uint8Array(await response.arrayBuffer()).subarray(0, 226));
}

/** Removes the leader, as any member may, and is the first to campaign. */
async function takeLead(site: DrillSite): Promise<bigint> {
  const engine = await openPgEngine(openDatabase(site.orderingUrl(), { max: 2 }));
  try {
    for (;;) {
      const { term } = await engine.read(0, 1n);
      await engine.resign(term);
      const won = await engine.campaign(MEMBER_ID.notary, 20_000);
      if (won !== null) return won.term;
    }
  } finally {
    await engine.close();
  }
}

function voteFor(site: DrillSite, chain: Bytes, header: Header, term: bigint): PeerBody {
  const vote: VotePayload = { epoch: header.epoch, height: header.height, term, header: headerHash(header), member: MEMBER_ID.notary };
  return { kind: 'vote', statement: { vote, sig: sm2.sign(site.keysOf('notary').node.privateKey, voteMessage(chain, vote)) } };
}

async function tell(site: DrillSite, chain: Bytes, body: PeerBody): Promise<void> {
  const message = { type: peerTypeOf(body), epoch: 0, height: 0n, from: MEMBER_ID.notary, body: encodePeerBody(body) };
  const sig = sm2.sign(site.keysOf('notary').node.privateKey, signedMessage('PLP1/peer', chain, encodePeerMessage(message)));
  await Promise.all(
    HONEST.map((org) => fetch(`${site.baseOf(org)}/peer/v1/message`, { method: 'POST', body: encodeSignedPeerMessage({ message, sig }) })),
  );
}

async function evidenceAt(site: DrillSite, org: Org): Promise<number> {
  const sql = openDatabase((await site.databaseOf(org)).url, { max: 1 });
  try {
    const [row] = await sql<{ found: number }[]>`select count(*)::int as found from ledger.records where kind = 5`;
    return row?.found ?? 0;
  } finally {
    await sql.end();
  }
}
