/** The detectors as published, with how their alerts fared (product V-09). */
import { constantOf, packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { constantPrefix } from '#sandbox/surveillance/detector.ts';
import { DETECTORS } from '#sandbox/surveillance/detectors.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { DetectorList } from '#server/trpc/views.ts';
import { listParameters } from './alert-views.ts';
import { countByDetector, countFacts } from './alerts.repo.ts';

export async function listDetectors({ tx }: Snapshot, pack: RulePack): Promise<DetectorList> {
  const [counts, facts] = await Promise.all([countByDetector(tx), countFacts(tx)]);
  const countOf = (id: string, states: readonly string[]) =>
    counts.filter(({ detector, state }) => detector === id && states.includes(state)).reduce((sum, { count }) => sum + count, 0);
  return {
    packHash: packHash(pack),
    packVersion: pack.version,
    caseScore: Number(constantOf(pack, 'svCaseScore').value),
    facts,
    detectors: DETECTORS.map(({ id, name, title, definition, label, audience }) => ({
      id,
      name,
      title,
      definition,
      label,
      audience,
      weight: constantOf(pack, `${constantPrefix(id)}.weight`).value,
      baseRate: constantOf(pack, `${constantPrefix(id)}.baseRate`).value,
      parameters: listParameters(pack, id),
      alerts: countOf(id, ['new', 'triaged', 'case', 'dismissed']),
      open: countOf(id, ['new', 'triaged']),
      confirmed: countOf(id, ['case']),
      dismissed: countOf(id, ['dismissed']),
    })),
  };
}
