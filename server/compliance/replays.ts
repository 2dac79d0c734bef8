/** Policy replay as a job (product V-23): one at a time, in steps between which others are served, kept and signed. A crash starts the
 *  job again from the beginning; the result is the same bytes. */
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, isCalendarDate } from '#ledger/primitives/instant.ts';
import { rememberPack } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { rowJson } from '#sandbox/replay/body.ts';
import { marginsOf, type ReplayInputs, yearMarginOf } from '#sandbox/replay/inputs.ts';
import { writeReplayInputs } from '#sandbox/replay/inputs-file.ts';
import { type ReplayAnswer, replaySteps } from '#sandbox/replay/replay.ts';
import type { Ground } from '#server/context.ts';
import type { Sql } from '#server/db.ts';
import { listActivatedPacks } from './packs.repo.ts';
import { readRecordedPeriod } from './replay-facts.repo.ts';
import { replayMessage } from './replay-message.ts';
import {
  findReplay,
  insertReplay,
  keepReplay,
  nextReplay,
  noteProgress,
  type ReplayRequest,
  refuseReplay,
  type StoredReplay,
} from './replays.repo.ts';

export interface Replays {
  start(): void;
  stop(): Promise<void>;
  request(by: string, draft: RulePack, request: ReplayRequest): Promise<StoredReplay>;
}

/** Reads what the question needs and no more: margins by the packs that can have been in force. */
export async function readInputs(sql: Sql, now: Instant, draft: RulePack, { from, to, options }: ReplayRequest): Promise<ReplayInputs> {
  const period = { from, to };
  const inForce = (await listActivatedPacks(sql)).map(({ pack }) => pack);
  const dates = isPeriod(period) ? marginsOf({ period, draft, baseline: { packs: inForce, experiments: [] } }) : null;
  const recorded = await readRecordedPeriod(sql, dates === null ? NOTHING : { ...dates, period, yearsFrom: yearMarginOf(period) }, now);
  const baseline = { packs: recorded.packs, experiments: recorded.experiments };
  return { period, baseline, draft, assumeInForce: true, facts: recorded.facts, options };
}

const LINES_AT_ONCE = 500;

/** What a member runs again, compressed bit by bit, so that others are served in between. */
async function zipped(inputs: ReplayInputs): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Readable.from(inChunks(inputs)).pipe(createGzip())) {
    if (!(chunk instanceof Uint8Array)) continue;
    chunks.push(chunk);
    size += chunk.length;
  }
  const all = new Uint8Array(size);
  let place = 0;
  for (const chunk of chunks) {
    all.set(chunk, place);
    place += chunk.length;
  }
  return all;
}

async function* inChunks(inputs: ReplayInputs): AsyncGenerator<string> {
  let lines: string[] = [];
  for (const line of writeReplayInputs(inputs)) {
    lines.push(line);
    if (lines.length < LINES_AT_ONCE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
    await nextTurn();
  }
  yield lines.join('\n');
}

const NO_DAYS = { from: '2000-01-01', to: '2000-01-01' };
const NOTHING = { ...NO_DAYS, period: NO_DAYS, yearsFrom: NO_DAYS.from };

function isPeriod({ from, to }: { readonly from: string; readonly to: string }): boolean {
  return isCalendarDate(from) && isCalendarDate(to) && from < to;
}

export function openReplays({ sql, clock, random, log, ledger }: Ground): Replays {
  let isStopped = false;
  let isAsked = false;
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    for (;;) {
      const next = isStopped ? null : await nextReplay(sql);
      if (next === null) return;
      try {
        await runOne(next);
      } catch (error) {
        // One that breaks must not stand in the way of all others.
        log.error({ error, replayId: next.replayId }, "couldn't compute a policy replay");
        await refuseReplay(sql, next.replayId, clock.now(), { code: 'replay_failed', facts: {} });
      }
    }
  }

  async function runOne({ replayId, draft, request }: StoredReplay): Promise<void> {
    const inputs = await readInputs(sql, clock.now(), draft, request);
    let answer: ReplayAnswer | null = null;
    for (const run of replaySteps(inputs)) {
      if (isStopped) return;
      await noteProgress(sql, replayId, run.done, run.of);
      await nextTurn();
      answer = run.answer;
    }
    if (answer === null) return;
    if (answer.kind === 'rejected') {
      const { code, facts, mismatches } = answer;
      await refuseReplay(sql, replayId, clock.now(), { code, facts, ...(mismatches === undefined ? {} : { mismatches }) });
      return;
    }
    const { body, bodyHash, rows } = answer.replay;
    const signature = ledger.sm2.sign(ledger.operator.privateKey, replayMessage(bodyHash));
    await keepReplay(sql, replayId, clock.now(), { body, bodyHash, signature, rows: rows.map(rowJson), inputs: await zipped(inputs) });
  }

  /** Asked for while the last look at the list was on its way: one more look, or a request would wait for the next one. */
  function wake(): void {
    isAsked = true;
    if (isStopped || running !== null) return;
    isAsked = false;
    running = runAll()
      .catch((error: unknown) => log.error({ error }, "couldn't reach the policy replays; the next request or start tries again"))
      .finally(() => {
        running = null;
        if (isAsked) wake();
      });
  }

  return {
    start: wake,
    stop: async () => {
      isStopped = true;
      await running;
    },
    request: async (by, draft, request) => {
      rememberPack(draft);
      const replayId = `rpl_${toHex(random.bytes(16))}`;
      const replay = { replayId, requestedBy: by, requestedAt: clock.now(), request, draft };
      await insertReplay(sql, replay);
      wake();
      return (
        (await findReplay(sql, replayId)) ?? {
          ...replay,
          state: 'waiting',
          done: 0,
          total: 0,
          refusal: null,
          body: null,
          bodyHash: null,
          signature: null,
        }
      );
    },
  };
}
