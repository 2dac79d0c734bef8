/**
 * Settled trades that the members refused (`ledger.md` 6.1, *Refused Trades*). The code decides: propose the same LedgerTx again, sign it
 * again, put a new one in its place once, or undo the whole settlement. Correcting postings are new ones; nothing is deleted.
 */
import { decodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import type { SequencingGroup } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { type Remedy, remedyOf } from '#ledger/tx/remedy.ts';
import { holdDays } from '#sandbox/decisions/payout-hold.ts';
import { payoutAt } from '#sandbox/decisions/quote-terms.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { Tx } from '#server/db.ts';
import { assessmentHash, parseInputDocument } from '#server/settlement/assessment-document.ts';
import { sealPayment } from '#server/settlement/seal-payment.ts';
import { txWindow } from '#server/settlement/settle-trade.ts';
import { activePack } from './active-pack.ts';
import { message, playerRoom } from './messages.ts';
import {
  findNewestAssessment,
  findRefusedTx,
  insertReplacedAssessment,
  insertRetry,
  moveToNewTx,
  type RefusedTx,
} from './refused-trades.repo.ts';
import { corrected } from './reverse-assessment.repo.ts';
import { reverseTrade } from './reverse-trade.ts';
import { listOrders } from './rows.repo.ts';
import { type DueTrade, listRefused } from './trade-clocks.repo.ts';
import type { Clocks } from './trade-clocks.ts';

const HOUR_MS = 3_600_000;

type Done = { readonly trade: DueTrade; readonly remedy: Exclude<Remedy, 'stop'> };
type Facts = {
  readonly tx: Tx;
  readonly sequencing: SequencingGroup;
  readonly clocks: Clocks;
  readonly now: Instant;
  readonly trade: DueTrade;
  readonly refused: RefusedTx;
  readonly code: string;
};

const SENTENCES = {
  propose_again: "members couldn't take a settled trade in this round; it is proposed again",
  sign_again: 'members refused a settled trade for our signature; it is signed again',
  replace: 'members refused a settled trade; a new LedgerTx stands in its place',
  reverse: 'members refused a settled trade; its settlement is reversed',
} as const;

/** Newest first: what builds on a trade goes before it. Looked for in the writer's turn: two turns of the clock would do it twice. */
export async function followRefused(clocks: Clocks, now: Instant): Promise<void> {
  const { ledger, sql, log } = clocks.ground;
  for (;;) {
    const { done, stop } = await ledger.runGroup((sequencing) => sql.begin((tx) => remedyNewest(clocks, tx, sequencing, now)));
    if (stop !== null) {
      ledger.halt(`members refused trade ${stop.tradeId}: ${stop.refusedCode}; states differ, and an audit must name the cause first`);
      return;
    }
    if (done === null) return;
    const { tradeId, refusedCode: code, classId, experimentId } = done.trade;
    log.error({ tradeId, code, remedy: done.remedy }, SENTENCES[done.remedy]);
    if (done.remedy !== 'reverse') continue;
    clocks.observers.tell((observer) => observer.tradesReached('reversed', 1));
    if (experimentId !== null) clocks.exchange.experiments.find(experimentId)?.caps.refund(tradeId);
    clocks.exchange.books.drop(parseClassId(classId));
  }
}

async function remedyNewest(
  clocks: Clocks,
  tx: Tx,
  sequencing: SequencingGroup,
  now: Instant,
): Promise<{ readonly done: Done | null; readonly stop: DueTrade | null }> {
  const [trade] = await listRefused(tx, 1);
  const refused = trade === undefined ? null : await findRefusedTx(tx, trade.tradeId);
  if (trade === undefined || refused === null) return { done: null, stop: null };
  const code = trade.refusedCode ?? '';
  const remedy = remedyOf(code);
  if (remedy === 'stop') return { done: null, stop: trade };
  const facts = { tx, sequencing, clocks, now, trade, refused, code };
  const isDone = remedy !== 'reverse' && (await tryAgain(facts, remedy));
  if (!isDone) await reverseTrade(tx, clocks.ground, trade, now);
  await sequencing.persist(tx);
  return { done: { trade, remedy: isDone ? remedy : 'reverse' }, stop: null };
}

/** @returns false when the settlement has to be reversed after all */
async function tryAgain(facts: Facts, remedy: 'propose_again' | 'sign_again' | 'replace'): Promise<boolean> {
  const { tx, sequencing, clocks, trade, refused, code, now } = facts;
  const env = decodeTxEnv(refused.env);
  if (remedy !== 'propose_again' && refused.wasRetried) return false;
  if (remedy === 'replace') return replace(facts, env);
  const { operator } = clocks.ground.ledger;
  const [signed] = remedy === 'sign_again' ? operator.batchSign([env.body]) : [env];
  assert(signed !== undefined, 'one body, one env');
  // Codes of row 7 may lie in an order's signature as well: then it fails again here, and nothing of ours can mend it.
  if (sequencing.applyAgain(signed).kind === 'rejected') return false;
  await insertRetry(tx, trade.tradeId, {
    attempt: refused.attempts + 1,
    txId: refused.txId,
    code,
    remedy: remedy === 'sign_again' ? 'signed_again' : 'proposed_again',
    at: now,
  });
  return true;
}

/** New salt, window, `pay` and `env`, the same trade id, within both orders. */
async function replace(facts: Facts, before: TxEnv): Promise<boolean> {
  const { tx, sequencing, clocks, trade, refused, code, now } = facts;
  const { ground, exchange } = clocks;
  const { op } = before.body;
  assert(op.kind === 'trade', 'a trade stands for a trade');
  const stored = await findNewestAssessment(tx, trade.tradeId);
  const orders = new Map((await listOrders(tx, [trade.sellOrderId, trade.buyOrderId])).map((order) => [order.orderId, order]));
  const [sell, buy] = [orders.get(trade.sellOrderId), orders.get(trade.buyOrderId)];
  assert(stored !== null && sell !== undefined && buy !== undefined, 'a settled trade has its assessment and its orders');
  const { pack, hash: rulePack } = activePack(sequencing.pending, now);
  const input = parseInputDocument(stored.input);
  const answer = assess(input, pack);
  // Another day flag would assess the whole day again; a refused trade is not worth that.
  if (answer.kind !== 'assessed' || answer.assessment.isTaxable !== stored.isTaxable) return false;
  const { assessment } = answer;
  const hash = assessmentHash(assessment);
  const costBasisFen = input.basis?.costFen ?? null;
  const payment = sealPayment(exchange, { trade, orders: { sell, buy }, assessment, assessmentHash: hash, costBasisFen, now });
  const body = { ...txWindow(exchange, now), op: { ...op, pay: payment.root, env: payment.envelope.hash, rulePack } };
  const [env] = ground.ledger.operator.batchSign([body]);
  assert(env !== undefined, 'one body, one env');
  const result = sequencing.apply(env);
  if (result.kind === 'rejected') return false;
  await ground.ledger.envelopes.persist(tx, [payment.envelope]);
  const protectMs = op.protectMs;
  const dueAt = payoutAt(pack, now, protectMs / HOUR_MS);
  await moveToNewTx(tx, trade.tradeId, {
    before: refused.txId,
    txId: result.txId,
    payment,
    payoutAt: dueAt,
    heldUntil: instant(dueAt + holdDays(pack) * 24 * HOUR_MS),
    transferableFrom: instant(now + protectMs),
  });
  await insertRetry(tx, trade.tradeId, { attempt: refused.attempts + 1, txId: refused.txId, code, remedy: 'replaced', at: now });
  const isSame = stored.packHash === assessment.packHash;
  if (!isSame) {
    await insertReplacedAssessment(tx, {
      tradeId: trade.tradeId,
      version: stored.version + 1,
      seller: trade.seller,
      day: stored.day,
      at: now,
      assessment,
      hash,
    });
  }
  await ground.outbox.append(tx, [
    ...(isSame ? [] : [corrected(trade.tradeId, trade, assessment, 'replaced', now)]),
    message('sup:market', 'mkt.trade.corrected', now, { tradeId: trade.tradeId, to: 'replaced', reason: code }),
    ...[trade.seller, trade.buyer].map((acct) =>
      message(playerRoom(acct), 'trade.updated', now, { id: trade.tradeId, from: 'settled', to: 'settled', reason: code }),
    ),
  ]);
  assert(!equalBytes(refused.txId, result.txId), 'a new LedgerTx has a new salt');
  return true;
}
