/**
 * The one writer of the market: commands wait in one queue per kind, a loop takes up to a group of them, works them out in memory, asks
 * the ledger for their places and commits everything in one database transaction. Answers leave after the commit. What goes wrong for
 * one command drops that command alone; what goes wrong for the database leaves nothing behind.
 */
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { LedgerNode, SequencingGroup } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { equalBytes } from '#ledger/primitives/bytes.ts';
import { type ClassId, type OrderId, parseClassId, parseOrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { saveCustody } from '#server/custody/custody.repo.ts';
import { custodyChanges } from '#server/custody/custody.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { Group } from '#server/settlement/group.ts';
import type { CancelCommand, ClassRow, Command, OrderRow, PlaceCommand } from '#server/settlement/model.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer } from '#server/trpc/views.ts';
import { activePack } from './active-pack.ts';
import { EXCHANGE_REFUSALS, type ExchangeCode, exchangeCode } from './codes.ts';
import { executeCancel } from './execute-cancel.ts';
import { type ExchangeGround, executePlace } from './execute-place.ts';
import { loadGroup, referenceKey } from './load-group.repo.ts';
import type { MarketStatistics } from './market.ts';
import { groupMessages } from './messages.ts';
import { listClasses, listOpenMatched } from './rows.repo.ts';
import { type ReferenceWrite, type SettledTx, saveGroup } from './save-group.repo.ts';
import { orderView } from './views.ts';

export const GROUP_MAX = 64;

/** Work of the clocks on orders and trades, in the same line as everybody's commands. */
export type Job = {
  readonly kind: 'job';
  readonly orderIds: readonly OrderId[];
  readonly classIds: readonly ClassId[];
  /** `refused` when the ledger did not take what the first run wanted. */
  run(group: Group, ground: ExchangeGround, refused: ExchangeCode | null): void;
};
type Answer = PlaceOrderAnswer | CancelOrderAnswer | null;
type Entry = {
  readonly work: PlaceCommand | CancelCommand | Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export type PipelineGround = {
  readonly sql: Sql;
  readonly ledger: LedgerNode;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly log: Log;
  readonly exchange: ExchangeGround;
  now(): Instant;
  nextTradeSeq(count: number): bigint;
  /** After the commit: what to tell those who look at a kind now. */
  onCommitted(group: Group, settled: readonly SettledTx[]): void;
};

export interface Pipeline {
  place(command: PlaceCommand): Promise<PlaceOrderAnswer>;
  cancel(command: CancelCommand): Promise<CancelOrderAnswer>;
  job(job: Job): Promise<void>;
  /** Kinds read so far; what is asked for and missing is read. */
  classes(classIds: readonly ClassId[]): Promise<ReadonlyMap<ClassId, ClassRow>>;
  statistics(): MarketStatistics;
  stop(): Promise<void>;
}

type StageMs = Record<keyof MarketStatistics['stageMs'], number>;

export function createPipeline(ground: PipelineGround): Pipeline {
  const queues = new Map<number, Entry[]>();
  const classes = new Map<ClassId, ClassRow>();
  const stageMs: StageMs = { verify: 0, load: 0, decide: 0, sign: 0, apply: 0, write: 0, commit: 0 };
  const counts = { groups: 0, commands: 0, trades: 0 };
  let running: Promise<void> | null = null;
  let isStopped = false;

  async function readClasses(sql: Sql | Tx, classIds: readonly ClassId[]): Promise<ReadonlyMap<ClassId, ClassRow>> {
    const missing = [...new Set(classIds)].filter((classId) => !classes.has(classId));
    for (const row of await listClasses(sql, missing)) classes.set(row.classId, row);
    return classes;
  }

  function enqueue(key: number, work: Entry['work']): Promise<Answer> {
    if (isStopped) return Promise.resolve(rejectedAnswer('unavailable'));
    return new Promise((resolve, reject) => {
      const queue = queues.get(key) ?? [];
      queue.push({ work, resolve, reject });
      queues.set(key, queue);
      running ??= drain();
    });
  }

  /** One from each kind in turn: a busy kind does not keep the others waiting. */
  function take(): readonly Entry[] {
    const taken: Entry[] = [];
    while (taken.length < GROUP_MAX && queues.size > 0) {
      for (const [key, queue] of queues) {
        const entry = queue.shift();
        if (queue.length === 0) queues.delete(key);
        if (entry !== undefined) taken.push(entry);
        if (taken.length === GROUP_MAX) break;
      }
    }
    return taken;
  }

  async function drain(): Promise<void> {
    // Whoever comes in this turn of the event loop joins the first group.
    await new Promise((resolve) => setImmediate(resolve));
    for (let entries = take(); entries.length > 0; entries = take()) await runEntries(entries);
    running = null;
  }

  async function runEntries(entries: readonly Entry[]): Promise<void> {
    try {
      const answers = await runGroup(entries);
      for (const [index, entry] of entries.entries()) entry.resolve(answers[index] ?? null);
    } catch (error) {
      await forgetMemory(entries);
      if (entries.length === 1) {
        ground.log.error({ error }, "couldn't commit a command; nothing of it was done");
        entries[0]?.reject(error);
        return;
      }
      ground.log.warn({ error, commands: entries.length }, "couldn't commit a group; its commands are tried one by one");
      for (const entry of entries) await runEntries([entry]);
    }
  }

  /** Books and counters may hold what was never committed. */
  async function forgetMemory(entries: readonly Entry[]): Promise<void> {
    for (const classId of entries.flatMap(matchedClassesOf)) ground.exchange.books.drop(classId);
    for (const { experiment } of ground.exchange.experiments.all()) {
      for (const classId of experiment.eligibility.itemClasses) ground.exchange.books.drop(parseClassId(classId));
    }
    await ground.exchange.experiments.reload(ground.sql);
  }

  function runGroup(entries: readonly Entry[]): Promise<readonly Answer[]> {
    const started = performance.now();
    let after: () => void = () => undefined;
    return ground.ledger
      .runGroup(async (sequencing) => {
        let written = 0;
        const answers = await ground.sql.begin(async (tx) => {
          const result = await workOut(tx, sequencing, entries);
          after = result.after;
          written = performance.now();
          return { list: result.answers };
        });
        stageMs.commit += performance.now() - written;
        return answers.list;
      })
      .then((answers) => {
        counts.groups += 1;
        counts.commands += entries.length;
        after();
        ground.log.debug({ commands: entries.length, ms: Math.round(performance.now() - started) }, 'group committed');
        return answers;
      });
  }

  async function workOut(
    tx: Tx,
    sequencing: SequencingGroup,
    entries: readonly Entry[],
  ): Promise<{ readonly answers: readonly Answer[]; readonly after: () => void }> {
    const refused = new Map<Entry, ExchangeCode>();
    for (;;) {
      const begun = performance.now();
      const group = await prepare(tx, sequencing, entries);
      const loaded = performance.now();
      stageMs.load += loaded - begun;
      const draft = execute(group, entries, refused);
      const decided = performance.now();
      stageMs.decide += decided - loaded;
      sequencing.savepoint();
      const applied = applyActs(sequencing, group);
      if (applied.kind === 'rejected') {
        sequencing.rollbackTo();
        const culprit = draft.ownerOf(applied.index);
        ground.log.warn(
          { code: applied.code },
          "the ledger didn't take an act of a group; its command is refused and the group worked out again",
        );
        refused.set(culprit, exchangeCode(applied.code));
        await forgetMemory(entries);
        continue;
      }
      sequencing.release();
      const ready = performance.now();
      const firstTradeSeq = ground.nextTradeSeq(applied.settled.length + group.reserved.length);
      // All on one connection, in the order in which they are sent. The feed's heads come first, so that its hashes are worked out here
      // while PostgreSQL works on the tables.
      await Promise.all([
        ground.outbox.append(tx, groupMessages(group, applied.settled)),
        sequencing.persist(tx),
        persistEnvelopes(tx, applied.settled),
        saveGroup(tx, group, { settled: applied.settled, references: draft.references, firstTradeSeq }),
        saveCustody(tx, custodyChanges(applied.sequenced, sequencing.pending, group.now)),
      ]);
      stageMs.write += performance.now() - ready;
      counts.trades += applied.settled.length;
      return { answers: draft.answers, after: () => ground.onCommitted(group, applied.settled) };
    }
  }

  async function persistEnvelopes(tx: Tx, settled: readonly SettledTx[]): Promise<void> {
    if (settled.length > 0)
      await ground.ledger.envelopes.persist(
        tx,
        settled.map((each) => each.settled.envelope),
      );
  }

  async function prepare(tx: Tx, sequencing: SequencingGroup, entries: readonly Entry[]): Promise<Group> {
    const now = ground.now();
    const commands = entries.flatMap(({ work }): readonly Command[] => (work.kind === 'job' ? [] : [work]));
    const jobs = entries.flatMap(({ work }) => (work.kind === 'job' ? [work] : []));
    const places = commands.filter((command) => command.kind === 'place');
    await readClasses(tx, [...places.flatMap(classIdOf), ...jobs.flatMap((job) => job.classIds)]);
    const makers = await readMakers(tx, places);
    const resting = [...jobs.flatMap((job) => job.orderIds), ...commands.flatMap((c) => (c.kind === 'cancel' ? [c.orderId] : []))];
    const known = resting.flatMap((orderId) => ground.exchange.books.rowOf(orderId) ?? []);
    const day = beijingDate(now);
    const loaded = await loadGroup(tx, {
      commands,
      orderIds: jobs.flatMap((job) => job.orderIds),
      classes,
      makers: [...makers, ...known],
      now,
      day,
    });
    await readClasses(
      tx,
      [...loaded.orders.values()].map((order) => order.classId),
    );
    const pack = activePack(sequencing.pending, now);
    return new Group({ now, day, pack: pack.pack, packHash: pack.hash, pending: sequencing.pending, loaded });
  }

  /** The resting orders that this group may meet: the best of the other side up to everything that the group wants. */
  async function readMakers(tx: Tx, places: readonly PlaceCommand[]): Promise<readonly OrderRow[]> {
    const makers: OrderRow[] = [];
    for (const classId of new Set(places.filter((command) => command.input.intent === 'matched').flatMap(classIdOf))) {
      const book = ground.exchange.books.find(classId) ?? ground.exchange.books.build(classId, await listOpenMatched(tx, classId));
      for (const side of ['buy', 'sell'] as const) {
        let wanted = places.reduce((sum, { quote }) => (quote.classId === classId && quote.side !== side ? sum + quote.quantity : sum), 0);
        if (wanted === 0) continue;
        wanted += SPARE_MAKERS;
        for (const resting of book.engine.orders(side)) {
          if (wanted <= 0) break;
          const row = book.rows.get(parseOrderId(resting.id));
          if (row !== undefined) makers.push(row);
          wanted -= Number(resting.leavesQuantity);
        }
      }
    }
    return makers;
  }

  function execute(group: Group, entries: readonly Entry[], refused: ReadonlyMap<Entry, ExchangeCode>) {
    const references: ReferenceWrite[] = [];
    const seen = new Map<string, ReferenceWrite>();
    const bounds: { readonly entry: Entry; readonly until: number }[] = [];
    const answers = entries.map((entry): Answer => {
      const answer = executeEntry(group, entry, refused.get(entry) ?? null, seen, references);
      bounds.push({ entry, until: group.acts.length });
      return answer;
    });
    const ownerOf = (index: number): Entry => {
      const bound = bounds.find(({ until }) => index < until);
      assert(bound !== undefined, 'every act belongs to a command');
      return bound.entry;
    };
    return { answers, references, ownerOf };
  }

  function executeEntry(
    group: Group,
    { work }: Entry,
    refused: ExchangeCode | null,
    seen: Map<string, ReferenceWrite>,
    references: ReferenceWrite[],
  ): Answer {
    if (work.kind === 'job') {
      work.run(group, ground.exchange, refused);
      return null;
    }
    const key = referenceKey(work.player.acct, work.referenceId);
    const stored = group.loaded.answers.get(key);
    if (stored !== undefined) return replayOf(stored.bodySm3, stored.answer, work.bodySm3);
    const twin = seen.get(key);
    if (twin !== undefined) return replayOf(twin.bodySm3, twin.answer, work.bodySm3);
    const answer = refused === null ? answerOf(group, ground.exchange, work) : rejectedAnswer(refused);
    const write = { acct: work.player.acct, referenceId: work.referenceId, bodySm3: work.bodySm3, answer };
    seen.set(key, write);
    references.push(write);
    return answer;
  }

  type Applied =
    | {
        readonly kind: 'applied';
        readonly settled: readonly SettledTx[];
        readonly sequenced: readonly {
          readonly env: TxEnv;
          readonly result: Extract<ReturnType<SequencingGroup['apply']>, { kind: 'sequenced' }>;
        }[];
      }
    | { readonly kind: 'rejected'; readonly index: number; readonly code: string };

  function applyActs(sequencing: SequencingGroup, group: Group): Applied {
    const begun = performance.now();
    const bodies = group.acts.flatMap((act) => (act.kind === 'trade' ? [act.settled.body] : []));
    const envs = bodies.length === 0 ? [] : ground.ledger.operator.batchSign(bodies);
    const signed = performance.now();
    stageMs.sign += signed - begun;
    const settled: SettledTx[] = [];
    const sequenced: Extract<Applied, { kind: 'applied' }>['sequenced'][number][] = [];
    for (const [index, act] of group.acts.entries()) {
      const env = act.kind === 'trade' ? envs[settled.length] : act.env;
      assert(env !== undefined, 'every body was signed');
      const result = sequencing.apply(env);
      if (result.kind === 'rejected') return { kind: 'rejected', index, code: result.code };
      sequenced.push({ env, result });
      if (act.kind === 'trade') settled.push({ settled: act.settled, txId: result.txId });
    }
    stageMs.apply += performance.now() - signed;
    return { kind: 'applied', settled, sequenced };
  }

  return {
    place: async (command) => {
      const answer = await enqueue(command.order.cls, command);
      assert(answer !== null && answer.kind !== 'canceled' && answer.kind !== 'already_filled', 'a placement gets its own kind of answer');
      return answer.kind === 'placed' ? answer : { ...answer, facts: 'facts' in answer ? answer.facts : {}, freshQuote: null };
    },
    cancel: async (command) => {
      const key = command.env.body.op.kind === 'order_cancel' ? command.env.body.op.order.cls : 0;
      const answer = await enqueue(key, command);
      assert(answer !== null && answer.kind !== 'placed', 'a cancel gets its own kind of answer');
      if (answer.kind !== 'rejected') return answer;
      return { kind: 'rejected', replayed: answer.replayed, code: answer.code, message: answer.message };
    },
    job: async (job) => {
      const answer = await enqueue(JOB_QUEUE, job);
      assert(answer === null || answer.kind === 'rejected', 'a job has no answer');
    },
    classes: (classIds) => readClasses(ground.sql, classIds),
    statistics: () => ({ ...counts, stageMs: { ...stageMs } }),
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

const SPARE_MAKERS = 8;
const JOB_QUEUE = -1;

function classIdOf(command: PlaceCommand): readonly ClassId[] {
  return [parseClassId(command.quote.classId)];
}

function matchedClassesOf({ work }: Entry): readonly ClassId[] {
  return work.kind === 'place' && work.input.intent === 'matched' ? classIdOf(work) : [];
}

export function rejectedAnswer(
  code: ExchangeCode,
  facts: Readonly<Record<string, string>> = {},
): Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return { kind: 'rejected', replayed: false, code, message: EXCHANGE_REFUSALS[code].message, facts, freshQuote: null };
}

export function replayOf<T extends PlaceOrderAnswer | CancelOrderAnswer>(
  known: Uint8Array,
  answer: T,
  body: Uint8Array,
): T | Extract<PlaceOrderAnswer, { kind: 'rejected' }> {
  return equalBytes(known, body) ? { ...answer, replayed: true } : rejectedAnswer('reference_conflict');
}

function answerOf(group: Group, exchange: ExchangeGround, work: PlaceCommand | CancelCommand): PlaceOrderAnswer | CancelOrderAnswer {
  if (work.kind === 'cancel') {
    const outcome = executeCancel(group, exchange, work);
    if (outcome.kind === 'rejected') return rejectedAnswer(outcome.code);
    const order = orderView(outcome.order, group.classOf(outcome.order.classId));
    return outcome.kind === 'canceled'
      ? { kind: 'canceled', replayed: false, order }
      : { kind: 'already_filled', replayed: false, order, tradeId: outcome.tradeId };
  }
  const outcome = executePlace(group, exchange, work);
  if (outcome.kind === 'rejected') return rejectedAnswer(outcome.code, outcome.facts);
  return {
    kind: 'placed',
    replayed: false,
    order: orderView(outcome.order, group.classOf(outcome.order.classId)),
    trades: outcome.trades.map((trade) => ({ ...trade, priceFen: String(trade.priceFen) })),
  };
}
