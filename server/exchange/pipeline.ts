/**
 * The one writer of the market: commands wait in one queue per kind, a loop takes up to a group of them, works them out in memory, asks
 * the ledger for their places and commits everything in one database transaction. Answers leave after the commit. What goes wrong for
 * one command drops that command alone; what goes wrong for the database leaves nothing behind.
 */
import type { LedgerNode, SequencingGroup } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type ClassId, type OrderId, parseClassId } from '#ledger/primitives/ids.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { saveCustody } from '#server/custody/custody.repo.ts';
import { custodyChanges } from '#server/custody/custody.ts';
import type { Sql, Tx } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { DecisionWrite } from '#server/settlement/decided.ts';
import type { Group } from '#server/settlement/group.ts';
import type { CancelCommand, ClassRow, Command, PlaceCommand, ReplaceCommand } from '#server/settlement/model.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer, ReplaceOrderAnswer } from '#server/trpc/views.ts';
import { answerOf, type CommandAnswer, rejectedAnswer, replayOf } from './answers.ts';
import { applyActs } from './apply-acts.ts';
import { createClassCache } from './class-cache.ts';
import { type ExchangeCode, exchangeCode } from './codes.ts';
import { referenceKey } from './load-group.repo.ts';
import type { MarketStatistics } from './market.ts';
import { groupMessages } from './messages.ts';
import type { ExchangeGround } from './placement.ts';
import { classIdOf, prepareGroup } from './prepare-group.ts';
import { type ReferenceWrite, saveGroup } from './save-group.repo.ts';
import type { SettledTx } from './save-trades.repo.ts';

export const GROUP_MAX = 64;

/** Work of the clocks on orders and trades, in the same line as everybody's commands. */
export type Job = {
  readonly kind: 'job';
  readonly orderIds: readonly OrderId[];
  readonly classIds: readonly ClassId[];
  /** `refused` when the ledger did not take what the first run wanted. */
  run(group: Group, ground: ExchangeGround, refused: ExchangeCode | null): void;
};
type Answer = CommandAnswer | null;
/** Why a command is not worked out again: the ledger or its own second half refused it. */
type Refusal = { readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };
type Entry = {
  readonly work: Command | Job;
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
  referencePrices(): ReadonlyMap<ClassId, bigint>;
  /** After the commit: what to tell those who look at a kind now. */
  onCommitted(group: Group, settled: readonly SettledTx[]): void;
};

export interface Pipeline {
  place(command: PlaceCommand): Promise<PlaceOrderAnswer>;
  cancel(command: CancelCommand): Promise<CancelOrderAnswer>;
  replace(command: ReplaceCommand): Promise<ReplaceOrderAnswer>;
  job(job: Job): Promise<void>;
  /** With the terms in force now. */
  classes(classIds: readonly ClassId[]): Promise<ReadonlyMap<ClassId, ClassRow>>;
  forgetClass(classId: ClassId | null): void;
  statistics(): MarketStatistics;
  stop(): Promise<void>;
}

/** What a run over the commands gathers beside the group. */
type Notes = {
  readonly seen: Map<string, ReferenceWrite>;
  readonly references: ReferenceWrite[];
  readonly spoiled: Map<Entry, Refusal>;
};

type StageMs = Record<keyof MarketStatistics['stageMs'], number>;

export function createPipeline(ground: PipelineGround): Pipeline {
  const queues = new Map<number, Entry[]>();
  const classes = createClassCache();
  const stageMs: StageMs = { verify: 0, load: 0, decide: 0, sign: 0, apply: 0, write: 0, commit: 0 };
  const counts = { groups: 0, commands: 0, trades: 0 };
  let running: Promise<void> | null = null;
  let isStopped = false;

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
    const refused = new Map<Entry, Refusal>();
    const decidedBefore: DecisionWrite[] = [];
    for (;;) {
      const begun = performance.now();
      const group = await prepareGroup(
        tx,
        { classes, books: ground.exchange.books, now: ground.now(), referencePrices: ground.referencePrices() },
        sequencing,
        entries.map(({ work }) => work),
      );
      const loaded = performance.now();
      stageMs.load += loaded - begun;
      const draft = execute(group, entries, refused);
      if (draft.spoiled.size > 0) {
        for (const [entry, refusal] of draft.spoiled) {
          refused.set(entry, refusal);
          decidedBefore.push(...decisionsOf(group, entry));
        }
        await forgetMemory(entries);
        continue;
      }
      group.decisions.push(...decidedBefore);
      const decided = performance.now();
      stageMs.decide += decided - loaded;
      sequencing.savepoint();
      const applied = applyActs(ground.ledger.operator, sequencing, group, stageMs);
      if (applied.kind === 'rejected') {
        sequencing.rollbackTo();
        const culprit = draft.ownerOf(applied.index);
        ground.log.warn(
          { code: applied.code },
          "the ledger didn't take an act of a group; its command is refused and the group worked out again",
        );
        refused.set(culprit, { code: exchangeCode(applied.code), facts: {} });
        // It is not worked out again, but it was decided.
        decidedBefore.push(...decisionsOf(group, culprit));
        await forgetMemory(entries);
        continue;
      }
      sequencing.release();
      const ready = performance.now();
      const firstTradeSeq = ground.nextTradeSeq(applied.settled.length + group.waiting.length);
      // All on one connection, in the order in which they are sent. The feed's heads stand behind every row that others lock before
      // them (the journal's number above all), so that nobody waits crosswise; the tables after them are written while the hashes of the
      // messages are worked out here.
      await Promise.all([
        saveGroup(tx, group, { settled: applied.settled, references: draft.references, firstTradeSeq }),
        saveCustody(tx, custodyChanges(applied.sequenced, sequencing.pending, group.now)),
        ground.outbox.append(tx, groupMessages(group, applied.settled)),
        sequencing.persist(tx),
        persistEnvelopes(tx, applied.settled),
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

  function execute(group: Group, entries: readonly Entry[], refused: ReadonlyMap<Entry, Refusal>) {
    const spoiled = new Map<Entry, Refusal>();
    const references: ReferenceWrite[] = [];
    const seen = new Map<string, ReferenceWrite>();
    const bounds: { readonly entry: Entry; readonly until: number }[] = [];
    const answers = entries.map((entry): Answer => {
      const answer = executeEntry(group, entry, refused.get(entry) ?? null, { seen, references, spoiled });
      bounds.push({ entry, until: group.acts.length });
      return answer;
    });
    const ownerOf = (index: number): Entry => {
      const bound = bounds.find(({ until }) => index < until);
      assert(bound !== undefined, 'every act belongs to a command');
      return bound.entry;
    };
    return { answers, references, ownerOf, spoiled };
  }

  function executeEntry(group: Group, entry: Entry, refused: Refusal | null, { seen, references, spoiled }: Notes): Answer {
    const { work } = entry;
    if (work.kind === 'job') {
      work.run(group, ground.exchange, refused?.code ?? null);
      return null;
    }
    const key = referenceKey(work.player.acct, work.referenceId);
    const stored = group.loaded.answers.get(key);
    if (stored !== undefined) return replayOf(stored.bodySm3, stored.answer, work.bodySm3);
    const twin = seen.get(key);
    if (twin !== undefined) return replayOf(twin.bodySm3, twin.answer, work.bodySm3);
    const { answer, isSpoiled } =
      refused === null ? answerOf(group, ground.exchange, work) : { answer: rejectedAnswer(refused.code, refused.facts), isSpoiled: false };
    if (isSpoiled && answer.kind === 'rejected' && 'facts' in answer) {
      spoiled.set(entry, { code: exchangeCode(answer.code), facts: answer.facts });
      return null;
    }
    const write = { acct: work.player.acct, referenceId: work.referenceId, bodySm3: work.bodySm3, answer };
    seen.set(key, write);
    references.push(write);
    return answer;
  }

  return {
    place: async (command) => {
      const answer = await enqueue(command.order.cls, command);
      assert(answer !== null && (answer.kind === 'placed' || answer.kind === 'rejected'), 'a placement gets its own kind of answer');
      return answer.kind === 'placed' ? answer : { ...answer, facts: 'facts' in answer ? answer.facts : {}, freshQuote: null };
    },
    cancel: async (command) => {
      const key = command.env.body.op.kind === 'order_cancel' ? command.env.body.op.order.cls : 0;
      const answer = await enqueue(key, command);
      assert(answer !== null && answer.kind !== 'placed' && answer.kind !== 'replaced', 'a cancel gets its own kind of answer');
      if (answer.kind !== 'rejected') return answer;
      const { replayed, code, message } = answer;
      return { kind: 'rejected', replayed, code, message, facts: 'facts' in answer ? answer.facts : {} };
    },
    replace: async (command) => {
      const answer = await enqueue(command.place.order.cls, command);
      assert(answer !== null && answer.kind !== 'placed' && answer.kind !== 'canceled', 'a replacement gets its own kind of answer');
      return answer.kind === 'rejected' ? { ...answer, facts: 'facts' in answer ? answer.facts : {}, freshQuote: null } : answer;
    },
    job: async (job) => {
      const answer = await enqueue(JOB_QUEUE, job);
      assert(answer === null || answer.kind === 'rejected', 'a job has no answer');
    },
    classes: (classIds) => classes.read(ground.sql, classIds, ground.now()),
    forgetClass: (classId) => classes.forget(classId),
    statistics: () => ({ ...counts, stageMs: { ...stageMs } }),
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

function decisionsOf(group: Group, { work }: Entry): readonly DecisionWrite[] {
  if (work.kind !== 'place' && work.kind !== 'replace') return [];
  return group.decisions.filter(({ acct, referenceId }) => acct === work.player.acct && referenceId === work.referenceId);
}

const JOB_QUEUE = -1;

function matchedClassesOf({ work }: Entry): readonly ClassId[] {
  const place = work.kind === 'place' ? work : work.kind === 'replace' ? work.place : null;
  return place !== null && place.input.intent === 'matched' ? classIdOf(place) : [];
}
