/**
 * Takeover of an account in one declaration (product P-33). The cool-down is the first thing that becomes true, so that nothing more leaves the
 * account; then its open orders and gifts end and its trades of the last seven days are claimed. What a crash leaves undone the clock does, and
 * a trade that is not certified yet is claimed when it is.
 */
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { TAKEOVER_HOLD, type TakeoverDeclaration, takeoverDocument } from '#sandbox/cases/takeover-order.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import type { Market } from '#server/exchange/market.ts';
import type { Identity } from '#server/identity/identity.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { RefusalError } from '#server/refusal.ts';
import type { ClaimProof, TakeoverView } from '#server/trpc/views.ts';
import { enterClaim } from './claim-acts.ts';
import { refuseClaim } from './claim-codes.ts';
import type { ClaimGround } from './claim-ground.ts';
import { requirePlayerSignature } from './player-signature.ts';
import {
  addCanceled,
  countClaims,
  endTakeover,
  findRunning,
  findTakeover,
  insertTakeover,
  listOpenGifts,
  listOpenOrders,
  listTakeoversToDo,
  listTradesToClaim,
  type TakeoverRow,
} from './takeovers.repo.ts';

const AT_ONCE = 100;

export type TakeoverGround = ClaimGround & {
  readonly identity: Pick<Identity, 'confirm' | 'holdPlayer'>;
  readonly market: Pick<Market, 'tellReversed' | 'endOrders' | 'gifts'>;
};

export const takeoverIdOf = (actId: string): string => `tko_${actId}`;

/** The same declaration again answers what has become of it. @throws {RefusalError} */
export async function declareTakeover(
  ground: TakeoverGround,
  acct: AccountId,
  input: TakeoverDeclaration & { readonly proof: ClaimProof },
): Promise<TakeoverView> {
  const { sql, clock, identity, outbox } = ground;
  const takeoverId = takeoverIdOf(input.actId);
  const known = await findTakeover(sql, takeoverId);
  if (known !== null) {
    if (known.acct !== acct || known.text !== input.text) throw refuseClaim('takeover_reused');
    return viewOf(ground, known);
  }
  const document = takeoverDocument(input);
  const signed = await requirePlayerSignature(ground, acct, { document, proof: input.proof });
  await sql.begin(async (tx) => {
    const at = clock.now();
    const running = await findRunning(tx, acct, at);
    if (running !== null) throw refuseClaim('takeover_running', { until: running.until.toISOString() });
    const until = instant(at + clocksAt(ground.ledger, at).takeoverCoolMs);
    await insertTakeover(tx, { takeoverId, acct, text: input.text, at, until, ...signed });
    await identity.holdPlayer(tx, acct, { code: TAKEOVER_HOLD, until });
    const notice = { takeoverId, until: toIso(until), link: '/disputes' };
    await outbox.append(tx, [noticeTo(acct, 'takeover_declared', at, notice)]);
  });
  await turnTakeovers(ground);
  const row = await findTakeover(sql, takeoverId);
  if (row === null) throw new Error(`the takeover ${takeoverId} was written and is not there`);
  return viewOf(ground, row);
}

async function viewOf({ sql }: TakeoverGround, row: TakeoverRow): Promise<TakeoverView> {
  const { takeoverId, at, until, canceled, doneAt } = row;
  const claims = await countClaims(sql, takeoverId);
  return { takeoverId, at: at.toISOString(), until: until.toISOString(), canceled, claims, isDone: doneAt !== null };
}

/** The newest of the account. */
export async function takeoverOf(ground: TakeoverGround, acct: AccountId): Promise<TakeoverView | null> {
  const row = await findRunning(ground.sql, acct, ground.clock.now());
  return row === null ? null : viewOf(ground, row);
}

/** @returns how many steps came */
export async function turnTakeovers(ground: TakeoverGround): Promise<number> {
  let steps = 0;
  for (const row of await listTakeoversToDo(ground.sql, AT_ONCE)) steps += await turnOne(ground, row);
  return steps;
}

async function turnOne(ground: TakeoverGround, row: TakeoverRow): Promise<number> {
  const { sql, market, clock } = ground;
  const { takeoverId, acct } = row;
  const orders = await listOpenOrders(sql, acct, row.at);
  if (orders.length > 0) {
    await market.endOrders(orders, 'account_taken_over');
    await addCanceled(sql, takeoverId, orders.length - (await listOpenOrders(sql, acct, row.at)).length);
  }
  for (const giftId of await listOpenGifts(sql, acct)) await market.gifts.end({ acct }, giftId);
  const since = new Date(row.at.getTime() - clocksAt(ground.ledger, instant(row.at.getTime())).takeoverTradesMs);
  const { ready, waiting } = await listTradesToClaim(sql, acct, since, row.at);
  let steps = orders.length;
  for (const tradeId of ready) {
    const entered = enterClaim(ground, acct, {
      claimId: `clm_${toHex(sm3(utf8(`${takeoverId} ${tradeId}`)).subarray(0, 16))}`,
      takeoverId,
      tradeId,
      kind: 'not_authorized',
      reason: row.text,
      files: [],
      signed: { document: row.document, signature: row.signature, proof: row.proof },
    });
    steps += (await isEntered(entered)) ? 1 : 0;
  }
  if (waiting === 0 && (await listOpenOrders(sql, acct, row.at)).length === 0) await endTakeover(sql, takeoverId, clock.now());
  return steps;
}

/** A trade that has moved on meanwhile, or that another turn has claimed, is looked at again by the next one. */
async function isEntered(entered: Promise<void>): Promise<boolean> {
  try {
    await entered;
    return true;
  } catch (error) {
    if (error instanceof RefusalError) return false;
    throw error;
  }
}
