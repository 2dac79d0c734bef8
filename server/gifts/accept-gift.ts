/** Accepting: the Transfer that both have signed enters the ledger, the item changes hands, and the giver's day has a deemed sale. */
import { decodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import type { SequencingGroup } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { accountIdBytes } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { TRANSFER_RULE } from '#ledger/state/rules.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import { addSignature } from '#ledger/tx/sign.ts';
import { isWindowTaxable } from '#sandbox/tax/threshold.ts';
import { saveCustody } from '#server/custody/custody.repo.ts';
import { custodyChanges } from '#server/custody/custody.ts';
import type { Tx } from '#server/db.ts';
import { signatureChecks } from '#server/exchange/check-signatures.ts';
import { EXCHANGE_REFUSALS, exchangeCode } from '#server/exchange/codes.ts';
import { listDaySales, listWindows } from '#server/exchange/load-group.repo.ts';
import type { Refused } from '#server/exchange/market.ts';
import { message, taxMessages } from '#server/exchange/messages.ts';
import { listItems } from '#server/exchange/rows.repo.ts';
import { saveAssessments } from '#server/exchange/save-assessments.repo.ts';
import type { Player } from '#server/identity/identity.ts';
import { addSale } from '#server/settlement/assess-sale.ts';
import type { SalesDay } from '#server/settlement/group.ts';
import type { ClassRow, ItemRow, WindowRow } from '#server/settlement/model.ts';
import type { GiftEnded } from '#server/trpc/views.ts';
import { readAcceptance } from './check-transfers.ts';
import { deemedSale } from './deemed-sale.ts';
import type { AcceptInput, GiftRow } from './gift.ts';
import { endGift, findGift } from './gifts.repo.ts';
import { type GiftParts, giftGround, giftMoved, refuse, refuseFault } from './ground.ts';
import { refuseGiving, refuseRecipient } from './refuse-gift.ts';

export async function acceptGift(parts: GiftParts, player: Player, { giftId, transfer }: AcceptInput): Promise<GiftEnded | Refused> {
  const { ground, pipeline, signatures } = parts;
  const { sql, clock, ledger } = ground;
  const gift = await findGift(sql, giftId);
  if (gift === null) return refuse('gift_unknown');
  if (gift.recipient !== player.acct) return refuse('not_your_gift');
  if (gift.state !== 'open') return over(gift);
  const stored = gift.transfers.map(decodeTxEnv);
  const read = readAcceptance(transfer, stored, clock.now());
  if (read.kind === 'rejected') return refuse(read.code);
  const acct = accountIdBytes(player.acct);
  const signed = { tag: 'PLP1/txsig', chain: ledger.chain, id: txIdOf(read.by.body), acct } as const;
  const checks = signatureChecks(ledger.pending, signed, read.by.sigs);
  if (checks.kind === 'rejected') return refuse(checks.code);
  if (!(await signatures.verify(checks.checks))) return refuse('sig_invalid');
  const itemClass = (await pipeline.classes([gift.classId])).get(gift.classId);
  assert(itemClass !== undefined, 'a given item has a kind');
  // Before the line: asking for a second connection while one is held lets a full pool wait for itself.
  const giver = await ground.identity.getPlayer(gift.giver);
  assert(giver !== null, 'a gift has its giver');
  const env = read.by.sigs.reduce((sum, sig) => addSignature(sum, sig), read.env);
  return ledger.runGroup((group) => sql.begin((tx) => settle(parts, { tx, group, player, giver, itemClass, giftId, env })));
}

/** Accepted already is the answer again; ended otherwise is a refusal that says so. */
function over({ giftId, state }: GiftRow): GiftEnded | Refused {
  return state === 'given' ? { kind: 'ended', replayed: true, giftId, state } : refuse('gift_over', { state });
}

type Accepting = {
  readonly tx: Tx;
  readonly group: SequencingGroup;
  readonly player: Player;
  readonly giver: Player;
  readonly itemClass: ClassRow;
  readonly giftId: GiftRow['giftId'];
  readonly env: TxEnv;
};

async function settle(parts: GiftParts, accepting: Accepting): Promise<GiftEnded | Refused> {
  const { ground } = parts;
  const { tx, group, player, giver, itemClass, giftId } = accepting;
  const now = ground.clock.now();
  const gift = await findGift(tx, giftId);
  assert(gift !== null, 'gifts are never removed');
  if (gift.state !== 'open' || gift.acceptUntil <= now) return gift.state === 'open' ? refuse('gift_over') : over(gift);
  const [item] = await listItems(tx, [gift.itemId]);
  assert(item !== undefined, 'a gift has its item');
  const giving = giftGround(parts, now, group.pending);
  const fault =
    refuseRecipient(giving, player, itemClass) ??
    refuseGiving(giving, giver, { ...item, ver: gift.ver }, itemClass, { heldBy: gift.giftId });
  // The item stays promised until the clock or one of the two ends it.
  if (fault !== null) return refuseFault(fault);
  const result = group.apply(withOperator(parts, group, itemClass, accepting.env));
  if (result.kind === 'rejected') return refuseLedger(parts, accepting, gift, result.code, now);
  await group.persist(tx);
  const referenceFen = parts.prices.all().get(gift.classId) ?? null;
  const day = await assessGift(accepting, { gift, item, referenceFen, now, pack: giving.pack });
  await endGift(tx, giftId, { state: 'given', at: now, given: { txId: result.txId, referenceFen, costFen: item.costFen } });
  await saveAssessments(tx, day);
  await saveCustody(tx, custodyChanges([{ env: accepting.env, result }], group.pending, now));
  await ground.outbox.append(tx, [
    ...taxMessages(day, []),
    message('sup:market', 'mkt.gift', now, {
      giftId,
      itemId: gift.itemId,
      classId: gift.classId,
      giverRef: gift.giver,
      recipientRef: gift.recipient,
      refPriceFen: referenceFen === null ? null : String(referenceFen),
    }),
    ...giftMoved(gift, 'given', now),
  ]);
  return { kind: 'ended', replayed: false, giftId, state: 'given' };
}

/** Kinds under rule 1 move with the operator's signature beside the owner's (`ledger.md` op 6). */
function withOperator({ ground }: GiftParts, group: SequencingGroup, itemClass: ClassRow, env: TxEnv): TxEnv {
  const isAsked = group.pending.classById(itemClass.serial)?.transferRule === TRANSFER_RULE.operatorCoSigns;
  return isAsked ? ground.ledger.operator.coSign(env) : env;
}

/** What can never pass again ends the gift; what may, leaves it. */
async function refuseLedger({ ground }: GiftParts, { tx }: Accepting, gift: GiftRow, ledgerCode: string, now: Instant): Promise<Refused> {
  const code = exchangeCode(ledgerCode);
  if (EXCHANGE_REFUSALS[code].isTransient) return refuse(code);
  await endGift(tx, gift.giftId, { state: 'failed', at: now, reason: ledgerCode });
  await ground.outbox.append(tx, giftMoved(gift, 'failed', now));
  return refuse(code);
}

type Deemed = {
  readonly gift: GiftRow;
  readonly item: ItemRow;
  readonly referenceFen: bigint | null;
  readonly now: Instant;
  readonly pack: SalesDay['pack'];
};

/** The deemed sale counts in the giver's day (rulebook 2.6.5); earlier sales are assessed again when it passes the line. */
async function assessGift({ tx }: Accepting, { gift, item, referenceFen, now, pack }: Deemed): Promise<SalesDay> {
  const day = beijingDate(now);
  const input = deemedSale(item, { at: now, referenceFen }, pack);
  const windows: Map<GiftRow['giver'], WindowRow> = await listWindows(tx, [gift.giver], day);
  const window = windows.get(gift.giver) ?? { grossFen: 0n, turnoverFen: 0n, isTaxable: false };
  const crosses = !window.isTaxable && isWindowTaxable(pack, day, window.grossFen + input.grossFen);
  const sales: SalesDay = {
    now,
    day,
    pack,
    daySales: crosses ? await listDaySales(tx, [gift.giver], day) : new Map(),
    window: () => window,
    changedWindows: new Set(),
    assessments: [],
    crossings: [],
  };
  addSale(sales, { saleId: gift.giftId, seller: gift.giver, input });
  return sales;
}
