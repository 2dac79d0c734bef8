/** The pack that a successful experiment proposes (rulebook 6.4): a draft on the desk, which then goes the way of every draft. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { addDays } from '#sandbox/experiments/check-experiment.ts';
import type { Experiment } from '#sandbox/experiments/experiment.ts';
import type { KpiValue } from '#sandbox/experiments/kpis.ts';
import { promotionOf } from '#sandbox/experiments/promotion.ts';
import { packHash, rememberPack } from '#sandbox/packs/pack.ts';
import { findProposalByHash, insertProposal } from '#server/compliance/packs.repo.ts';
import { readDraft } from '#server/compliance/packs.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import { RefusalError } from '#server/refusal.ts';
import { type DeskGround, MARKET_ITSELF } from './move.ts';

/** The desk has that long to publish, hear and approve it; who needs more proposes it anew. */
const FROM_DAYS = 30;

/** Once: the same draft is found again by its hash. What an activation asks for is asked when somebody activates it. */
export async function proposePromotion(
  { sql, clock, random, ledger, log }: DeskGround,
  experiment: Experiment,
  kpis: readonly KpiValue[],
): Promise<void> {
  const now = clock.now();
  const base = findActivePack(ledger.pending, now)?.pack ?? null;
  const promotion = base === null ? null : promotionOf(experiment, kpis, base);
  if (base === null || promotion === null) return;
  const { arm, changes, version } = promotion;
  const baseHash = packHash(base);
  try {
    const pack = readDraft({ baseHash, version, content: { changes } });
    const hash = rememberPack(pack);
    const { authorization } = experiment;
    if ((await findProposalByHash(sql, hash)) !== null) return;
    await sql.begin((tx) =>
      insertProposal(tx, {
        proposalId: `prp_${toHex(random.bytes(16))}`,
        pack,
        packHash: hash,
        baseHash,
        reason: `${experiment.id}: the rules of arm ${arm}, after its exit with success`,
        authorization:
          authorization === null
            ? null
            : {
                issuer: authorization.issuer,
                number: authorization.number,
                scope: authorization.scope,
                from: authorization.from,
                to: authorization.to,
              },
        mode: 'NOTICE',
        effectiveFrom: startOfBeijingDate(addDays(beijingDate(now), FROM_DAYS)),
        createdBy: MARKET_ITSELF.by,
        createdAt: now,
      }),
    );
  } catch (error) {
    // The pack has moved on so far that the rules make no pack with it any more: people write that draft.
    if (!(error instanceof RefusalError)) throw error;
    log.warn({ experimentId: experiment.id, code: error.code }, "couldn't draft a pack from an experiment's rules");
  }
}
