/** Puts the market together: quotes, the pipeline, money, experiments, clocks. Every write goes through the ledger's one line. */
import { SerialLock } from '#ledger/node/serial-lock.ts';
import type { ClassId } from '#ledger/primitives/ids.ts';
import { grantsMatching } from '#sandbox/experiments/experiment.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { openGifts } from '#server/gifts/open-gifts.ts';
import type { Identity } from '#server/identity/identity.ts';
import type { Break } from '#server/journal/breaks.repo.ts';
import { query } from '#server/journal/rows.repo.ts';
import { followDays } from '#server/market/closed-days.repo.ts';
import { createDepthBooks } from '#server/market/depth-books.ts';
import { followCandles } from '#server/market/follow-candles.ts';
import { createPriceNotices } from '#server/market/price-notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { openPayments, type Payments, type PaymentsOptions } from '#server/payments/open-payments.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import { createBooks } from './books.ts';
import { ensurePilot, ensureRules } from './bootstrap-rules.ts';
import { createBrokenBooks } from './broken-books.ts';
import { capsUsed } from './caps-used.ts';
import { checkoutView } from './checkout-view.ts';
import { joinExperiment, leaveExperiment } from './experiment-members.ts';
import { createExperiments, type Experiments } from './experiments.ts';
import { createHalts } from './halts.ts';
import { createLoops } from './loops.ts';
import type { Market, MarketStatistics } from './market.ts';
import { tapeMessages } from './market-data.ts';
import { createObservers, tellGroup } from './observers.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { ExchangeGround } from './placement.ts';
import { openQuotes } from './quotes.ts';
import { createReferencePrices } from './reference-prices.ts';
import { cancelTold, type Parts, placeTold, quoteFor, replace } from './take-orders.ts';
import { type Clocks, endExperimentOrders, endOrders, followMembers, turnTradeClocks } from './trade-clocks.ts';
import { createVerifyQueue } from './verify-queue.ts';
import { noteOutside, outsideActs } from './void-orders.ts';
import { failPublicity, settlePurchases } from './waiting-trades.ts';

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
  /** Cancels what still rests of an experiment that has ended and frees what was held. Again is harmless. */
  endExperimentOrders(experimentId: string): Promise<void>;
  /** What a comparison of the books has found: it stops moving, and what they agree about again goes on. */
  followBooks(breaks: readonly Break[]): Promise<void>;
}

const CLOCK_MS = 1_000;
/** A looker waits this long for a new candle at most; each turn works out whole buckets anew. */
const CANDLES_MS = 2_000;

export async function openMarket(ground: MarketGround, options: MarketOptions = {}): Promise<OpenedMarket> {
  const { sql, ledger, clock, random, log } = ground;
  const experiments = createExperiments();
  const halts = createHalts();
  const broken = createBrokenBooks(sql);
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
    halts,
    broken,
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
      ground.outbox.publish(tapeMessages(group, settled));
      books.follow(group, new Set(settled.map(({ settled: { trade } }) => trade.tradeId)));
      notices.follow(group.newOrders);
      tellGroup(observers, group, settled);
    },
  });
  const books = createDepthBooks({
    sql,
    clock,
    height: () => Number(ledger.certified.height),
    findKind: async (classId) => (await pipeline.classes([classId])).get(classId) ?? null,
    experimentOf: (classId) => runningExperiment(experiments, classId),
    publish: (messages) => ground.outbox.publish(messages),
  });
  const notices = createPriceNotices(ground);
  await experiments.reload(sql);
  await halts.reload(sql);
  const payments = openPayments(ground, {
    ...options.payments,
    isBroken: (acct) => broken.of([acct], []) !== null,
    onBooked: () => loops.run('paid purchases', () => settlePurchases(clocks, clock.now())),
  });
  const clocks: Clocks = {
    ground,
    pipeline,
    exchange,
    observers,
    following: new SerialLock(),
    waiting: new SerialLock(),
    renumbered: { isDue: true },
    outside: outsideActs(),
  };
  const verifying = { ms: 0 };
  const signatures = createVerifyQueue(ledger);
  const gifts = openGifts({ ground, halts, broken, experiments, pipeline, prices, signatures });
  const parts: Parts = {
    ground,
    experiments,
    halts,
    broken,
    quotes,
    pipeline,
    prices,
    observers,
    verifying,
    signatures,
  };
  // Whoever asks for a turn while another one runs has his after it: what was due when he asked is done when he is answered.
  const [turning, drawing] = [new SerialLock(), new SerialLock()];
  const turn = () =>
    turning.run(async () => {
      await ensureRules(ground);
      if (await ensurePilot(ground, options.pilotClassRefs)) await experiments.reload(sql);
      await turnTradeClocks(clocks);
      await gifts.turn();
      await books.turn();
      await prices.refresh(clock.now());
    });
  const turnCandles = () =>
    drawing.run(() => followCandles({ sql, now: () => clock.now(), publish: (messages) => ground.outbox.publish(messages) }));
  const loops = createLoops(ground, [
    { everyMs: CLOCK_MS, name: 'clocks of orders and trades', turn },
    { everyMs: CANDLES_MS, name: 'candles', turn: turnCandles },
    { everyMs: CANDLES_MS, name: 'days that are over', turn: () => followDays(sql, clock.now()) },
  ]);
  const unlisten = ledger.onCertified((block) => {
    if (block.displaced.items.length > 0) clocks.renumbered.isDue = true;
    noteOutside(clocks.outside, block);
    // Its own turn: the listener must not keep the ledger waiting.
    loops.run('certified trades', () => followMembers(clocks, clock.now()));
  });
  return {
    provider: payments.provider,
    experiments,
    gifts,
    halts,
    endExperimentOrders: (experimentId) => endExperimentOrders(clocks, experimentId),
    followBooks: broken.follow,
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
      await notices.settled();
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
    joinExperiment: (player, experimentId, disclosureVersion) => joinExperiment(parts, player, experimentId, disclosureVersion),
    leaveExperiment: (player, experimentId) => leaveExperiment(parts, clocks, player, experimentId),
    sequence: (envs, also) => sequenceOutside(ground, envs, also),
    endOrders: (orderIds, reason) => endOrders(clocks, orderIds, 'canceled', reason),
    failPublicity: (tradeId, reason) => failPublicity(clocks, tradeId, reason),
    tellReversed: ({ tradeId, experimentId }) => {
      observers.tell((observer) => observer.tradesReached('reversed', 1));
      if (experimentId !== null) experiments.find(experimentId)?.caps.refund(tradeId);
    },
    forgetClass: (classId) => {
      pipeline.forgetClass(classId);
      books.forget(classId);
    },
    getDepth: books.get,
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

async function readSequences({ sql }: MarketGround): Promise<{ order: bigint; trade: bigint }> {
  const [row] = await query<{ orders: string; trades: string }>(
    sql,
    `select (select coalesce(max(seq), 0) + 1 from market.orders)::text as orders,
            (select coalesce(max(seq), 0) + 1 from market.trades)::text as trades`,
  );
  return { order: BigInt(row?.orders ?? '1'), trade: BigInt(row?.trades ?? '1') };
}

function runningExperiment(experiments: Experiments, classId: ClassId): string | null {
  const experiment = experiments.ofClass(classId)?.experiment;
  const isOpen = experiment?.status === 'TESTING' || experiment?.status === 'PAUSED';
  return isOpen && grantsMatching(experiment) ? experiment.id : null;
}

function statisticsOf(pipeline: Pipeline, verifyMs: number): MarketStatistics {
  const { stageMs, ...counts } = pipeline.statistics();
  return { ...counts, stageMs: { ...stageMs, verify: verifyMs } };
}

/** Until neither side has anything due. */
async function settleMoney(payments: Payments): Promise<void> {
  while (await payments.turn());
}
