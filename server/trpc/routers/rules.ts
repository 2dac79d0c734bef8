/** The rule pack in force, figure by figure (product P-09, V-18 in part). */
import { PACK_CN_2026_1, packHash } from '#sandbox/index.ts';
import { publicProcedure, router } from '../init.ts';
import type { RulesView } from '../views.ts';

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

export const rulesRouter = router({ get: publicProcedure.query(() => rules) });
