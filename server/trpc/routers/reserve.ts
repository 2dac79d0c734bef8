/** What is kept back for taxes (experiment X1): its owner looks, proves a filing, says that the money is missing; the tax supervisor decides
 *  about proofs that no office has answered. */
import { z } from 'zod';
import { beijingDate } from '#ledger/primitives/instant.ts';
import { RESERVED_TAXES } from '#sandbox/experiments/tax-reserve.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { tradeIdInput } from '#server/market/input.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { answerComplaint, complainOfReserve } from '#server/reserves/complaints.ts';
import { decideBySupervisor, presentProof } from '#server/reserves/filing-proofs.ts';
import { refuseReserve } from '#server/reserves/reserve-codes.ts';
import { getReserveDesk, getReserves } from '#server/reserves/reserve-views.ts';

import type { CallContext } from '../context.ts';
import { playerProcedure, router, staffProcedure } from '../init.ts';
import type { ReserveDesk, ReserveView } from '../views.ts';
import { actIdInput, reasonInput, signatureInput } from './case.ts';

const taxInput = z.enum(RESERVED_TAXES);
const monthInput = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'a month like 2026-11');
const receiptInput = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[0-9A-Z-]{8,40}$/, 'the number on the receipt: 8 to 40 digits, letters and dashes');

const mine = ({ services }: Pick<CallContext, 'services'>, acct: Parameters<typeof getReserves>[2]): Promise<ReserveView> =>
  readSnapshot(services, acct, (snapshot) => {
    const pack = findActivePack(services.ledger.pending, snapshot.now)?.pack ?? null;
    return getReserves(snapshot, services.reserves.experiments, acct, { hasSimulatedOffice: services.reserves.office !== null, pack });
  });
const desk = ({ services }: Pick<CallContext, 'services'>): Promise<ReserveDesk> =>
  readSnapshot(services, null, (snapshot) => getReserveDesk(snapshot, services.ledger));

export const reserveRouter = router({
  get: playerProcedure.query(({ ctx }): Promise<ReserveView> => mine(ctx, ctx.player.acct)),
  prove: playerProcedure
    .input(z.strictObject({ tax: taxInput, month: monthInput, receiptNo: receiptInput, filedOn: z.iso.date() }))
    .mutation(async ({ ctx, input }): Promise<ReserveView> => {
      await presentProof(ctx.services.reserves, ctx.player, input);
      return mine(ctx, ctx.player.acct);
    }),
  /** The simulated office's own counter: what a person does there, and not through us. */
  fileAtSimulatedOffice: playerProcedure
    .input(z.strictObject({ tax: taxInput, month: monthInput }))
    .mutation(async ({ ctx, input }): Promise<{ readonly receiptNo: string; readonly filedOn: string }> => {
      const { reserves, clock } = ctx.services;
      if (reserves.office === null || input.month > beijingDate(clock.now()).slice(0, 'yyyy-mm'.length)) {
        throw refuseReserve(reserves.office === null ? 'tax_office_elsewhere' : 'proof_month', { month: input.month });
      }
      const { receiptNo, filedOn } = await reserves.office.file({ taxpayer: ctx.player.acct, ...input }, clock.now());
      return { receiptNo, filedOn };
    }),
  complain: playerProcedure
    .input(z.strictObject({ tradeId: tradeIdInput, text: z.string().trim().min(10).max(1000) }))
    .mutation(async ({ ctx, input }): Promise<ReserveView> => {
      await complainOfReserve(ctx.services, ctx.player, input.tradeId, input.text);
      return mine(ctx, ctx.player.acct);
    }),
  desk: staffProcedure(['sup_tax']).query(({ ctx }): Promise<ReserveDesk> => desk(ctx)),
  answer: staffProcedure(['sup_tax'])
    .input(z.strictObject({ actId: actIdInput, tradeId: tradeIdInput, text: reasonInput, signature: signatureInput }))
    .mutation(async ({ ctx, input }): Promise<ReserveDesk> => {
      const { signature, ...answer } = input;
      await answerComplaint(ctx.services.reserves, ctx.staff, answer, signature);
      return desk(ctx);
    }),
  decide: staffProcedure(['sup_tax'])
    .input(
      z.strictObject({
        actId: actIdInput,
        proofId: z.string().regex(/^prf_[0-9a-f]{32}$/, 'a proof'),
        isConfirmed: z.boolean(),
        reason: reasonInput,
        signature: signatureInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<ReserveDesk> => {
      const { signature, ...wish } = input;
      await decideBySupervisor(ctx.services.reserves, ctx.staff, wish, signature);
      return desk(ctx);
    }),
});
