/** Kinds in the studio's console: the same change as `PATCH /api/v1/item-classes/{id}`, signed by the issuing key that lies here. */
import { z } from 'zod';
import { type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { found } from '#server/market/input.ts';
import { changeItemClass } from '#server/rest/routes/class-changes.ts';
import { patchItemClass } from '#server/rest/schemas.ts';
import { getStudioKind, listStudioKinds } from '#server/studio/kinds.ts';
import type { StudioKind, StudioKindPage } from '../views.ts';
import { studioProcedure } from './studio-procedure.ts';
import { asRefusals } from './studio-refusals.ts';

const listInput = z.strictObject({
  text: z.string().trim().max(100).default(''),
  after: z
    .string()
    .regex(/^(?:-1|\d{1,18})$/)
    .default('-1'),
});
const classId = z.string().transform((text): ClassId => parseClassId(text));
const changeInput = z.strictObject({ classId, change: patchItemClass });

export const studioKindProcedures = {
  kinds: studioProcedure
    .input(listInput)
    .query(
      ({ ctx, input }): Promise<StudioKindPage> =>
        listStudioKinds(ctx.services.studio.ports, ctx.studioAcct, input.text, BigInt(input.after)),
    ),
  kind: studioProcedure
    .input(z.strictObject({ classId }))
    .query(
      async ({ ctx, input }): Promise<StudioKind> =>
        found(await getStudioKind(ctx.services.studio.ports, ctx.studioAcct, input.classId), 'class_unknown'),
    ),
  /** Answers the kind as it stands after the change has its place. */
  changeKind: studioProcedure.input(changeInput).mutation(async ({ ctx, input }): Promise<StudioKind> => {
    const { services, studioAcct } = ctx;
    await asRefusals(() =>
      changeItemClass({
        services,
        caller: { acct: studioAcct, keyId: 'console', tier: 'standard', mayWrite: true },
        params: { id: input.classId },
        query: new URLSearchParams(),
        body: input.change,
        prefer: { waitSeconds: 0 },
      }),
    );
    return found(await getStudioKind(services.studio.ports, studioAcct, input.classId), 'class_unknown');
  }),
};
