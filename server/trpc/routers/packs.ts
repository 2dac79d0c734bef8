/** Rule packs for supervisors and the operator (product V-18, V-19): browse, compare, draft, publish, approve, activate. */
import { z } from 'zod';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import { differenceViews, packSummary, packView, proposalView } from '#server/compliance/pack-views.ts';
import { findProposal, listProposals } from '#server/compliance/packs.repo.ts';
import {
  activatePack,
  approvePack,
  type DraftInput,
  type KnownPack,
  listKnownPacks,
  PACK_SENTENCES,
  type PackGround,
  proposePack,
  publishPack,
  readDraft,
  refuseDraft,
  withdrawPack,
} from '#server/compliance/packs.ts';
import { SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { RefusalError } from '#server/refusal.ts';
import { router, staffProcedure } from '../init.ts';
import type { PackDifferenceView, PackSummary, PackView, ProposalView } from '../views.ts';
import { actIdInput, signatureInput } from './case.ts';

const reader = staffProcedure([...SUPERVISOR_ROLES, 'operator', 'auditor']);
const author = staffProcedure([...SUPERVISOR_ROLES, 'operator']);
const supervisor = staffProcedure(SUPERVISOR_ROLES);

const hashInput = z.string().regex(/^[0-9a-f]{64}$/);
const proposalInput = z.strictObject({ proposalId: z.string().regex(/^prp_[0-9a-f]{32}$/) });
const DOCUMENT_MAX = 400_000;
const DAY_MS = 86_400_000;

export const draftInput = z.strictObject({
  baseHash: hashInput,
  version: z.string().regex(/^\d{4}\.\d{1,4}(?:-[a-z0-9]{1,16})?$/, 'a version like 2026.2'),
  /** By form … */
  changes: z.record(z.string().max(80), z.string().max(80)).optional(),
  /** … or as a whole document. */
  document: z.string().max(DOCUMENT_MAX).optional(),
});
const proposeInput = draftInput.extend({
  reason: z.string().trim().min(10).max(2000),
  mode: z.enum(['NOTICE', 'TIGHTEN']),
  effectiveFrom: z.iso.datetime(),
  authorization: z
    .strictObject({
      issuer: z.string().trim().min(2).max(200),
      number: z.string().trim().min(1).max(100),
      scope: z.array(z.string().max(80)).min(1).max(50),
      from: z.iso.date(),
      to: z.iso.date(),
    })
    .nullable(),
});

export function draftContent({ changes, document }: z.infer<typeof draftInput>): DraftInput['content'] {
  if (document === undefined) return { changes: changes ?? {} };
  try {
    return { document: JSON.parse(document) };
  } catch {
    throw new RefusalError('malformed', 'pack_malformed', 'The draft is no JSON.', { path: '', expected: 'JSON' });
  }
}

export const packsRouter = router({
  list: reader.query(async ({ ctx }): Promise<readonly PackSummary[]> => {
    const now = ctx.services.clock.now();
    return (await listKnownPacks(ctx.services)).map((known) => packSummary(known, now));
  }),
  get: reader.input(z.strictObject({ packHash: hashInput })).query(async ({ ctx, input }): Promise<PackView> => {
    return packView(await knownPack(ctx.services, input.packHash), ctx.services.clock.now());
  }),
  compare: reader
    .input(z.strictObject({ before: hashInput, after: hashInput }))
    .query(async ({ ctx, input }): Promise<readonly PackDifferenceView[]> => {
      const [before, after] = [await knownPack(ctx.services, input.before), await knownPack(ctx.services, input.after)];
      return differenceViews(before.pack, after.pack);
    }),
  /** What a draft would change and what stands against it; keeps nothing. */
  check: author.input(draftInput).query(async ({ ctx, input }) => {
    const { services } = ctx;
    const draft = readDraft({ baseHash: input.baseHash, version: input.version, content: draftContent(input) });
    const base = findPackByHash(input.baseHash);
    // A day more than the notice: whoever proposes needs time as well, and the clock goes on while this is answered.
    const noticeMs = Number(services.ledger.config.limits.packNoticeMs) + DAY_MS;
    const effectiveFrom = parseInstant(new Date(services.clock.now() + noticeMs).toISOString());
    const ask = (mode: 'NOTICE' | 'TIGHTEN') =>
      refuseDraft(services, draft, { mode, effectiveFrom, authorization: null }).then(withSentence);
    const differences: readonly PackDifferenceView[] = base === null ? [] : differenceViews(base, draft);
    return { differences, withNotice: await ask('NOTICE'), atOnce: await ask('TIGHTEN') };
  }),
  propose: author.input(proposeInput).mutation(async ({ ctx, input }): Promise<ProposalView> => {
    const { baseHash, version, reason, mode, authorization } = input;
    const proposal = await proposePack(ctx.services, ctx.staff, {
      baseHash,
      version,
      reason,
      mode,
      authorization,
      effectiveFrom: parseInstant(new Date(input.effectiveFrom).toISOString()),
      content: draftContent(input),
    });
    return proposalView(ctx.services, proposal);
  }),
  proposals: reader.query(async ({ ctx }): Promise<readonly ProposalView[]> => {
    const proposals = await listProposals(ctx.services.sql, ['draft', 'public', 'activated', 'withdrawn']);
    return Promise.all(proposals.map((proposal) => proposalView(ctx.services, proposal)));
  }),
  proposal: reader.input(proposalInput).query(async ({ ctx, input }): Promise<ProposalView> => {
    const proposal = await findProposal(ctx.services.sql, input.proposalId);
    if (proposal === null) throw new RefusalError('not_found', 'proposal_unknown', 'There is no such proposal.');
    return proposalView(ctx.services, proposal);
  }),
  publish: author
    .input(proposalInput)
    .mutation(async ({ ctx, input }) => proposalView(ctx.services, await publishPack(ctx.services, input.proposalId))),
  withdraw: author
    .input(proposalInput)
    .mutation(async ({ ctx, input }) => proposalView(ctx.services, await withdrawPack(ctx.services, input.proposalId))),
  approve: author
    .input(proposalInput.extend({ actId: actIdInput, signature: signatureInput }))
    .mutation(async ({ ctx, input }) => proposalView(ctx.services, await approvePack(ctx.services, ctx.staff, input.proposalId, input))),
  activate: supervisor
    .input(proposalInput)
    .mutation(async ({ ctx, input }) => proposalView(ctx.services, await activatePack(ctx.services, input.proposalId, ctx.staff))),
});

type Obstacle = NonNullable<ProposalView['obstacle']>;
const withSentence = (refused: Omit<Obstacle, 'message'> | null): Obstacle | null =>
  refused === null ? null : { ...refused, message: PACK_SENTENCES[refused.code] ?? '' };

async function knownPack(ground: PackGround, hash: string): Promise<KnownPack> {
  const found = (await listKnownPacks(ground)).find((known) => known.hash === hash);
  if (found === undefined) throw new RefusalError('not_found', 'pack_unknown', 'There is no such rule pack.', { hash });
  return found;
}
