/** Questions in a case (product V-14): officials ask, whoever is asked replies. The role decides what exists (V-02). */
import { z } from 'zod';
import { fromHex, toBase64 } from '#ledger/primitives/bytes.ts';
import { FREEZE_REASONS } from '#sandbox/cases/case-order.ts';
import { INQUIRY_PARTIES, INQUIRY_REPLIES, OPERATOR_PARTY } from '#sandbox/cases/inquiry-order.ts';
import { refuseCase } from '#server/cases/case-codes.ts';
import { requireCase } from '#server/cases/case-desk.ts';
import { refuseClaim } from '#server/claims/claim-codes.ts';
import { findInquiry, findInquiryFile, listAskable, listInquiriesOf, listInquiriesOfCase } from '#server/claims/inquiries.repo.ts';
import { type Asked, askInformation, extendInquiry, inquiryViews, replyToInquiry, requireAsked } from '#server/claims/inquiries.ts';
import { requireLivingCertificate } from '#server/identity/staff-certificates.ts';
import { SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { findStudioOf } from '#server/market/studios.repo.ts';
import type { CallContext } from '../context.ts';
import { publicProcedure, router, staffProcedure } from '../init.ts';
import type { AskableStudio, InquiryParty, InquiryView } from '../views.ts';
import { actIdInput, caseIdInput, reasonInput, signatureInput, signedTxInput } from './case.ts';
import { filesInput } from './claim.ts';

const supervisor = staffProcedure(SUPERVISOR_ROLES);
const SHOWN = 100;
const inquiryIdInput = z.string().regex(/^inq_[0-9a-f]{32}$/, 'a question');
const partyInput = z.enum(INQUIRY_PARTIES);

/** In one browser several may be signed in: `as` says who asks. @throws {RefusalError} `inquiry_unknown` */
async function askedOf({ playerSession, staffSession, services }: CallContext, as: InquiryParty): Promise<Asked> {
  if (as === 'player' && playerSession !== null) {
    const { acct } = playerSession.player;
    return { party: as, partyId: acct, byRef: acct };
  }
  if (as !== 'player' && staffSession?.role === as) {
    const byRef = staffSession.staffId;
    if (as === 'operator') return { party: as, partyId: OPERATOR_PARTY, byRef };
    const studio = await findStudioOf(services.sql, staffSession.organisation);
    if (studio !== null) return { party: as, partyId: studio.acct, byRef };
  }
  throw refuseCase('inquiry_unknown');
}

export const inquiryRouter = router({
  ask: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: caseIdInput,
        party: partyInput,
        partyId: z.string().min(4).max(100),
        reasonCode: z.enum(FREEZE_REASONS),
        question: reasonInput,
        dueAt: z.iso.datetime({ precision: 3 }),
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<{ readonly inquiryId: string }> => {
      const { signature, signedTx, ...order } = input;
      return { inquiryId: await askInformation(ctx.services, ctx.staff, order, { signature, signedTx }) };
    }),
  extend: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        inquiryId: inquiryIdInput,
        dueAt: z.iso.datetime({ precision: 3 }),
        signature: signatureInput,
        signedTx: signedTxInput,
      }),
    )
    .mutation(async ({ ctx, input }): Promise<{ readonly isDone: true }> => {
      const { signature, signedTx, ...order } = input;
      await extendInquiry(ctx.services, ctx.staff, order, { signature, signedTx });
      return { isDone: true };
    }),
  /** Whom the form offers. */
  studios: supervisor.query(({ ctx }): Promise<readonly AskableStudio[]> => listAskable(ctx.services.sql)),
  ofCase: supervisor.input(z.strictObject({ caseId: caseIdInput })).query(async ({ ctx, input }): Promise<readonly InquiryView[]> => {
    const { sql, clock } = ctx.services;
    const { list } = await sql.begin(async (tx) => {
      await requireCase(tx, ctx.staff, input.caseId);
      return { list: await inquiryViews(tx, await listInquiriesOfCase(tx, input.caseId), clock.now()) };
    });
    return list;
  }),
  mine: publicProcedure.input(z.strictObject({ as: partyInput })).query(async ({ ctx, input }): Promise<readonly InquiryView[]> => {
    const { party, partyId } = await askedOf(ctx, input.as);
    const { sql, clock } = ctx.services;
    return inquiryViews(sql, await listInquiriesOf(sql, party, partyId, SHOWN), clock.now());
  }),
  reply: publicProcedure
    .input(
      z.strictObject({
        as: partyInput,
        actId: actIdInput,
        inquiryId: inquiryIdInput,
        kind: z.enum(INQUIRY_REPLIES),
        text: reasonInput,
        files: filesInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { as, ...answer } = input;
      const asked = await askedOf(ctx, as);
      if (as !== 'player' && ctx.staffSession !== null) await requireLivingCertificate(ctx.services, ctx.staffSession);
      await replyToInquiry(ctx.services, asked, answer);
      return { isDone: true };
    }),
  file: publicProcedure
    .input(
      z.strictObject({
        inquiryId: inquiryIdInput,
        sm3: z.string().regex(/^[0-9a-f]{64}$/, 'an SM3 digest'),
        as: z.enum([...INQUIRY_PARTIES, 'case']),
      }),
    )
    .query(async ({ ctx, input }): Promise<{ readonly name: string; readonly mime: string; readonly base64: string }> => {
      const { as, inquiryId } = input;
      const asked = as === 'case' ? null : await askedOf(ctx, as);
      const { file } = await ctx.services.sql.begin(async (tx) => {
        if (asked !== null) await requireAsked(tx, asked, inquiryId);
        else {
          const row = await findInquiry(tx, inquiryId);
          if (row === null || ctx.staffSession === null) throw refuseCase('inquiry_unknown');
          await requireCase(tx, ctx.staffSession, row.caseId);
        }
        return { file: await findInquiryFile(tx, inquiryId, fromHex(input.sm3, 32)) };
      });
      if (file === null) throw refuseClaim('claim_file_unknown');
      return { name: file.name, mime: file.mime, base64: toBase64(file.bytes) };
    }),
});
