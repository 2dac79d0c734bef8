/** A court's judgement is carried out (`ledger.md` op 13): what a supervisor signs. Pure, so that the browser signs the very document that the
 *  server checks, and the court reads. */
import type { ItemMove, Op } from '#ledger/codec/op-types.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { CaseDocument } from './case-order.ts';

export type JudgementOrder = {
  readonly actId: string;
  readonly caseId: string;
  readonly itemId: string;
  /** Account id of whom the court gave it to. */
  readonly to: string;
  /** Name of the court, and its number of the case (案号). */
  readonly court: string;
  readonly docket: string;
  /** SM3 of the judgement's file, 64 hex digits. */
  readonly fileSm3: string;
  readonly reason: string;
};
export function judgementDocument({ actId, caseId, itemId, to, court, docket, fileSm3, reason }: JudgementOrder): CaseDocument {
  return { act: 'carry_out_judgement', actId, caseId, itemId, to, court, docket, fileSm3, reason };
}

export function judgementOp(item: ItemMove, doc: Bytes): Op {
  return { kind: 'court_order', items: [item], doc };
}
