/**
 * Buys with payment from outside until it is killed, on a clock that runs sixty times as fast, so that the quarter of an hour ends while
 * it lives. Every way to pay comes up.
 *
 *   node test/support/purchase-child.ts DATABASE_URL KEYS_DIR BEGAN
 */
import { fen } from '#ledger/primitives/fen.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { openDatabase } from '#server/db.ts';
import { PAY_WAYS } from '#server/payments/simulated-checkout.ts';
import { systemRandom } from '#server/random.ts';
import { openMarketRig } from './market-rig.ts';

const [, , url = '', keysDir = '', began = '0'] = process.argv;
const say = (line: string) => process.stdout.write(`${line}\n`);
const FASTER = 60;

const clock = {
  now: () => instant(Math.floor(Number(began) + (performance.timeOrigin + performance.now() - Number(began)) * FASTER)),
  advance: () => undefined,
  set: () => undefined,
};
const rig = await openMarketRig(openDatabase(url, { max: 6 }), { clock, keysDir, isManual: false, random: systemRandom });
say('ready');
const [amy, bob] = [rig.amy, rig.bob];

type Wish = Parameters<typeof rig.quote>[1];
/** A quote lives for a minute, which is a second here: on a slow machine it is asked for anew. */
async function place(trader: typeof amy, wish: Wish, name: string) {
  for (let tries = 0; ; tries++) {
    const answer = await rig.place(trader, await rig.quote(trader, wish), `${name}-${clock.now()}`);
    if (answer.kind === 'placed') return answer;
    if (answer.code !== 'quote_expired' || tries === 20) throw new Error(`${name} refused: ${answer.code}`);
  }
}
for (let round = 0; ; round++) {
  const kind = await rig.kind(`lantern-${clock.now()}`);
  const [itemId] = await rig.mint(kind, amy, 1);
  if (itemId === undefined) throw new Error('one item');
  const { classId } = kind;
  const { order } = await place(amy, { intent: 'listing', classId, itemIds: [itemId], priceFen: fen(100n) }, 'list');
  const taking = { intent: 'take_listing', classId, itemIds: [itemId], targetOrderId: order.orderId, payFrom: 'outside' } as const;
  const tradeId = (await place(bob, taking, 'take')).trades[0]?.tradeId ?? '';
  say(`reserved ${tradeId}`);
  const way = PAY_WAYS[round % 4];
  // Every fourth one is paid by nobody.
  if (way === undefined) continue;
  const player = await bob.player();
  for (let tries = 0; tries < 400; tries++) {
    const paid = await rig.market.payCheckout(player, tradeId.replace('trd_', 'pay_'), way);
    if (paid.kind === 'accepted') break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
