/** Orders at the market's door: quoted, checked, verified by the workers, handed to the one writer, and told to who observes. */
import { parseFen } from '#ledger/primitives/fen.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import type { Player } from '#server/identity/identity.ts';
import { ownCondition } from '#server/market/expression/order-expression.ts';
import type { Checked, Command } from '#server/settlement/model.ts';
import type {
  CancelOrderAnswer,
  CancelOrderInput,
  PlaceOrderAnswer,
  PlaceOrderInput,
  QuoteDocument,
  ReplaceOrderAnswer,
  ReplaceOrderInput,
} from '#server/trpc/views.ts';
import { activePack } from './active-pack.ts';
import { type CommandAnswer, rejectedAnswer, replayOf } from './answers.ts';
import type { BrokenBooks } from './broken-books.ts';
import { readBuyCondition } from './buy-condition.repo.ts';
import { checkCancel } from './check-cancel.ts';
import { checkPlace } from './check-place.ts';
import { checkReplace } from './check-replace.ts';
import { type ExchangeCode, exchangeCode } from './codes.ts';
import type { Experiments } from './experiments.ts';
import type { Halts } from './halts.ts';
import { findAnswer } from './load-group.repo.ts';
import type { QuoteRequest } from './market.ts';
import { attemptMessage } from './messages.ts';
import { type Observers, tellCanceled, tellPlaced } from './observers.ts';
import type { MarketGround } from './open-market.ts';
import type { Pipeline } from './pipeline.ts';
import { DEFAULT_LIFE_DAYS, quoteOrder } from './quote-order.ts';
import type { Quotes } from './quotes.ts';
import type { ReferencePrices } from './reference-prices.ts';
import type { VerifyQueue } from './verify-queue.ts';

const QUOTED_AGAIN: readonly ExchangeCode[] = ['quote_changed', 'quote_expired'];

export type Parts = {
  readonly ground: MarketGround;
  readonly experiments: Experiments;
  readonly halts: Pick<Halts, 'of'>;
  readonly broken: Pick<BrokenBooks, 'of'>;
  readonly quotes: Quotes;
  readonly pipeline: Pipeline;
  readonly prices: ReferencePrices;
  readonly observers: Observers;
  readonly verifying: { ms: number };
  readonly signatures: VerifyQueue;
};

export async function quoteFor(
  { ground, experiments, halts, broken, quotes, pipeline, prices, observers }: Parts,
  player: Player,
  request: QuoteRequest,
) {
  const wish = await anchored({ ground, pipeline }, request);
  if (wish.kind === 'rejected') return wish;
  const now = ground.clock.now();
  return quoteOrder(
    {
      sql: ground.sql,
      chain: ground.ledger.chain,
      pending: ground.ledger.pending,
      quotes,
      experiments,
      halts,
      broken,
      pack: activePack(ground.ledger.pending, now).pack,
      now,
      itemClass: wish.itemClass,
      referencePrices: prices.all(),
      onDenied: (code) => observers.tell((observer) => observer.decided('deny', code)),
      tellAttempt: (attempt) =>
        ground.sql.begin((tx) => ground.outbox.append(tx, [attemptMessage(attempt, ground.clock.now())])).then(() => undefined),
    },
    player,
    wish.request,
  );
}

/** A buy order for any kind that fits is quoted for one that does; its condition is signed in the one form that it has. */
async function anchored({ ground, pipeline }: Pick<Parts, 'ground' | 'pipeline'>, request: QuoteRequest) {
  const named = (await pipeline.classes([request.classId])).get(request.classId) ?? null;
  if (named === null || request.expression === '' || request.intent !== 'buy_order')
    return { kind: 'read' as const, request, itemClass: named };
  const condition = await readBuyCondition(ground.sql, named, request.expression);
  if (condition.kind === 'rejected') return condition;
  const { classId, text } = condition;
  const itemClass = (await pipeline.classes([classId])).get(classId) ?? null;
  return { kind: 'read' as const, request: { ...request, classId, expression: text }, itemClass };
}

export async function placeTold(parts: Parts, player: Player, input: PlaceOrderInput): Promise<PlaceOrderAnswer> {
  const begun = performance.now();
  const answer = await place(parts, player, input);
  tellPlaced(parts.observers, input.intent, answer, (performance.now() - begun) / 1_000);
  return answer;
}

export async function cancelTold(parts: Parts, player: Player, input: CancelOrderInput): Promise<CancelOrderAnswer> {
  const answer = await cancel(parts, player, input);
  tellCanceled(parts.observers, answer);
  return answer;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

async function place(parts: Parts, player: Player, input: PlaceOrderInput): Promise<PlaceOrderAnswer> {
  const { ground, quotes, pipeline } = parts;
  const now = ground.clock.now();
  const checked = checkPlace({ chain: ground.ledger.chain, pending: ground.ledger.pending, quotes, now, replaces: null }, player, input);
  const answer = await answerChecked(parts, checked, (command) => pipeline.place(command));
  if (answer.kind === 'placed') return answer;
  if (answer.kind !== 'rejected') return rejectedAnswer('reference_conflict');
  const refused = { ...rejectedAnswer(exchangeCode(answer.code)), ...answer, freshQuote: null };
  if (answer.replayed || !QUOTED_AGAIN.includes(exchangeCode(answer.code))) return refused;
  return { ...refused, freshQuote: await quoteAgain(parts, player, input) };
}

/** A replay is answered as it was, whatever the quote or the window would say by now (architecture 6). */
async function answerChecked<C extends Command, A extends CommandAnswer>(
  { ground, verifying, signatures, observers }: Parts,
  checked: Checked<C> | { readonly kind: 'rejected'; readonly code: ExchangeCode; readonly command: C | null },
  run: (command: C) => Promise<A>,
) {
  if (checked.kind === 'checked') {
    const begun = performance.now();
    const isSigned = await signatures.verify(checked.signatures);
    const ms = performance.now() - begun;
    verifying.ms += ms;
    observers.tell((observer) => observer.signaturesVerified(ms / 1_000));
    if (isSigned) return run(checked.command);
    return rejectedAnswer('sig_invalid');
  }
  const { command, code } = checked;
  const stored = command === null ? null : await findAnswer(ground.sql, command.player.acct, command.referenceId);
  if (command === null || stored === null) return rejectedAnswer(code);
  return replayOf(stored.bodySm3, stored.answer, command.bodySm3);
}

async function quoteAgain(parts: Parts, player: Player, { quote: { document } }: Pick<PlaceOrderInput, 'quote'>) {
  const answer = await quoteFor(parts, player, {
    intent: document.intent,
    classId: parseClassId(document.classId),
    itemIds: document.items.map((item) => item.itemId),
    targetOrderId: document.targetOrderId,
    priceFen: parseFen(document.priceFen),
    quantity: document.quantity,
    timeInForce: document.timeInForce,
    payFrom: document.payFrom,
    replaces: document.replaces,
    expression: ownCondition(document.expression),
    smallestFill: document.smallestFill,
    lifeHours: hoursOf(document),
    smallestOfferFen: document.smallestOfferFen === undefined ? undefined : parseFen(document.smallestOfferFen),
    // An offer names the other side by its thread, a listing by the seller's wish.
    namedBuyer: document.intent === 'listing' ? (document.namedBuyer ?? undefined) : undefined,
    lifeDays: Math.round((Date.parse(document.orderNotAfter) - Date.parse(document.issuedAt)) / DAY_MS) || DEFAULT_LIFE_DAYS,
  });
  return answer.kind === 'quoted' ? answer.quote : null;
}

function hoursOf({ offerUntil, issuedAt }: Pick<QuoteDocument, 'offerUntil' | 'issuedAt'>): number | undefined {
  return offerUntil === undefined ? undefined : Math.round((Date.parse(offerUntil) - Date.parse(issuedAt)) / HOUR_MS);
}

async function cancel(parts: Parts, player: Player, input: CancelOrderInput): Promise<CancelOrderAnswer> {
  const { ground, pipeline } = parts;
  const checked = checkCancel({ chain: ground.ledger.chain, pending: ground.ledger.pending, now: ground.clock.now() }, player, input);
  const answer = await answerChecked(parts, checked, (command) => pipeline.cancel(command));
  if (answer.kind === 'canceled' || answer.kind === 'already_filled') return answer;
  if (answer.kind !== 'rejected') return rejectedAnswer('reference_conflict');
  const { replayed, code, message } = answer;
  return { kind: 'rejected', replayed, code, message, facts: 'facts' in answer ? answer.facts : {} };
}

export async function replace(parts: Parts, player: Player, input: ReplaceOrderInput): Promise<ReplaceOrderAnswer> {
  const { ground, quotes, pipeline } = parts;
  const checked = checkReplace(
    { chain: ground.ledger.chain, pending: ground.ledger.pending, quotes, now: ground.clock.now() },
    player,
    input,
  );
  const answer = await answerChecked(parts, checked, (command) => pipeline.replace(command));
  if (answer.kind === 'replaced' || answer.kind === 'already_filled') return answer;
  if (answer.kind !== 'rejected') return rejectedAnswer('reference_conflict');
  const refused = { ...rejectedAnswer(exchangeCode(answer.code)), ...answer, freshQuote: null };
  if (answer.replayed || !QUOTED_AGAIN.includes(exchangeCode(answer.code))) return refused;
  return { ...refused, freshQuote: await quoteAgain(parts, player, input.place) };
}
