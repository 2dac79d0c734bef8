/** Puts the market together: quotes, the pipeline, money, experiments, clocks. Every write goes through the ledger's one line. */
import { SerialLock } from '#ledger/node/serial-lock.ts';
import { parseFen } from '#ledger/primitives/fen.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { armOf, refuseJoining } from '#sandbox/experiments/experiment.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Identity, Player } from '#server/identity/identity.ts';
import { query } from '#server/journal/rows.repo.ts';
import { ownCondition } from '#server/market/expression/order-expression.ts';
import { followCandles } from '#server/market/follow-candles.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { openPayments, type Payments, type PaymentsOptions } from '#server/payments/open-payments.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import type { Checked, Command } from '#server/settlement/model.ts';
import type {
  CancelOrderAnswer,
  CancelOrderInput,
  PlaceOrderAnswer,
  PlaceOrderInput,
  ReplaceOrderAnswer,
  ReplaceOrderInput,
} from '#server/trpc/views.ts';
import { activePack } from './active-pack.ts';
import { type CommandAnswer, rejectedAnswer, replayOf } from './answers.ts';
import { createBooks } from './books.ts';
import { ensurePilot, ensureRules } from './bootstrap-rules.ts';
import { readBuyCondition } from './buy-condition.repo.ts';
import { capsUsed } from './caps-used.ts';
import { checkCancel } from './check-cancel.ts';
import { checkPlace } from './check-place.ts';
import { checkReplace } from './check-replace.ts';
import { checkoutView } from './checkout-view.ts';
import { type ExchangeCode, exchangeCode } from './codes.ts';
import { experimentView } from './experiment-view.ts';
import { insertParticipant } from './experiments.repo.ts';
import { createExperiments, type Experiments } from './experiments.ts';
import { findAnswer } from './load-group.repo.ts';
import type { JoinAnswer, Market, MarketStatistics, QuoteRequest } from './market.ts';
import { classMessages } from './market-data.ts';
import { createObservers, type Observers, tellCanceled, tellGroup, tellPlaced } from './observers.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { ExchangeGround } from './placement.ts';
import { DEFAULT_LIFE_DAYS, quoteOrder } from './quote-order.ts';
import { openQuotes, type Quotes } from './quotes.ts';
import { createReferencePrices, type ReferencePrices } from './reference-prices.ts';
import { type Clocks, followMembers, turnTradeClocks } from './trade-clocks.ts';
import { createVerifyQueue, type VerifyQueue } from './verify-queue.ts';
import { settlePurchases } from './waiting-trades.ts';

export interface MarketGround extends Ground {
  readonly identity: Pick<Identity, 'getPlayer'>;
  readonly outbox: Pick<Outbox, 'append' | 'publish'>;
}
export type MarketOptions = {
  readonly payments?: PaymentsOptions;
  /** Nothing turns by itself: a test turns the clocks and the institution. */
  readonly isManual?: boolean;
  /** Kinds of the pilot experiment, by the studio's references; absent: the first interchangeable ones. */
  readonly pilotClassRefs?: readonly string[];
};

/** What the queries of the pages need beside the tables. */
export interface OpenedMarket extends Market {
  readonly provider: PaymentProvider;
  readonly experiments: Experiments;
}

const CLOCK_MS = 1_000;
/** A looker waits this long for a new candle at most; each turn works out whole buckets anew. */
const CANDLES_MS = 2_000;
const QUOTED_AGAIN: readonly ExchangeCode[] = ['quote_changed', 'quote_expired'];

export async function openMarket(ground: MarketGround, options: MarketOptions = {}): Promise<OpenedMarket> {
  const { sql, ledger, clock, random, log } = ground;
  const experiments = createExperiments();
  const quotes = openQuotes(ledger, () => clock.now());
  const sequence = await readSequences(ground);
  const prices = createReferencePrices(sql);
  const observers = createObservers();
  const exchange: ExchangeGround = {
    chain: ledger.chain,
    random,
    envelopes: ledger.envelopes,
    books: createBooks(),
    experiments,
    nextSeq: () => sequence.order++,
  };
  const pipeline = createPipeline({
    sql,
    ledger,
    outbox: ground.outbox,
    log,
    exchange,
    now: () => clock.now(),
    referencePrices: prices.all,
    nextTradeSeq: (count) => {
      const first = sequence.trade;
      sequence.trade += BigInt(count);
      return first;
    },
    onCommitted: (group, settled) => {
      ground.outbox.publish(classMessages(group, settled, ledger.certified.height));
      tellGroup(observers, group, settled);
    },
  });
  await experiments.reload(sql);
  const payments = openPayments(ground, {
    ...options.payments,
    onBooked: () => loops.run('paid purchases', () => settlePurchases(clocks, clock.now())),
  });
  const clocks: Clocks = { ground, pipeline, exchange, observers, following: new SerialLock() };
  const verifying = { ms: 0 };
  const parts: Parts = { ground, experiments, quotes, pipeline, prices, observers, verifying, signatures: createVerifyQueue(ledger) };
  const turn = async () => {
    await ensureRules(ground);
    if (await ensurePilot(ground, options.pilotClassRefs)) await experiments.reload(sql);
    await turnTradeClocks(clocks);
    await prices.refresh(clock.now());
  };
  const turnCandles = () => followCandles({ sql, now: () => clock.now(), publish: (messages) => ground.outbox.publish(messages) });
  const loops = createLoops(ground, [
    { everyMs: CLOCK_MS, name: 'clocks of orders and trades', turn },
    { everyMs: CANDLES_MS, name: 'candles', turn: turnCandles },
  ]);
  const unlisten = ledger.onCertified(() => {
    // Its own turn: the listener must not keep the ledger waiting.
    loops.run('certified trades', () => followMembers(clocks, clock.now()));
  });
  return {
    provider: payments.provider,
    experiments,
    start: async () => {
      await turn();
      if (options.isManual === true) return;
      loops.start();
      payments.start();
    },
    stop: async () => {
      unlisten();
      await payments.stop();
      await loops.stop();
      await pipeline.stop();
    },
    quote: (player, request) => quoteFor(parts, player, request),
    place: async (player, input) => {
      const answer = await placeTold(parts, player, input);
      if (answer.kind === 'placed' && input.quote.document.payFrom === 'outside') payments.wake();
      return answer;
    },
    placeMany: (player, inputs) => Promise.all(inputs.map((input) => placeTold(parts, player, input))),
    cancel: (player, input) => cancelTold(parts, player, input),
    replace: (player, input) => replace(parts, player, input),
    deposit: (player, request) => payments.deposit(player, request),
    withdraw: (player, request) => payments.withdraw(player, request),
    findCheckout: async (player, checkoutId) => {
      const checkout = await payments.findCheckout(player, checkoutId);
      return checkout === null ? null : checkoutView(checkout, payments.provider);
    },
    payCheckout: (player, checkoutId, way) => payments.payCheckout(player, checkoutId, way),
    joinExperiment: (player, experimentId, disclosureVersion) => join(parts, player, experimentId, disclosureVersion),
    sequence: (envs, also) => sequenceOutside(ground, envs, also),
    forgetClass: (classId) => pipeline.forgetClass(classId),
    turnClocks: async () => {
      await settleMoney(payments);
      await turn();
      await turnCandles();
      await settleMoney(payments);
    },
    statistics: () => statisticsOf(pipeline, verifying.ms),
    capsUsed: () => capsUsed(experiments, clock.now()),
    observe: observers.add,
  };
}

type Parts = {
  readonly ground: MarketGround;
  readonly experiments: Experiments;
  readonly quotes: Quotes;
  readonly pipeline: Pipeline;
  readonly prices: ReferencePrices;
  readonly observers: Observers;
  readonly verifying: { ms: number };
  readonly signatures: VerifyQueue;
};

async function readSequences({ sql }: MarketGround): Promise<{ order: bigint; trade: bigint }> {
  const [row] = await query<{ orders: string; trades: string }>(
    sql,
    `select (select coalesce(max(seq), 0) + 1 from market.orders)::text as orders,
            (select coalesce(max(seq), 0) + 1 from market.trades)::text as trades`,
  );
  return { order: BigInt(row?.orders ?? '1'), trade: BigInt(row?.trades ?? '1') };
}

function statisticsOf(pipeline: Pipeline, verifyMs: number): MarketStatistics {
  const { stageMs, ...counts } = pipeline.statistics();
  return { ...counts, stageMs: { ...stageMs, verify: verifyMs } };
}

async function quoteFor({ ground, experiments, quotes, pipeline, prices, observers }: Parts, player: Player, request: QuoteRequest) {
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
      pack: activePack(ground.ledger.pending, now).pack,
      now,
      itemClass: wish.itemClass,
      referencePrices: prices.all(),
      onDenied: (code) => observers.tell((observer) => observer.decided('deny', code)),
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

async function placeTold(parts: Parts, player: Player, input: PlaceOrderInput): Promise<PlaceOrderAnswer> {
  const begun = performance.now();
  const answer = await place(parts, player, input);
  tellPlaced(parts.observers, input.intent, answer, (performance.now() - begun) / 1_000);
  return answer;
}

async function cancelTold(parts: Parts, player: Player, input: CancelOrderInput): Promise<CancelOrderAnswer> {
  const answer = await cancel(parts, player, input);
  tellCanceled(parts.observers, answer);
  return answer;
}

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
    lifeDays: Math.round((Date.parse(document.orderNotAfter) - Date.parse(document.issuedAt)) / DAY_MS) || DEFAULT_LIFE_DAYS,
  });
  return answer.kind === 'quoted' ? answer.quote : null;
}

async function cancel(parts: Parts, player: Player, input: CancelOrderInput): Promise<CancelOrderAnswer> {
  const { ground, pipeline } = parts;
  const checked = checkCancel({ chain: ground.ledger.chain, pending: ground.ledger.pending, now: ground.clock.now() }, player, input);
  const answer = await answerChecked(parts, checked, (command) => pipeline.cancel(command));
  if (answer.kind === 'canceled' || answer.kind === 'already_filled') return answer;
  if (answer.kind !== 'rejected') return rejectedAnswer('reference_conflict');
  return { kind: 'rejected', replayed: answer.replayed, code: answer.code, message: answer.message };
}

async function replace(parts: Parts, player: Player, input: ReplaceOrderInput): Promise<ReplaceOrderAnswer> {
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

/** Until neither side has anything due. */
async function settleMoney(payments: Payments): Promise<void> {
  while (await payments.turn());
}

async function join({ ground, experiments }: Parts, player: Player, experimentId: string, disclosureVersion: string): Promise<JoinAnswer> {
  const { sql, ledger, clock } = ground;
  const refuse = (code: ExchangeCode): JoinAnswer => ({ kind: 'rejected', code, facts: {} });
  const running = experiments.find(experimentId);
  if (running === null) return refuse('experiment_unknown');
  const { experiment, caps, joined } = running;
  if (disclosureVersion !== experiment.safeguards.disclosureVersion) return refuse('disclosure_outdated');
  const now = clock.now();
  const [classId = ''] = experiment.eligibility.itemClasses;
  const [gameId = ''] = experiment.eligibility.games;
  const code = refuseJoining(
    experiment,
    {
      personRef: player.acct,
      birthDate: player.birthDate ?? '9999-12-31',
      realNameLevel: player.level,
      hasOpenAmlCase: false,
      classId,
      gameId,
      at: now,
    },
    activePack(ledger.pending, now).pack,
  );
  if (code === 'SBX_NOT_ELIGIBLE_AGE') return refuse('minor_refused');
  if (code === 'SBX_NOT_ELIGIBLE_LEVEL') return refuse('level_required');
  if (code !== null) return refuse('experiment_inactive');
  return ledger.runGroup(async () => {
    const answer = caps.join(player.acct);
    if (answer.kind === 'rejected') return refuse('SBX_CAP_PARTICIPANTS');
    const facts = joined.get(player.acct) ?? { at: now, disclosureVersion, arm: armOf(experiment, player.acct).arm };
    await sql.begin((tx) => insertParticipant(tx, experimentId, player.acct, { ...facts, disclosureVersion }));
    joined.set(player.acct, { ...facts, disclosureVersion });
    return { kind: 'joined', experiment: experimentView(running, player.acct, now) };
  });
}

type Loop = { readonly everyMs: number; readonly name: string; readonly turn: () => Promise<void> };

/** Timers whose turns never overlap; a turn that fails is told and tried again at the next. */
function createLoops({ log }: MarketGround, loops: readonly Loop[]) {
  const timers = new Set<NodeJS.Timeout>();
  const open = new Set<Promise<void>>();
  let isStopped = false;
  const run = (name: string, turn: () => Promise<void>) => {
    if (isStopped) return Promise.resolve();
    const done = turn()
      .catch((error: unknown) => {
        if (!isStopped) log.error({ error, name }, "a loop of the market couldn't finish its turn; the next turn tries again");
      })
      .finally(() => open.delete(done));
    open.add(done);
    return done;
  };
  const schedule = (loop: Loop) => {
    if (isStopped || loop.everyMs === 0) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void run(loop.name, loop.turn).then(() => schedule(loop));
    }, loop.everyMs);
    timers.add(timer);
  };
  return {
    run: (name: string, turn: () => Promise<void>) => void run(name, turn),
    start: () => {
      for (const loop of loops) schedule(loop);
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(open);
    },
  };
}
