/** Joining: code, registration, card, recovery file (product P-01 to P-06). */
import { z } from 'zod';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { FUNDS_FROM } from '#server/identity/identity.ts';
import { sellerCheckOf } from '#server/identity/seller-checks.ts';
import type { CallContext } from '../context.ts';
import { identityRefusal } from '../errors.ts';
import { playerProcedure, publicProcedure, router } from '../init.ts';
import type { SellerCheckView } from '../views.ts';
import { proofInput, proofOf } from './proof.schema.ts';
import { playerMe, setSessionCookie } from './session.ts';

const verifyInput = z.strictObject({
  phone: z.string().max(20),
  code: z.string().max(10),
  realName: z.string().max(60),
  idNumber: z.string().max(20),
});

const registerInput = z.strictObject({
  registrationId: z.string().max(64),
  displayName: z.string().max(60),
  agreementVersion: z.string().max(20),
  /** PCE of the TxEnv in hex: AccountOpen of the default player policy with `kyc`, `env` and `salt` of the verified identity, signed by the device key. */
  accountOpen: z.string().max(8_000),
});

const cardInput = z.strictObject({ cardNumber: z.string().max(30), proof: proofInput.optional() });
const enhancedInput = z.strictObject({ occupation: z.string().max(200), fundsFrom: z.enum(FUNDS_FROM), proof: proofInput });
const identityOf = (ctx: CallContext) => ctx.services.identity;

export const accountRouter = router({
  policyTemplate: publicProcedure.query(({ ctx }) => identityOf(ctx).policyTemplate()),
  requestCode: publicProcedure.input(z.strictObject({ phone: z.string().max(20) })).mutation(async ({ ctx, input }) => {
    const answer = await identityOf(ctx).requestCode(input.phone);
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    return { expiresAt: toIso(answer.expiresAt), shownCode: answer.shownCode, policy: identityOf(ctx).policyTemplate() };
  }),
  verifyIdentity: publicProcedure.input(verifyInput).mutation(async ({ ctx, input }) => {
    const answer = await identityOf(ctx).verifyIdentity(input);
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    const { registrationId, isAdult, expiresAt } = answer;
    const opening = { kyc: toHex(answer.kyc), env: toHex(answer.env), salt: toHex(answer.salt) };
    return { registrationId, ...opening, isAdult, expiresAt: toIso(expiresAt), policy: identityOf(ctx).policyTemplate() };
  }),
  register: publicProcedure.input(registerInput).mutation(async ({ ctx, input }) => {
    const answer = await identityOf(ctx).register({
      ...input,
      accountOpen: fromHex(input.accountOpen),
      device: ctx.device,
      deviceId: ctx.deviceId,
    });
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    setSessionCookie(ctx, answer.session);
    return playerMe(ctx, { sessionId: answer.session.sessionId, player: answer.player });
  }),
  me: publicProcedure.query(({ ctx }) => (ctx.playerSession === null ? null : playerMe(ctx, ctx.playerSession))),
  /** `proof`: when a card is bound already, the key again over `daoju.payout-account/1` (P-06). */
  bindCard: playerProcedure.input(cardInput).mutation(async ({ ctx, input }) => {
    const answer = await identityOf(ctx).bindCard(
      ctx.player.acct,
      input.cardNumber,
      input.proof === undefined ? null : proofOf(input.proof),
    );
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    return playerMe(ctx, { sessionId: ctx.playerSession.sessionId, player: answer.player });
  }),
  /** R3 (P-02): declared under the player's key. */
  checkEnhanced: playerProcedure.input(enhancedInput).mutation(async ({ ctx, input }) => {
    const { occupation, fundsFrom, proof } = input;
    const answer = await identityOf(ctx).checkEnhanced(ctx.player.acct, { occupation, fundsFrom }, proofOf(proof));
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    return playerMe(ctx, { sessionId: ctx.playerSession.sessionId, player: answer.player });
  }),
  /** Verified again (CN-MK-11): when it was, when it is due. */
  sellerCheck: playerProcedure.query(({ ctx }): Promise<SellerCheckView> => {
    const { services } = ctx;
    return sellerCheckOf(services, ctx.player.acct, clocksAt(services.ledger, services.clock.now()));
  }),
  checkSeller: playerProcedure.input(z.strictObject({ proof: proofInput })).mutation(async ({ ctx, input }) => {
    const answer = await identityOf(ctx).checkSeller(ctx.player.acct, proofOf(input.proof));
    if (answer.kind === 'rejected') throw identityRefusal(answer);
    return playerMe(ctx, { sessionId: ctx.playerSession.sessionId, player: answer.player });
  }),
  confirmRecovery: playerProcedure.mutation(async ({ ctx }) => {
    await identityOf(ctx).confirmRecovery(ctx.player.acct);
    return playerMe(ctx, { sessionId: ctx.playerSession.sessionId, player: { ...ctx.player, hasRecovery: true } });
  }),
});
