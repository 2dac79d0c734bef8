/**
 * Makes reports as jobs. A report is a function of kind, period and one certified height: the first version takes the first height at or
 * after the end of the period, an amendment the newest; the same height gives the same bytes, on every machine and after every crash.
 */
import { createHash } from 'node:crypto';
import { canonicalText, type Json } from '#ledger/codec/canonical-json.ts';
import type { TxBody } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { beijingDate, type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { getPack } from '#sandbox/packs/pack.ts';
import type { PlatformFacts } from '#sandbox/reports/decree-810.ts';
import { isOver, type Period, parsePeriod } from '#sandbox/reports/period.ts';
import { quarterOf } from '#sandbox/tax/income-record.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { every, type Ticking } from '#server/every.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import type { Identity } from '#server/identity/identity.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { type BuiltReport, buildReport, checkpointDocument, completenessOf } from './build-report.ts';
import { listFilings } from './filings.repo.ts';
import { dueReports, turnFilings } from './filings.ts';
import { DEMONSTRATION_PLATFORM } from './platform-facts.ts';
import type { ReportAuthority } from './report-authority.ts';
import { isReportKind, mayRead, REPORT_KINDS, type ReportKind } from './report-kinds.ts';
import * as repo from './reports.repo.ts';
import type { ReportJob, ReportRefusal, ReportRefusalCode, ReportSummary, Reports } from './reports.ts';
import { simulatedAuthority } from './simulated-authority.ts';

export type ReportsGround = Ground & { readonly identity: Pick<Identity, 'openPerson'>; readonly outbox: Pick<Outbox, 'append'> };

/** A turn without anything due asks a few rows; a clock that was moved is followed this soon. */
const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
const WINDOW_MS = 600_000;
const ATTEST_REPORT = 2;
const LISTED = 200;
/** Reports of a day come at 01:00 Beijing time of the next (product V-11). */
const DUE_AFTER_MS = 3_600_000;

const rejected = (code: ReportRefusalCode): ReportRefusal => ({ kind: 'rejected', code });
const openssl = (bytes: Uint8Array): Bytes => new Uint8Array(createHash('sm3').update(bytes).digest());

export type ReportsOptions = {
  readonly authority?: ReportAuthority;
  /** Of a chain that is no demonstration. */
  readonly platform?: PlatformFacts | null;
};

export function openReports(ground: ReportsGround, options: ReportsOptions = {}): Reports {
  const { sql, clock, log, ledger } = ground;
  const pack = () => findActivePack(ledger.pending, clock.now())?.pack ?? getPack('CN');
  const platform = options.platform ?? (ledger.demo === null ? null : DEMONSTRATION_PLATFORM);
  const { sm2, operator } = ledger;
  const authority = options.authority ?? simulatedAuthority({ sql, sm2, publicKey: operator.publicKey, pack });
  let ticking: Ticking | null = null;
  let working: Promise<number> = Promise.resolve(0);

  async function order(by: string, kind: ReportKind, period: Period): Promise<ReportJob> {
    const latest = await repo.findLatest(sql, kind, period.label);
    const version = (latest?.version ?? 0) + 1;
    // The number follows from what is asked for: twice in a row is once.
    const jobId = `job_${toHex(sm3(utf8(`${kind} ${period.label} ${version} ${latest === null ? '' : toIso(clock.now()).slice(0, 'yyyy-mm-ddThh:mm'.length)}`))).slice(0, 32)}`;
    return repo.insertJob(sql, { jobId, kind, period: period.label, requestedBy: by, at: new Date(clock.now()) });
  }

  async function runJob(job: ReportJob): Promise<boolean> {
    await repo.startJob(sql, job.jobId);
    try {
      assert(isReportKind(job.kind), `a job makes a report of the list, not ${job.kind}`);
      const report = await makeReport({ ...ground, platform }, job.kind, parsePeriod(job.period));
      await repo.endJob(sql, job.jobId, { reportId: report.reportId, reason: null, at: new Date(clock.now()) });
      return true;
    } catch (error) {
      log.error({ error, kind: job.kind, period: job.period }, "couldn't make a report");
      await repo.endJob(sql, job.jobId, { reportId: null, reason: 'internal_error', at: new Date(clock.now()) });
      return false;
    }
  }

  /** Yesterday's, last quarter's and last year's, where they are missing. */
  async function orderDue(): Promise<void> {
    const now = clock.now();
    const before = beijingDate(instant(now - DUE_AFTER_MS - DAY_MS));
    for (const [name, { isScheduled, period: periodKind }] of Object.entries(REPORT_KINDS)) {
      if (!isScheduled || !isReportKind(name)) continue;
      const period = lastClosed(periodKind, before, instant(now - DUE_AFTER_MS));
      if (period === null || (await heightAfter(ground, period.before)) === null) continue;
      if ((await repo.findLatest(sql, name, period.label)) === null && hasLedgerThen(ground, period)) await order('schedule', name, period);
    }
  }

  async function turn(): Promise<number> {
    await orderDue();
    let made = 0;
    for (let job = await repo.findOpenJob(sql); job !== null; job = await repo.findOpenJob(sql)) if (await runJob(job)) made += 1;
    await turnFilings({ sql, authority, pack, log }, clock.now());
    return made;
  }
  const takeTurn = (): Promise<number> => {
    working = working.catch(() => 0).then(turn);
    return working;
  };

  async function readable(role: StaffRole, reportId: string): Promise<ReportSummary | ReportRefusal> {
    const report = await repo.findReport(sql, reportId);
    if (report === null || !isReportKind(report.kind)) return rejected('report_unknown');
    return mayRead(report.kind, role) ? report : rejected('report_forbidden');
  }

  return {
    order: async ({ staffId, role }, kind, periodText) => {
      if (!isReportKind(kind)) return rejected('report_kind_unknown');
      if (!mayRead(kind, role)) return rejected('report_forbidden');
      const period = readPeriod(periodText);
      if (period === null || period.kind !== REPORT_KINDS[kind].period) return rejected('report_period_malformed');
      if (!hasLedgerThen(ground, period)) return rejected('report_period_early');
      if (!isOver(period, clock.now()) || (await heightAfter(ground, period.before)) === null) return rejected('report_period_open');
      const job = await order(staffId, kind, period);
      takeTurn().catch((error: unknown) => log.error({ error }, "couldn't make reports; the next turn tries again"));
      return { kind: 'queued', job };
    },
    list: async (role) => {
      const kinds = Object.keys(REPORT_KINDS).filter((kind): kind is ReportKind => isReportKind(kind) && mayRead(kind, role));
      const [reports, jobs, first] = await Promise.all([repo.listReports(sql, kinds, LISTED), repo.listJobs(sql, kinds), ledger.block(0n)]);
      const [now, since] = [clock.now(), instant(Number(first?.header.sealedAt ?? BigInt(clock.now())))];
      const [filings, due] = await Promise.all([
        listFilings(
          sql,
          reports.map(({ reportId }) => reportId),
        ),
        dueReports(sql, pack(), kinds, { now, since }),
      ]);
      return { reports, jobs, filings, due };
    },
    get: async (role, reportId) => {
      const report = await readable(role, reportId);
      if ('code' in report) return report;
      return { kind: 'found', report, filing: (await listFilings(sql, [reportId])).get(reportId) ?? null };
    },
    file: async (role, reportId, name) => {
      const report = await readable(role, reportId);
      if ('code' in report) return report;
      const file = await repo.findFile(sql, reportId, name);
      return file === null ? rejected('report_unknown') : { kind: 'found', ...file };
    },
    turn: takeTurn,
    start: () => {
      ticking = every(EVERY_MS, takeTurn, (error) => log.error({ error }, "couldn't make reports; the next turn tries again"));
    },
    stop: async () => {
      ticking?.stop();
      await working.catch(() => 0);
    },
  };
}

function readPeriod(text: string): Period | null {
  try {
    return parsePeriod(text);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

function lastClosed(kind: Period['kind'], day: string, now: Instant): Period | null {
  const [year = '0', month = '1'] = day.split('-');
  const labels = {
    day,
    month: `${year}-${month}`,
    quarter: quarterOf(day),
    year,
  } as const satisfies Record<Period['kind'], string>;
  const period = parsePeriod(labels[kind]);
  if (isOver(period, now)) return period;
  // The period of that day still runs: the one before it is the last that is over.
  const before = beijingDate(instant(period.from - DAY_MS));
  const [yearBefore = '0'] = before.split('-');
  const earlier = { day: before, month: before.slice(0, 'yyyy-mm'.length), quarter: quarterOf(before), year: yearBefore } as const;
  return parsePeriod(earlier[kind]);
}

type MakingGround = ReportsGround & { readonly platform: PlatformFacts | null };
type LedgerGround = Pick<ReportsGround, 'ledger'>;

/** The first certified block whose time is at or after an instant, found by halving. */
async function heightAfter({ ledger }: LedgerGround, at: Instant): Promise<bigint | null> {
  let [low, high] = [0n, ledger.certified.height];
  if (ledger.certified.header.sealedAt < BigInt(at)) return null;
  while (low < high) {
    const middle = (low + high) / 2n;
    const block = await ledger.block(middle);
    if (block === null || block.header.sealedAt < BigInt(at)) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** A period from before the chain began has nothing to report. */
function hasLedgerThen({ ledger }: LedgerGround, period: Period): boolean {
  return ledger.genesis.sealedAt < BigInt(period.before);
}

async function makeReport(ground: MakingGround, kind: ReportKind, period: Period): Promise<ReportSummary> {
  const { sql, ledger, identity, platform } = ground;
  const latest = await repo.findLatest(sql, kind, period.label);
  const height = latest === null ? await heightAfter(ground, period.before) : ledger.certified.height;
  const block = height === null ? null : await ledger.block(height);
  assert(block !== null && block.finality !== null, `a certified block closes ${period.label}`);
  const { header, finality, signers } = block;
  const cutoff = instant(Number(header.sealedAt));
  const head = { height: block.height, checkpoint: checkpointDocument({ height: block.height, header, finality, signers }) };
  // One snapshot for everything that is counted.
  const [built, completeness] = await sql.begin('isolation level repeatable read read only', async (tx) => {
    const from = { tx, period, cutoff, head, openPerson: identity.openPerson, platform };
    return [await buildReport(kind, from), await completenessOf(kind, from)] as const;
  });
  const files = built.files.map((file) => ({ ...file, sm3: openssl(file.content) }));
  // What an authority sent back is handed in anew under the next version, though no fact has changed.
  const isRejected = latest !== null && (await listFilings(sql, [latest.reportId])).get(latest.reportId)?.state === 'rejected';
  const isSame =
    latest !== null &&
    !isRejected &&
    sameFiles(
      latest,
      files.map(({ name, sm3: digest }) => ({ name, sm3: toHex(digest) })),
    );
  if (isSame) return latest;
  const manifest = canonicalText({
    schema: 'daoju.report/1',
    kind,
    period: period.label,
    from: toIso(period.from),
    before: toIso(period.before),
    version: (latest?.version ?? 0) + 1,
    amends: latest?.reportId ?? null,
    chain: toHex(ledger.chain),
    height: String(block.height),
    headerHash: toHex(block.headerHash),
    cutoff: toIso(cutoff),
    counts: { ...built.counts },
    completeness,
    files: files.map(({ name, mediaType, content, sm3: digest }): Json => ({ name, mediaType, size: content.length, sm3: toHex(digest) })),
  });
  return saveReport(ground, { kind, period, latest, height: block.height, manifest, files, built });
}

type Draft = {
  readonly kind: ReportKind;
  readonly period: Period;
  readonly latest: ReportSummary | null;
  readonly height: bigint;
  readonly manifest: string;
  readonly files: Parameters<typeof repo.insertReport>[2];
  readonly built: BuiltReport;
};

function sameFiles(latest: ReportSummary, files: readonly { readonly name: string; readonly sm3: string }[]): boolean {
  const before: { readonly files: readonly { readonly name: string; readonly sm3: string }[] } = JSON.parse(latest.manifest);
  return (
    before.files.length === files.length &&
    files.every((file, index) => before.files[index]?.name === file.name && before.files[index]?.sm3 === file.sm3)
  );
}

/** The digest on the ledger, the report, its files and the message about it: all or none. */
async function saveReport(ground: ReportsGround, { kind, period, latest, height, manifest, files, built }: Draft): Promise<ReportSummary> {
  const { ledger, clock, outbox } = ground;
  const at = clock.now();
  const { operator } = ledger;
  const doc = sm3(utf8(manifest));
  const version = (latest?.version ?? 0) + 1;
  const body: TxBody = {
    chain: ledger.chain,
    // Found again by anybody who knows kind, period and version; a second run of the same job is a replay and not a second entry.
    salt: saltFromReference(operator.acct, `report ${kind} ${period.label} ${version}`),
    notBefore: BigInt(at - WINDOW_MS),
    notAfter: BigInt(at + WINDOW_MS),
    op: { kind: 'attest', subject: { kind: 'none' }, attestKind: ATTEST_REPORT, doc },
  };
  let saved: ReportSummary | null = null;
  await sequenceOutside(ground, operator.batchSign([body]), async (tx, [result]) => {
    assert(result?.kind === 'sequenced', `the operator may attest a report: ${result?.kind === 'rejected' ? result.code : ''}`);
    saved = {
      reportId: `rep_${toHex(sm3(utf8(`${kind} ${period.label} ${version}`))).slice(0, 32)}`,
      kind,
      period: period.label,
      version,
      amends: latest?.reportId ?? null,
      height: String(height),
      at,
      manifest,
      sm3: toHex(doc),
      keyId: `${toHex(operator.acct)}/0`,
      sig: toHex(ledger.sm2.sign(operator.privateKey, concat(utf8('daoju.report/1\n'), utf8(manifest)))),
      txId: toHex(result.txId),
    };
    await repo.insertReport(tx, saved, files);
    if (kind === 'decree-810') {
      await outbox.append(tx, [
        {
          room: 'sup:tax',
          type: 'tax.quarter.report',
          at,
          body: {
            ...{ report: kind, period: period.label, fileHash: toHex(doc), counts: { ...built.counts } },
            ...{ totals: { ...built.totals }, height: String(height), version },
          },
        },
      ]);
    }
  });
  assert(saved !== null, 'what was sequenced is saved');
  return saved;
}
