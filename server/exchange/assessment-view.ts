/** An assessment as pages show it: lines, totals and the trace that anybody can compute again. */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';
import { assessmentHash, inputDocument } from '#server/settlement/settle-trade.ts';
import type { AssessmentView } from '#server/trpc/views.ts';

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
    inputs: flatInputs(input),
    steps: trace.map((step) => ({
      id: step.id,
      label: step.name,
      formula: `${step.formula.zh} · ${step.formula.en}`,
      numbers: step.numbers,
      result: step.result,
      ruleId: step.ruleId,
      citation: step.citation,
      from: step.effectiveFrom,
      before: step.effectiveTo,
      confidence: step.confidence,
    })),
  };
}

/** Flat, so that a page can list them; `basis.…` and `window.…` carry the nested ones. */
export function flatInputs(input: Assessment['input']): AssessmentView['inputs'] {
  const { basis, window, flags, ...rest } = inputDocument(input);
  return {
    ...rest,
    'basis.mode': basis?.mode ?? null,
    'basis.costFen': basis?.costFen ?? null,
    'basis.source': basis?.source ?? null,
    'basis.flags': basis === null ? null : basis.flags.join(' '),
    'window.kind': window.kind,
    'window.totalFen': window.totalFen ?? null,
    'window.isTaxable': window.isTaxable ?? null,
    flags: flags.join(' '),
  };
}
