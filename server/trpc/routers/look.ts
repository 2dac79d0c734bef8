/** Looking through items and people, and opening identities (product V-12, V-13). Case, ground and scope may be missing in what is sent: each
 *  absence has a refusal of its own. */
import { z } from 'zod';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { OPENING_SCOPES } from '#sandbox/cases/opening.ts';
import { refuseOpening } from '#server/cases/opening-codes.ts';
import { accessesOf, openingsFor } from '#server/cases/opening-views.ts';
import { approveOpening, askOpening, extendSealing, readIdentity } from '#server/cases/openings.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { found, itemIdInput } from '#server/market/input.ts';
import { lookThroughItem, lookThroughPerson } from '#server/market/look-through.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { playerProcedure, router, staffProcedure } from '../init.ts';
import type { AccessOfMe, ItemLook, OpenedIdentity, OpeningView, PersonLook } from '../views.ts';
import { actIdInput, caseIdInput, signatureInput, signedTxInput, supervisorRole } from './case.ts';

const supervisor = staffProcedure(SUPERVISOR_ROLES);
const personInput = z
  .string()
  .max(64)
  .transform((text): AccountId => parseAccountId(text));
const openingIdInput = z.string().regex(/^opn_[0-9a-f]{32}$/, 'an id that begins with opn_');
const sentence = z.string().trim().max(2_000).default('');

export const lookRouter = router({
  item: supervisor
    .input(z.strictObject({ itemId: itemIdInput }))
    .query(
      async ({ ctx, input }): Promise<ItemLook> =>
        found(await lookThroughItem(ctx.services, supervisorRole(ctx.staff.role), input.itemId), 'item_unknown'),
    ),
  person: supervisor.input(z.strictObject({ ref: personInput })).query(async ({ ctx, input }): Promise<PersonLook> => {
    const view = await lookThroughPerson(ctx.services, supervisorRole(ctx.staff.role), input.ref);
    if (view === null) throw refuseOpening('opening_subject_unknown');
    return view;
  }),
  openings: supervisor
    .input(z.union([z.strictObject({ caseId: caseIdInput }), z.strictObject({ subject: personInput })]))
    .query(async ({ ctx, input }): Promise<readonly OpeningView[]> => {
      const staff = { ...ctx.staff, role: supervisorRole(ctx.staff.role) };
      return (
        await readSnapshot(ctx.services, null, async (snapshot) => ({
          list: await openingsFor(snapshot, staff, input, clocksAt(ctx.services.ledger, ctx.services.clock.now())),
        }))
      ).list;
    }),
  askOpening: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        caseId: z.union([caseIdInput, z.literal('')]).default(''),
        subject: personInput,
        legalGround: z.string().trim().max(500).default(''),
        reason: sentence,
        scope: z.array(z.enum(OPENING_SCOPES)).max(OPENING_SCOPES.length).default([]),
        signature: signatureInput,
      }),
    )
    .mutation(({ ctx, input }) => {
      const { signature, ...order } = input;
      return askOpening(ctx.services, ctx.staff, order, signature);
    }),
  approveOpening: supervisor
    .input(z.strictObject({ openingId: openingIdInput, signature: signatureInput, signedTx: signedTxInput }))
    .mutation(({ ctx, input }) => approveOpening(ctx.services, ctx.staff, input.openingId, input)),
  /** A mutation: each reading is recorded. */
  readIdentity: supervisor
    .input(z.strictObject({ openingId: openingIdInput }))
    .mutation(({ ctx, input }): Promise<OpenedIdentity> => readIdentity(ctx.services, ctx.staff, input.openingId)),
  extendSealing: supervisor
    .input(
      z.strictObject({
        actId: actIdInput,
        openingId: openingIdInput,
        until: z.iso.datetime({ precision: 3 }),
        reason: z.string().trim().min(10).max(2_000),
        signature: signatureInput,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { signature, ...order } = input;
      await extendSealing(ctx.services, ctx.staff, order, signature);
      return { isDone: true };
    }),
  /** Who looked at what, for the person looked at; what is still sealed is not there. */
  ofMe: playerProcedure.query(
    async ({ ctx }): Promise<readonly AccessOfMe[]> =>
      (await readSnapshot(ctx.services, ctx.player.acct, async (snapshot) => ({ list: await accessesOf(snapshot, ctx.player.acct) }))).list,
  ),
});
