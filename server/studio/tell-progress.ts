/**
 * Tells a studio's screens how far its imports are (product V-25, `import.progress`). It is a summary, and its speed is of the moment it is
 * told: so it is read when something moved, at most once a second, after the commit. What is told last is where the job stands.
 */
import type { Sql } from '#server/db.ts';
import type { JsonObject, Outbox } from '#server/outbox/outbox.ts';
import { type ImportProgressBody, importProgressBody } from '#server/realtime/events.ts';
import type { ImportProgress } from '#server/trpc/views.ts';
import { listProgressOf } from './jobs.repo.ts';
import type { StudioPorts } from './ports.ts';

export const EVERY_MS = 1_000;

export type ProgressTeller = {
  moved(jobIds: readonly string[]): void;
  /** What moved last is told before it resolves. */
  stop(): Promise<void>;
};
type Ground = Pick<StudioPorts, 'now'> & {
  readonly sql: Sql;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly report: (error: unknown) => void;
};

export function openProgressTeller({ sql, now, outbox, report }: Ground): ProgressTeller {
  const waiting = new Set<string>();
  const told = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;
  let telling: Promise<void> | null = null;

  async function tell(): Promise<void> {
    const jobIds = [...waiting];
    waiting.clear();
    const at = now();
    const fresh = (await listProgressOf(sql, jobIds, at)).filter(({ progress }) => told.get(progress.jobId) !== placeOf(progress));
    if (fresh.length === 0) return;
    const messages = fresh.map(({ acct, progress }) => {
      const body: JsonObject = importProgressBody.parse(bodyOf(progress));
      return { room: `studio:${acct}`, type: 'import.progress', at, body };
    });
    await sql.begin((tx) => outbox.append(tx, messages));
    for (const { progress } of fresh) told.set(progress.jobId, placeOf(progress));
  }

  function turn(): void {
    const jobIds = [...waiting];
    telling = tell()
      .catch((error: unknown) => {
        for (const jobId of jobIds) waiting.add(jobId);
        report(error);
      })
      .then(() => {
        telling = null;
        timer = setTimeout(() => {
          timer = null;
          if (waiting.size > 0) turn();
        }, EVERY_MS);
        timer.unref();
      });
  }

  return {
    moved: (jobIds) => {
      for (const jobId of jobIds) waiting.add(jobId);
      if (waiting.size > 0 && timer === null && telling === null) turn();
    },
    stop: async () => {
      await telling;
      if (timer !== null) clearTimeout(timer);
      if (waiting.size > 0) await tell().catch(report);
    },
  };
}

/** A job that stands still is not told again, though its speed falls. */
function placeOf({ state, done, certified, rejected }: ImportProgress): string {
  return `${state} ${done} ${certified} ${rejected}`;
}

function bodyOf({ jobId, state, done, total, certified, rejected, perMinute, etaSeconds }: ImportProgress): ImportProgressBody {
  return { jobId, state, done, total, certified, rejected, perMinute, etaSeconds };
}
