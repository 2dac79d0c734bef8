/** Writes what an experiment reports while it runs and when it has ended, each once: whoever comes second finds it there. */
import { canonicalBytes, canonicalText } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { beijingDate, toIso } from '#ledger/primitives/instant.ts';
import { type ExitFacts, type ExitReport, exitReport } from '#sandbox/experiments/exit-report.ts';
import { type Experiment, experimentHash } from '#sandbox/experiments/experiment.ts';
import { interimReport, owedReports } from '#sandbox/experiments/interim.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { message } from '#server/exchange/messages.ts';
import { complaintCounts } from '#server/reserves/complaints.ts';
import type { DeskGround } from './move.ts';
import { proposePromotion } from './promote.ts';
import { hasReport, insertInterim, insertReport, listInterims, readReportFacts } from './report.repo.ts';
import { reportPdf } from './report-pdf.ts';
import { findDeclaration, listExperimentComments, listSteps, listTriggers } from './steps.repo.ts';
import type { Measured } from './watch.ts';

/** What the operator signs: a line that names the kind, then the hash of the RFC 8785 body. */
export function reportMessage(bodyHash: Bytes): Bytes {
  return concat(utf8('daoju.exit-report/1\n'), bodyHash);
}

/** The same of a report while it runs. */
export function interimMessage(bodyHash: Bytes): Bytes {
  return concat(utf8('daoju.interim-report/1\n'), bodyHash);
}

export async function ensureExitReport(ground: DeskGround, experiment: Experiment, measure: () => Promise<Measured>): Promise<void> {
  const { sql, clock, ledger } = ground;
  if (await hasReport(sql, experiment.id)) return;
  const measured = await measure();
  // Before the report: what a crash in between leaves undone is done by the next turn.
  await proposePromotion(ground, experiment, measured.kpis);
  const body: ExitReport = exitReport(await factsOf(ground, experiment, measured));
  const bodyHash = sm3(utf8(canonicalText(body)));
  const signature = ledger.sm2.sign(ledger.operator.privateKey, reportMessage(bodyHash));
  const pdf = await reportPdf(body, toHex(bodyHash));
  await insertReport(sql, experiment.id, { at: clock.now(), body, bodyHash, signature, pdf });
}

const ROOMS: Readonly<Record<string, string>> = { SUP_TAX: 'sup:tax', SUP_MARKET: 'sup:market', SUP_FIN: 'sup:finance' };

/** Writes and signs what is owed today, and tells its recipients. */
export async function ensureInterims(ground: DeskGround, experiment: Experiment, measured: Measured): Promise<void> {
  const { sql, clock, ledger, outbox } = ground;
  const now = clock.now();
  const written = await listInterims(sql, experiment.id);
  const owed = owedReports(experiment, beijingDate(now)).filter(
    ({ kind, label }) => !written.some((each) => each.kind === kind && each.label === label),
  );
  if (owed.length === 0) return;
  const facts = await factsOf(ground, experiment, measured);
  for (const each of owed) {
    const body = interimReport(facts, each);
    const bodyHash = sm3(utf8(canonicalText(body)));
    const signature = ledger.sm2.sign(ledger.operator.privateKey, interimMessage(bodyHash));
    const said = { experimentId: experiment.id, kind: each.kind, label: each.label, bodyHash: toHex(bodyHash) };
    const rooms = experiment.reporting.recipients.flatMap((recipient) => ROOMS[recipient] ?? []);
    await sql.begin(async (tx) => {
      await insertInterim(tx, experiment.id, { ...each, at: now, body, bodyHash, signature });
      await outbox.append(
        tx,
        rooms.map((room) => message(room, 'sbx.report', now, said)),
      );
    });
  }
}

async function factsOf({ sql, clock, ledger }: DeskGround, experiment: Experiment, { kpis, stops }: Measured): Promise<ExitFacts> {
  const now = clock.now();
  const [steps, fired, comments, complaints, declaration, counted] = await Promise.all([
    listSteps(sql, experiment.id),
    listTriggers(sql, experiment.id),
    listExperimentComments(sql, experiment.id),
    complaintCounts(sql, findActivePack(ledger.pending, now)?.pack ?? null, experiment.id, now),
    findDeclaration(sql, experiment.id),
    readReportFacts(sql, experiment),
  ]);
  return {
    experiment,
    declarationHash: declaration === null ? null : toHex(sm3(canonicalBytes(declaration))),
    documentHash: experimentHash(experiment),
    transitions: steps.map(({ from, to, at, reason, txId }) => ({ from, to, at: toIso(at), reason, txId })),
    kpis,
    stops,
    fired: fired.map(({ when, action, value, at }) => ({ when, action, value: String(value), at: toIso(at) })),
    comments: comments.length,
    complaints,
    ...counted,
  };
}
