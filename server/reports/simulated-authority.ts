/**
 * The authorities' intake of reports, simulated and shown as such: books of its own, its own pace. What it rejects it has checked: the
 * signature, each file's digest, our published schema, and that versions come in order. Its faults follow from the report's number, so that
 * each can be met again: some are met with silence the first time, the files of some arrive damaged.
 */
import { createHash } from 'node:crypto';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { concat, fromHex, fromUtf8, utf8 } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { isPast, reportDueOn } from '#sandbox/reports/due.ts';
import { parsePeriod } from '#sandbox/reports/period.ts';
import type { Sql } from '#server/db.ts';
import type { HandedReport, ReportAuthority } from './report-authority.ts';
import { isReportKind, REPORT_KINDS } from './report-kinds.ts';
import { keepsSchema, parseManifest } from './report-schemas.ts';
import * as repo from './simulated-authority.repo.ts';

export type AuthorityFault = 'silent' | 'damaged' | null;
export type SimulatedAuthorityOptions = {
  readonly sql: Sql;
  readonly sm2: Pick<Sm2, 'verify'>;
  /** The market's, as its authority knows it. */
  readonly publicKey: Uint8Array;
  readonly pack: () => RulePack;
  /** @param knocks how often the report has come, this time included */
  readonly fault?: (reportId: string, knocks: number) => AuthorityFault;
};

const SILENT_ONE_IN = 8;
const DAMAGED_ONE_IN = 16;
const LEAST_WAIT_MS = 5_000;
const WAIT_STEP_MS = 250;

const digestOf = (bytes: Uint8Array | string) => createHash('sm3').update(bytes).digest();
const byteOf = (reportId: string, index: number) => digestOf(`simulated authority ${reportId}`)[index] ?? 0;

export function faultOf(reportId: string, knocks: number): AuthorityFault {
  if (knocks === 1 && byteOf(reportId, 0) % SILENT_ONE_IN === 0) return 'silent';
  return byteOf(reportId, 1) % DAMAGED_ONE_IN === 0 ? 'damaged' : null;
}

export function simulatedAuthority(options: SimulatedAuthorityOptions): ReportAuthority {
  const { sql, sm2, publicKey, pack, fault = faultOf } = options;

  function check(report: HandedReport, manifest: ReturnType<typeof parseManifest>, before: number, isDamaged: boolean) {
    const message = concat(utf8('daoju.report/1\n'), utf8(report.manifest));
    if (!sm2.verify(publicKey, message, fromHex(report.sig, 64))) return 'signature_broken';
    for (const { name, sm3 } of manifest.files) {
      const content = report.files.find((file) => file.name === name)?.content;
      if (content === undefined || isDamaged || digestOf(content).toString('hex') !== sm3) return 'file_damaged';
      if (name.endsWith('.json') && !keepsSchema(JSON.parse(fromUtf8(content)))) return 'schema_violated';
    }
    return manifest.version > before ? null : 'version_unexpected';
  }

  return {
    name: 'simulated',
    hand: async (report, now) => {
      const manifest = parseManifest(report.manifest);
      const { kind, version } = manifest;
      const head = { reportId: report.reportId, kind, period: manifest.period, version };
      const knocks = await repo.knock(sql, head);
      const met = fault(report.reportId, knocks);
      if (met === 'silent') return 'unavailable';
      const reason = check(report, manifest, await repo.findVersionTaken(sql, head), met === 'damaged');
      const due = isReportKind(kind) ? reportDueOn(pack(), REPORT_KINDS[kind].due, parsePeriod(manifest.period)) : null;
      const verdict =
        reason === null
          ? ({ outcome: 'accepted', receiptNo: receiptOf(report.reportId, now), isLate: due !== null && isPast(due, now) } as const)
          : ({ outcome: 'rejected', reason } as const);
      const answerAt = instant(now + LEAST_WAIT_MS + byteOf(report.reportId, 2) * WAIT_STEP_MS);
      await repo.take(sql, report.reportId, verdict, { takenAt: now, answerAt });
      return 'taken';
    },
    answer: async (reportId, now) => (await repo.findAnswer(sql, reportId, now)) ?? 'pending',
  };
}

/** `SIM-20261128-3F9A1C07B2`: the day it came in, and ten digits of its digest. */
function receiptOf(reportId: string, now: Instant): string {
  const day = new Date(now).toISOString().slice(0, 'yyyy-mm-dd'.length).replaceAll('-', '');
  return `SIM-${day}-${digestOf(`receipt ${reportId}`).toString('hex').slice(0, 10).toUpperCase()}`;
}
