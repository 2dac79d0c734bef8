/** Where money came from and went (product V-10), for finance and tax. The market supervisor sees prices and no flows (V-02). */
import { z } from 'zod';
import { parseAccountId, parseItemId, parseTradeId } from '#ledger/primitives/ids.ts';
import { CAMT_REFUSALS } from '#sandbox/reports/camt-grammar.ts';
import { isSupervisor, SIGHT } from '#server/market/audience.ts';
import { findBankDifferences, listBankStatements, takeBankFiles } from '#server/market/bank-statements.ts';
import { getFunds } from '#server/market/funds.ts';
import { getLargeValues } from '#server/market/large-values.ts';
import { dayView, getReconciliation } from '#server/market/reconciliation.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { refusal } from '../errors.ts';
import { router, staffProcedure } from '../init.ts';
import type { BankDifference, BankStatement, FundsFlow, LargeValues, Reconciliation } from '../views.ts';

export const FUNDS_REFUSALS = {
  funds_unknown: 'There is no such trade, item or person. Check the reference; a day is written 2026-11-27.',
  day_not_begun: 'That day has not begun. Choose today or a day before.',
  statement_unknown: 'There is no such statement.',
  ...CAMT_REFUSALS,
} as const;
export type FundsRefusalCode = keyof typeof FUNDS_REFUSALS;

const steps = z.number().int().min(0).max(8);
const flowInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('trade'), id: z.string().max(40).transform(parseTradeId), back: steps, forth: steps }),
  z.strictObject({ kind: z.literal('item'), id: z.string().max(40).transform(parseItemId), back: steps, forth: steps }),
  z.strictObject({ kind: z.literal('person'), id: z.string().max(64).transform(parseAccountId), back: steps, forth: steps }),
  z.strictObject({ kind: z.literal('day'), id: z.iso.date(), back: steps, forth: steps }),
]);

const bankFile = { fileName: z.string().min(1).max(200), zipped: z.base64().max(1_900_000) };

export const fundsRouter = router({
  flow: staffProcedure(['sup_finance', 'sup_tax'])
    .input(flowInput)
    .query(async ({ ctx, input }): Promise<FundsFlow> => {
      const { role } = ctx.staff;
      const flow = isSupervisor(role)
        ? await readSnapshot(ctx.services, null, (snapshot) => getFunds(ctx.services, snapshot, SIGHT[role], input))
        : null;
      if (flow === null) throw refusal('not_found', 'funds_unknown', FUNDS_REFUSALS.funds_unknown);
      return flow;
    }),
  reconciliation: staffProcedure(['sup_finance', 'operator']).query(
    ({ ctx }): Promise<Reconciliation> => readSnapshot(ctx.services, null, getReconciliation),
  ),
  largeValues: staffProcedure(['sup_finance', 'operator'])
    .input(z.strictObject({ day: z.iso.date() }))
    .query(({ ctx, input }): Promise<LargeValues> => readSnapshot(ctx.services, null, (snapshot) => getLargeValues(snapshot, input.day))),
  compareDay: staffProcedure(['sup_finance', 'operator'])
    .input(z.strictObject({ day: z.iso.date() }))
    .mutation(async ({ ctx, input }): Promise<Reconciliation['days'][number]> => {
      const compared = await ctx.services.statements.compare(input.day);
      if (compared === null) throw refusal('unprocessable', 'day_not_begun', FUNDS_REFUSALS.day_not_begun);
      return dayView(compared.day);
    }),
  /** A camt.053, gzipped: some two megabytes of it are a day of many thousand entries. `more`: the other pages of a statement of several. */
  compareFile: staffProcedure(['sup_finance', 'operator'])
    .input(z.strictObject({ ...bankFile, more: z.array(z.strictObject(bankFile)).max(99).optional() }))
    .mutation(({ ctx, input: { more = [], ...first } }) => {
      const { staffId, role } = ctx.staff;
      const files = [first, ...more].map(({ fileName, zipped }) => ({ fileName, zipped: Buffer.from(zipped, 'base64') }));
      return takeBankFiles(ctx.services, { staffId, role, files });
    }),
  bankStatements: staffProcedure(['sup_finance', 'operator']).query(
    ({ ctx }): Promise<readonly BankStatement[]> => readSnapshot(ctx.services, null, listBankStatements),
  ),
  bankDifferences: staffProcedure(['sup_finance', 'operator'])
    .input(z.strictObject({ number: z.string().regex(/^\d{1,18}$/) }))
    .query(async ({ ctx, input }): Promise<readonly BankDifference[]> => {
      const rows = await readSnapshot(ctx.services, null, (snapshot) => findBankDifferences(snapshot, input.number));
      if (rows === null) throw refusal('not_found', 'statement_unknown', FUNDS_REFUSALS.statement_unknown);
      return rows;
    }),
});
