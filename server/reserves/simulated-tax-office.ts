/**
 * A tax office, simulated and shown as such: a register of its own, in which people file on its own page and not through us, and an answer to
 * whoever asks about a receipt. Its silence follows from the receipt number, so that it can be met again: some are met with none the first time.
 */
import { createHash } from 'node:crypto';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import type { ReservedTax } from '#sandbox/experiments/tax-reserve.ts';
import type { Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';
import { insertReturn, knockReturn } from './simulated-tax-office.repo.ts';
import type { FiledReturn, OfficeAnswer, TaxOffice } from './tax-office.ts';

export interface SimulatedTaxOffice extends TaxOffice {
  /** What a person does there. @returns the receipt */
  file(wish: { readonly taxpayer: string; readonly tax: ReservedTax; readonly month: string }, now: Instant): Promise<FiledReturn>;
}

const SILENT_ONE_IN = 8;
const SERIAL_BYTES = 6;

const isSilentAtFirst = (receiptNo: string) =>
  (createHash('sm3').update(`simulated tax office ${receiptNo}`).digest()[0] ?? 0) % SILENT_ONE_IN === 0;

export function simulatedTaxOffice({ sql, random }: { readonly sql: Sql; readonly random: Random }): SimulatedTaxOffice {
  return {
    name: 'simulated',
    file: async ({ taxpayer, tax, month }, now) => {
      const filedOn = beijingDate(now);
      const serial = Buffer.from(random.bytes(SERIAL_BYTES)).toString('hex').toUpperCase();
      const filed = { receiptNo: `SIM-${filedOn.replaceAll('-', '')}-${serial}`, taxpayer, tax, month, filedOn };
      await insertReturn(sql, filed);
      return filed;
    },
    check: async ({ receiptNo, taxpayer, tax, month, filedOn }): Promise<OfficeAnswer> => {
      const known = await knockReturn(sql, receiptNo);
      if (known === null) return { outcome: 'refused', reason: 'receipt_unknown' };
      if (known.knocks === 1 && isSilentAtFirst(receiptNo)) return 'unavailable';
      if (known.taxpayer !== taxpayer) return { outcome: 'refused', reason: 'other_taxpayer' };
      if (known.tax !== tax || known.month !== month) return { outcome: 'refused', reason: 'other_return' };
      return known.filedOn === filedOn ? { outcome: 'confirmed' } : { outcome: 'refused', reason: 'other_day' };
    },
  };
}
