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
for (let round = 0; ; round++) {
  const kind = await rig.kind(`lantern-${clock.now()}`);
  const [itemId] = await rig.mint(kind, amy, 1);
  if (itemId === undefined) throw new Error('one item');
  const listing = await rig.quote(amy, { intent: 'listing', classId: kind.classId, itemIds: [itemId], priceFen: fen(100n) });
  const listed = await rig.place(amy, listing, `list-${clock.now()}`);
  if (listed.kind !== 'placed') throw new Error(`listing refused: ${listed.code}`);
  const taking = await rig.quote(bob, {
    intent: 'take_listing',
    classId: kind.classId,
    itemIds: [itemId],
    targetOrderId: listed.order.orderId,
    payFrom: 'outside',
  });
  const answer = await rig.place(bob, taking, `take-${clock.now()}`);
  if (answer.kind !== 'placed') throw new Error(`purchase refused: ${answer.code}`);
  const tradeId = answer.trades[0]?.tradeId ?? '';
  say(`reserved ${tradeId}`);
  const way = PAY_WAYS[round % 4];
  // Every fourth one is paid by nobody.
  if (way === undefined) continue;
  const player = await bob.player();
  for (let tries = 0; tries < 40; tries++) {
    const paid = await rig.market.payCheckout(player, tradeId.replace('trd_', 'pay_'), way);
    if (paid.kind === 'accepted') break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
