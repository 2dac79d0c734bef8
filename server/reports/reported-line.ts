/** A line of an assessment as the messages of ISO 20022 name it. */
import { assert } from '#ledger/primitives/assert.ts';
import type { ReportedLine } from '#sandbox/reports/tax-report.ts';
import type { Assessment } from '#sandbox/tax/assessment.ts';

/** By the kind that a pack gives its lines. */
const LINE_KINDS: Readonly<Record<string, Pick<ReportedLine, 'typeCode' | 'kind'>>> = {
  vat: { typeCode: 'VAT', kind: 'VAT' },
  umct: { typeCode: 'UMCT', kind: 'SURTAX' },
  es: { typeCode: 'EDUS', kind: 'SURTAX' },
  les: { typeCode: 'LEDU', kind: 'SURTAX' },
  iit: { typeCode: 'IITX', kind: 'IIT' },
  cit: { typeCode: 'IITX', kind: 'CIT' },
  stamp: { typeCode: 'STMP', kind: 'STAMP' },
};

/** `7/200` in percent: `3.5`. Rates of packs are decimal fractions of few digits. */
function percentText(rate: string): string {
  const [, numerator = '', denominator = '1'] = /^(\d+)(?:\/(\d+))?$/.exec(rate) ?? [];
  if (numerator === '') return rate;
  const millionths = (BigInt(numerator) * 100_000_000n) / BigInt(denominator);
  return `${millionths / 1_000_000n}.${(millionths % 1_000_000n).toString().padStart(6, '0')}`.replace(/\.?0+$/, '');
}

export function reportedLine({ id, kind, baseFen, rate, amountFen }: Assessment['lines'][number]): ReportedLine {
  const named = LINE_KINDS[kind];
  assert(named !== undefined, `tax line ${id} of kind ${kind} has a code of the report`);
  return { id, ...named, baseFen, percent: percentText(rate), amountFen };
}
