/** `/studio/join` (product T-01): anyone may apply; who has the number of an application sees where it stands. */
import { z } from 'zod';
import { toHex } from '#ledger/primitives/bytes.ts';
import { applyToJoin, joinStatus, openStudioAccount } from '#server/studio/join/join.ts';
import { publicProcedure, router } from '../init.ts';

const words = z.string().trim().min(1).max(200);
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${bytes} bytes in hex`);
const applicationId = z.string().regex(/^app_[0-9a-f]{32}$/, 'the number of an application');

export const studioJoinRouter = router({
  /** What is signed names the chain. */
  ground: publicProcedure.query(({ ctx }) => ({ chain: toHex(ctx.services.ledger.chain) })),
  submit: publicProcedure
    .input(
      z.strictObject({
        nameZh: words,
        nameEn: words,
        creditCode: z.string().max(40),
        licences: z
          .array(z.strictObject({ name: words, number: words, issuer: words }))
          .min(1)
          .max(10),
        payout: z.strictObject({ holder: words, bank: words, number: z.string().regex(/^[0-9]{8,30}$/, 'digits of an account') }),
        phone: z.string().max(40).optional(),
        restKey: hex(64),
        pem: z.string().max(64 * 1024),
        signature: hex(64),
      }),
    )
    .mutation(({ ctx, input: { phone, ...wish } }) => applyToJoin(ctx.services, { ...wish, ...(phone === undefined ? {} : { phone }) })),
  get: publicProcedure.input(z.strictObject({ applicationId })).query(({ ctx, input }) => joinStatus(ctx.services, input.applicationId)),
  openAccount: publicProcedure
    .input(z.strictObject({ applicationId, accountOpen: z.string().regex(/^(?:[0-9a-f]{2}){0,4096}$/, 'a LedgerTx in hex') }))
    .mutation(({ ctx, input }) => openStudioAccount(ctx.services, input.applicationId, input.accountOpen)),
});
