/** Writes the exit report of an experiment that has ended, once: whoever comes second finds it there. */
import { canonicalBytes, canonicalText } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { type ExitReport, exitReport } from '#sandbox/experiments/exit-report.ts';
import { type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import type { DeskGround } from './move.ts';
import { hasReport, insertReport, readReportFacts } from './report.repo.ts';
import { reportPdf } from './report-pdf.ts';
import { findDeclaration, listExperimentComments, listSteps, listTriggers } from './steps.repo.ts';
import type { Measured } from './watch.ts';

/** What the operator signs: a line that names the kind, then the hash of the RFC 8785 body. */
export function reportMessage(bodyHash: Bytes): Bytes {
  return concat(utf8('daoju.exit-report/1\n'), bodyHash);
}

export async function ensureExitReport(ground: DeskGround, experiment: Experiment, measure: () => Promise<Measured>): Promise<void> {
  const { sql, clock, ledger } = ground;
  if (await hasReport(sql, experiment.id)) return;
  const { kpis, stops } = await measure();
  const [steps, fired, comments, declaration, counted] = await Promise.all([
    listSteps(sql, experiment.id),
    listTriggers(sql, experiment.id),
    listExperimentComments(sql, experiment.id),
    findDeclaration(sql, experiment.id),
    readReportFacts(sql, experiment),
  ]);
  const body: ExitReport = exitReport({
    experiment,
    declarationHash: declaration === null ? null : toHex(sm3(canonicalBytes(declaration))),
    documentHash: experimentHash(experiment),
    transitions: steps.map(({ from, to, at, reason, txId }) => ({ from, to, at: toIso(at), reason, txId })),
    kpis,
    stops,
    fired: fired.map(({ when, action, value, at }) => ({ when, action, value: String(value), at: toIso(at) })),
    comments: comments.length,
    ...counted,
  });
  const bodyHash = sm3(utf8(canonicalText(body)));
  const signature = ledger.sm2.sign(ledger.operator.privateKey, reportMessage(bodyHash));
  const pdf = await reportPdf(body, toHex(bodyHash));
  await insertReport(sql, experiment.id, { at: clock.now(), body, bodyHash, signature, pdf });
}
