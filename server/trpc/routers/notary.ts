/** The notary's desk (rulebook CN-EV-09): packages that parties put before it, read and verified there, signed or declined. */
import { z } from 'zod';
import { toBase64 } from '#ledger/primitives/bytes.ts';
import { caseSigner } from '#server/cases/sign-acts.ts';
import { countersign, declineCountersign, listNotaryRequests, readForNotary } from '#server/evidence/countersign.ts';
import { router, staffProcedure } from '../init.ts';
import type { CaseSigner, NotaryDesk } from '../views.ts';
import { actIdInput, reasonInput, signatureInput } from './case.ts';

const notary = staffProcedure(['notary']);
const exportIdInput = z.string().regex(/^evd_[0-9a-f]{32}$/);
const packageInput = { actId: actIdInput, exportId: exportIdInput, packageSm3: z.string().regex(/^[0-9a-f]{64}$/) };

export const notaryRouter = router({
  list: notary.query(
    async ({ ctx }): Promise<NotaryDesk> => ({
      requests: await listNotaryRequests(ctx.services),
      chain: caseSigner(ctx.services, 'notary').chain,
    }),
  ),
  /** The zip in base64. */
  file: notary.input(z.strictObject({ exportId: exportIdInput })).query(async ({ ctx, input }): Promise<{ readonly file: string }> => {
    return { file: toBase64(await readForNotary(ctx.services, input.exportId)) };
  }),
  signer: notary.query(({ ctx }): CaseSigner => caseSigner(ctx.services, 'notary')),
  sign: notary
    .input(
      z.strictObject({
        ...packageInput,
        subject: z.string().max(100),
        note: z.string().trim().max(500),
        signature: signatureInput,
        signedTx: z.string().max(4_000),
      }),
    )
    .mutation(async ({ ctx, input }): Promise<{ readonly txId: string }> => {
      const { signature, signedTx, ...order } = input;
      return { txId: await countersign(ctx.services, ctx.staff, order, { signature, signedTx }) };
    }),
  decline: notary
    .input(z.strictObject({ ...packageInput, reason: reasonInput, signature: signatureInput }))
    .mutation(async ({ ctx, input }): Promise<{ readonly isDone: true }> => {
      const { signature, ...order } = input;
      await declineCountersign(ctx.services, ctx.staff, order, signature);
      return { isDone: true };
    }),
});
