/** Evidence packages of one's own trades and items (product P-45). */
import { z } from 'zod';
import { fromHex, toBase64 } from '#ledger/primitives/bytes.ts';
import { askNotary } from '#server/evidence/countersign.ts';
import { itemIdInput, tradeIdInput } from '#server/market/input.ts';
import { identityRefusal, refusal } from '../errors.ts';
import { playerProcedure, router } from '../init.ts';
import type { EvidenceExport } from '../views.ts';

const subjectInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('trade'), id: tradeIdInput }),
  z.strictObject({ kind: z.literal('item'), id: itemIdInput }),
]);
const exportInput = z.strictObject({
  subject: subjectInput,
  caseRef: z.string().trim().max(80),
  challenge: z.string().max(64),
  issuedAt: z.string().max(30),
  signature: z.string().max(128),
});
const exportIdInput = z.strictObject({ exportId: z.string().regex(/^evd_[0-9a-f]{32}$/) });

const REFUSALS = {
  trade_unknown: 'There is no such trade, or it is not yours.',
  item_unknown: 'There is no such item, or it is not yours.',
  not_certified: 'The members have not certified this yet. Try again in a few seconds.',
} as const;

export const evidenceRouter = router({
  /** The passphrase again: the signature is over `daoju.evidence/1` and subject, case, challenge. */
  export: playerProcedure.input(exportInput).mutation(async ({ ctx, input }): Promise<EvidenceExport> => {
    const { subject, caseRef, challenge, issuedAt, signature } = input;
    const proof = { challenge, issuedAt, signature: fromHex(signature, 64) };
    const answer = await ctx.services.evidence.request({ acct: ctx.player.acct, subject, caseRef, proof });
    if (!('kind' in answer)) return answer;
    if (answer.code === 'trade_unknown' || answer.code === 'item_unknown' || answer.code === 'not_certified')
      throw refusal('not_found', answer.code, REFUSALS[answer.code]);
    throw identityRefusal({ ...answer, code: answer.code });
  }),
  get: playerProcedure.input(exportIdInput).query(async ({ ctx, input }): Promise<EvidenceExport> => {
    const view = await ctx.services.evidence.find(ctx.player.acct, input.exportId);
    if (view === null) throw refusal('not_found', 'export_unknown', 'There is no such package, or it is not yours.');
    return view;
  }),
  list: playerProcedure
    .input(z.strictObject({ subjectId: z.string().max(40) }))
    .query(({ ctx, input }): Promise<readonly EvidenceExport[]> => ctx.services.evidence.list(ctx.player.acct, input.subjectId)),
  /** Puts a finished package before the notary, who may then read it. */
  askNotary: playerProcedure.input(exportIdInput).mutation(async ({ ctx, input }): Promise<EvidenceExport> => {
    await askNotary(ctx.services, ctx.player.acct, input.exportId);
    const view = await ctx.services.evidence.find(ctx.player.acct, input.exportId);
    if (view === null) throw refusal('not_found', 'export_unknown', 'There is no such package, or it is not yours.');
    return view;
  }),
  /** The zip in base64. */
  file: playerProcedure.input(exportIdInput).query(async ({ ctx, input }): Promise<{ readonly file: string; readonly name: string }> => {
    const bytes = await ctx.services.evidence.file(ctx.player.acct, input.exportId);
    if (bytes === null) throw refusal('not_found', 'export_unknown', 'There is no such package, or it is not ready.');
    return { file: toBase64(bytes), name: `evidence-${input.exportId}.zip` };
  }),
});
