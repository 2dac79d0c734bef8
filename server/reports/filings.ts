/** Hands reports in and keeps their answers (product V-24, V-06): filed is what the authority accepted, with its receipt number. */
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { closedPeriods, isPast, reportDueOn } from '#sandbox/reports/due.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import type { Sql } from '#server/db.ts';
import type { Log } from '#server/log.ts';
import * as repo from './filings.repo.ts';
import type { ReportAuthority } from './report-authority.ts';
import { isReportKind, REPORT_KINDS, type ReportKind } from './report-kinds.ts';
import { findReport, listFiles } from './reports.repo.ts';
import type { DueReport } from './reports.ts';

type FilingGround = { readonly sql: Sql; readonly authority: ReportAuthority; readonly pack: () => RulePack; readonly log: Log };

/** A silent authority is asked again after 10 s, 20 s, … up to an hour. */
const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 3_600_000;
const ASK_MS = 10_000;
const SCHEDULED = Object.keys(REPORT_KINDS).filter((kind): kind is ReportKind => isReportKind(kind) && REPORT_KINDS[kind].isScheduled);
/** Closed periods of each kind that the calendar looks back upon. */
const LOOKED_BACK = 8;

export async function turnFilings({ sql, authority, pack, log }: FilingGround, now: Instant): Promise<void> {
  for (const { reportId, kind, period } of await repo.listUnfiled(sql, SCHEDULED)) {
    if (!isReportKind(kind)) continue;
    const dueOn = reportDueOn(pack(), REPORT_KINDS[kind].due, parsePeriod(period));
    await repo.insertFiling(sql, { reportId, authority: authority.name, dueOn, at: now });
  }
  for (const { reportId, state, attempts } of await repo.listDueFilings(sql, now)) {
    try {
      if (state === 'waiting') await handIn({ sql, authority }, { reportId, attempts }, now);
      else await ask({ sql, authority }, reportId, now);
    } catch (error) {
      // One that cannot be handed in keeps nobody else's waiting.
      log.error({ error, reportId }, "couldn't hand a report in, or ask for its answer; it is tried again");
      await repo.moveFiling(sql, reportId, { handedAt: null, nextAt: instant(now + retryMs(attempts)), isAttempt: true });
    }
  }
}

const retryMs = (attempts: number) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts, 10), LAST_RETRY_MS);

async function handIn(
  { sql, authority }: Pick<FilingGround, 'sql' | 'authority'>,
  { reportId, attempts }: { readonly reportId: string; readonly attempts: number },
  now: Instant,
): Promise<void> {
  const report = await findReport(sql, reportId);
  if (report === null) return;
  const outcome = await authority.hand(
    { reportId, manifest: report.manifest, sig: report.sig, files: await listFiles(sql, reportId) },
    now,
  );
  const wait = outcome === 'taken' ? ASK_MS : retryMs(attempts);
  await repo.moveFiling(sql, reportId, { handedAt: outcome === 'taken' ? now : null, nextAt: instant(now + wait), isAttempt: true });
}

async function ask({ sql, authority }: Pick<FilingGround, 'sql' | 'authority'>, reportId: string, now: Instant): Promise<void> {
  const answer = await authority.answer(reportId, now);
  if (answer === 'pending') return repo.moveFiling(sql, reportId, { handedAt: null, nextAt: instant(now + ASK_MS), isAttempt: false });
  return repo.endFiling(sql, reportId, answer);
}

/** What is owed: of each kind the last closed period, and each one before it that no authority has accepted. */
export async function dueReports(
  sql: Sql,
  pack: RulePack,
  kinds: readonly ReportKind[],
  { now, since }: { readonly now: Instant; readonly since: Instant },
): Promise<readonly DueReport[]> {
  const scheduled = kinds.filter((kind) => SCHEDULED.includes(kind));
  const versions = await repo.listVersions(sql, scheduled, String(new Date(since).getUTCFullYear() - 1));
  return scheduled.flatMap((kind) =>
    closedPeriods(REPORT_KINDS[kind].period, now, { since, most: LOOKED_BACK }).flatMap((period, index): DueReport[] => {
      const own = versions.filter((row) => row.kind === kind && row.period === period.label);
      const isFiled = own.some(({ state }) => state === 'accepted');
      if (isFiled && index > 0) return [];
      const dueOn = reportDueOn(pack, REPORT_KINDS[kind].due, period);
      const state = isFiled ? 'accepted' : own[0] === undefined ? 'missing' : (own[0].state ?? 'waiting');
      return [{ kind, period: period.label, dueOn, state, isOverdue: !isFiled && isPast(dueOn, now), reportId: own[0]?.reportId ?? null }];
    }),
  );
}
