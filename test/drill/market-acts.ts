/** What people do on a market of a drill, over its public API alone: they sign in with their keys, pay in, list and buy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { accountIdOf, type ItemId, type TradeId } from '#ledger/primitives/ids.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import { takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import { signedBytes } from '#server/outbox/message.ts';
import { createPlayerClient, type PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { buyFrom, fund } from '#server/workers/demonstration/trade-as-players.ts';
import { type Person, until } from './acts.ts';
import type { DrillSite, Org } from './site.ts';

const { sm2 } = startSm2();
const UNTIL_MS = 60_000;

/** Signed in at the market of this organisation. */
export async function enter(
  site: DrillSite,
  org: Org,
  name: 'lin-yue' | 'chen-hai' | 'zhou-ning',
  acct: Uint8Array,
): Promise<PlayerClient> {
  const { privateKey } = demonstrationKeys(name);
  const client = createPlayerClient({ base: site.baseOf(org), acct: toHex(acct), privateKey, sm2, random: systemRandom });
  await client.signIn();
  return client;
}

const STEPS = { isStopped: () => false, sleep: (ms: number) => sleep(ms) };

export async function payIn(client: PlayerClient, amountFen: string): Promise<void> {
  await fund(client, amountFen, STEPS);
}

export async function portfolioOf(client: PlayerClient) {
  return (await client.api.portfolio.list.query({})).rows;
}

/** One item at this price; it rests until somebody takes it. */
export async function list(client: PlayerClient, itemId: ItemId, priceFen: string, referenceId: string): Promise<void> {
  const row = (await portfolioOf(client)).find((each) => each.itemId === itemId);
  assert(row !== undefined, 'the item is there');
  const quote = await client.api.quote.get.mutate({
    intent: 'listing',
    classId: row.card.classId,
    itemIds: [itemId],
    targetOrderId: null,
    priceFen,
    quantity: 1,
    timeInForce: 'gtc',
  });
  const [input] = client.signSheet([{ quote, referenceId }]);
  assert(input !== undefined, 'one draft, one order');
  const answer = await client.api.order.place.mutate(input);
  assert(answer.kind === 'placed', `the listing is taken: ${JSON.stringify(answer)}`);
}

/** Listed by one, bought by the other, certified by the members. @returns its trade and LedgerTx */
export async function sellTo(
  seller: { readonly client: PlayerClient; readonly acct: Uint8Array },
  buyer: PlayerClient,
  itemId: ItemId,
  priceFen: string,
): Promise<{ readonly tradeId: TradeId; readonly txId: string }> {
  const { client, acct } = seller;
  const row = (await portfolioOf(client)).find((each) => each.itemId === itemId);
  assert(row !== undefined, 'the seller has the item');
  await list(client, itemId, priceFen, `drill-list-${itemId.slice(4, 20)}`);
  assert(await buyFrom(buyer, row.card.classId, accountIdOf(acct), STEPS), 'the listing is bought');
  let found: { readonly tradeId: TradeId; readonly txId: string } | null = null;
  await until(
    async () => {
      const trades = (await buyer.api.trade.list.query({})).rows;
      for (const { tradeId } of trades) {
        const trade = await buyer.api.trade.get.query({ tradeId });
        if (!trade.items.some((item) => item.itemId === itemId) || !trade.ledger.hasReceipt) continue;
        found = { tradeId, txId: trade.ledger.txId };
      }
      return found !== null;
    },
    UNTIL_MS,
    'the sale to be certified',
  );
  assert(found !== null, 'the certified sale is listed');
  return found;
}

/** Somebody else used the account: one declaration, signed with its key (P-33). */
export async function declareAccountTakeover(
  client: PlayerClient,
  { acct, privateKey }: Pick<Person, 'acct' | 'privateKey'>,
): Promise<void> {
  const declaration = { actId: toHex(systemRandom(16)), text: 'Somebody had my phone since Monday.' };
  const { chain, challenge, issuedAt } = await client.api.session.challenge.mutate();
  const document = toHex(documentHash(takeoverDocument(declaration)));
  const message = signedBytes('daoju.claim/1', { document, chain, acct: toHex(acct), challenge, issuedAt });
  const proof = { challenge, issuedAt, signature: toHex(sm2.sign(privateKey, message)) };
  await client.api.claim.declareTakeover.mutate({ ...declaration, proof });
}
