/** The rule pack in force, figure by figure (product P-09, V-18 in part). */
import { PACK_CN_2026_1, packHash } from '#sandbox/index.ts';
import { listAnnounced } from '#server/market/announced.repo.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { AnnouncedKind, RulesView } from '../views.ts';

const rules: RulesView = {
  packId: PACK_CN_2026_1.id,
  version: PACK_CN_2026_1.version,
  packHash: packHash(PACK_CN_2026_1),
  from: PACK_CN_2026_1.effectiveFrom,
  to: PACK_CN_2026_1.effectiveTo,
  lines: PACK_CN_2026_1.lines.map(({ id, ruleId, name, citation, confidence }) => ({ id, ruleId, name, citation, confidence })),
  parameters: Object.entries(PACK_CN_2026_1.constants).map(([name, parameter]) => ({
    name,
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

export const rulesRouter = router({
  get: publicProcedure.query(() => rules),
  /** Terms of kinds that are announced and not in force yet, soonest first. */
  announced: publicProcedure.query(async ({ ctx }): Promise<readonly AnnouncedKind[]> => {
    const { kinds } = await readSnapshot(ctx.services, null, async (snapshot) => ({ kinds: await listAnnounced(snapshot) }));
    return kinds;
  }),
});
