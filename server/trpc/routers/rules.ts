/** The rule pack in force, figure by figure, and what is announced or proposed (product P-09, V-18, V-19). Open to everybody. */
import { z } from 'zod';
import { toHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { constantsWithClocks } from '#sandbox/packs/clocks.ts';
import { findPackByHash, packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { proposalView } from '#server/compliance/pack-views.ts';
import { findProposal, insertComment, listActivatedPacks, listProposals } from '#server/compliance/packs.repo.ts';
import type { Services } from '#server/context.ts';
import { activePack, JURISDICTION } from '#server/exchange/active-pack.ts';
import { listAnnounced } from '#server/market/announced.repo.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { RefusalError } from '#server/refusal.ts';
import { playerProcedure, publicProcedure, router } from '../init.ts';
import type { AnnouncedKind, ProposalView, RulesVersion, RulesView } from '../views.ts';

function rulesView(pack: RulePack): RulesView {
  return {
    packId: pack.id,
    version: pack.version,
    packHash: packHash(pack),
    from: pack.effectiveFrom,
    to: pack.effectiveTo,
    lines: pack.lines.map(({ id, ruleId, name, citation, confidence }) => ({ id, ruleId, name, citation, confidence })),
    parameters: Object.entries(constantsWithClocks(pack)).map(([name, parameter]) => ({
      name,
      words: parameter.name ?? null,
      ruleId: parameter.ruleId,
      value: parameter.value,
      unit: parameter.unit,
      citation: parameter.citation,
      confidence: parameter.confidence,
      asOf: parameter.asOf,
      from: parameter.effectiveFrom,
      to: parameter.effectiveTo,
    })),
  };
}

const packHashInput = z.string().regex(/^[0-9a-f]{64}$/);

async function listVersions({ sql }: Pick<Services, 'sql'>) {
  const packs = await listActivatedPacks(sql);
  return packs.filter(({ pack }) => pack.id === JURISDICTION).reverse();
}

export const rulesRouter = router({
  /** In force, or an old version by its hash. */
  get: publicProcedure.input(z.strictObject({ packHash: packHashInput.optional() }).optional()).query(async ({ ctx, input }) => {
    const asked = input?.packHash;
    if (asked === undefined) return rulesView(activePack(ctx.services.ledger.pending, ctx.services.clock.now()).pack);
    const known = (await listVersions(ctx.services)).find(({ pack }) => packHash(pack) === asked);
    if (known === undefined) throw new RefusalError('not_found', 'pack_unknown', 'There is no such rule pack.');
    return rulesView(known.pack);
  }),
  /** Every version that was ever put in force, the newest first (E-Commerce Law art. 33, 34). */
  versions: publicProcedure.query(async ({ ctx }): Promise<readonly RulesVersion[]> => {
    const { ledger, clock } = ctx.services;
    const inForce = packHash(activePack(ledger.pending, clock.now()).pack);
    const versions = (await listVersions(ctx.services)).filter(({ activatedAt }) => activatedAt <= clock.now());
    return versions.map(({ pack, activatedAt }) => ({
      packHash: packHash(pack),
      version: pack.version,
      from: pack.effectiveFrom,
      to: pack.effectiveTo,
      activatedAt: toIso(activatedAt),
      isInForce: packHash(pack) === inForce,
    }));
  }),
  /** The document behind a hash, so that a browser can compute an assessment again under a pack that it does not carry. */
  document: publicProcedure.input(z.strictObject({ packHash: packHashInput })).query(({ input }) => {
    const pack = findPackByHash(input.packHash);
    if (pack === null) throw new RefusalError('not_found', 'pack_unknown', 'There is no such rule pack.');
    return { document: JSON.stringify(pack) };
  }),
  /** Drafts that are open for comment, and packs that are announced. */
  changes: publicProcedure.query(async ({ ctx }): Promise<readonly ProposalView[]> => {
    const now = ctx.services.clock.now();
    const proposals = await listProposals(ctx.services.sql, ['public', 'activated']);
    const current = proposals.filter(({ state, effectiveFrom }) => state === 'public' || effectiveFrom > now);
    return Promise.all(current.map((proposal) => proposalView(ctx.services, proposal)));
  }),
  comment: playerProcedure
    .input(z.strictObject({ proposalId: z.string().regex(/^prp_[0-9a-f]{32}$/), text: z.string().trim().min(1).max(2000) }))
    .mutation(async ({ ctx, input }): Promise<ProposalView> => {
      const { services } = ctx;
      const proposal = await findProposal(services.sql, input.proposalId);
      if (proposal === null || proposal.state === 'draft')
        throw new RefusalError('not_found', 'proposal_unknown', 'There is no such proposal.');
      if (proposal.state !== 'public') {
        throw new RefusalError('conflict', 'proposal_state', 'The time for comments is over.', { state: proposal.state });
      }
      const commentId = `cmt_${toHex(services.random.bytes(16))}`;
      await insertComment(services.sql, input.proposalId, {
        commentId,
        at: services.clock.now(),
        author: ctx.player.acct,
        text: input.text,
      });
      return proposalView(services, proposal);
    }),
  /** Terms of kinds that are announced and not in force yet, soonest first. */
  announced: publicProcedure.query(async ({ ctx }): Promise<readonly AnnouncedKind[]> => {
    const { kinds } = await readSnapshot(ctx.services, null, async (snapshot) => ({ kinds: await listAnnounced(snapshot) }));
    return kinds;
  }),
});
