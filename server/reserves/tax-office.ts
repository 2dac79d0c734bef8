/** What we ask of a tax office: whether it knows a receipt. A market that has no line to one leaves proofs to the tax supervisor. */
import type { ReservedTax } from '#sandbox/experiments/tax-reserve.ts';

/** A return as its filer names it. */
export type FiledReturn = {
  readonly receiptNo: string;
  /** Whose return: the account's reference, by which the office knows the person. */
  readonly taxpayer: string;
  readonly tax: ReservedTax;
  /** Of the income: `2026-11`. */
  readonly month: string;
  /** Beijing date. */
  readonly filedOn: string;
};

export const OFFICE_REASONS = ['receipt_unknown', 'other_taxpayer', 'other_return', 'other_day'] as const;
export type OfficeReason = (typeof OFFICE_REASONS)[number];
export type OfficeAnswer =
  | 'unavailable'
  | { readonly outcome: 'confirmed' }
  | { readonly outcome: 'refused'; readonly reason: OfficeReason };

export interface TaxOffice {
  readonly name: string;
  /** Asks and changes nothing there: the same question gets the same answer, or silence. */
  check(filed: FiledReturn): Promise<OfficeAnswer>;
}
