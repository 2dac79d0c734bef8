/** An assessment as pages show it: lines, totals and the trace that anybody can compute again. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { recordFromInput } from '#sandbox/index.ts';
import type { Assessment, TraceStep } from '#sandbox/tax/assessment.ts';
import { assessmentHash } from '#server/settlement/assessment-document.ts';
import type { AssessmentView, TraceStep as TraceStepView } from '#server/trpc/views.ts';

export type AssessmentFacts = { readonly version: number; readonly isEstimate: boolean };

export function assessmentView(assessment: Assessment, { version, isEstimate }: AssessmentFacts): AssessmentView {
  const { input, lines, trace } = assessment;
  return {
    assessmentHash: toHex(assessmentHash(assessment)),
    packHash: assessment.packHash,
    packId: assessment.packId,
    packVersion: assessment.packVersion,
    version,
    isEstimate,
    salesFen: String(assessment.salesFen),
    gainFen: assessment.gainFen === null ? null : String(assessment.gainFen),
    isVatTaxable: assessment.isTaxable,
    mode: assessment.assessModeApplied ?? '',
    lines: lines.map((line) => ({
      id: line.id,
      kind: line.kind,
      label: line.name,
      baseFen: String(line.baseFen),
      rate: line.rate,
      amountFen: String(line.amountFen),
      citation: line.citation,
      confidence: line.confidence,
    })),
    totalFen: String(assessment.taxTotalFen),
    sellerAfterAllFen: String(assessment.sellerAfterAllFen),
    flags: assessment.flags,
    // The sandbox's own record: what its `computeAgain` reads back, in the browser too.
    inputs: recordFromInput(input),
    steps: trace.map(traceView),
  };
}

export function traceView(step: TraceStep): TraceStepView {
  return {
    id: step.id,
    label: step.name,
    formula: `${step.formula.zh} · ${step.formula.en}`,
    numbers: step.numbers,
    result: step.result,
    ruleId: step.ruleId,
    citation: step.citation,
    from: step.effectiveFrom,
    before: step.effectiveTo === null ? null : dayAfter(step.effectiveTo),
    confidence: step.confidence,
  };
}

const DAY_MS = 86_400_000;

/** Packs name the last day in force; pages say *until before*. */
function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + DAY_MS).toISOString().slice(0, 10);
}
