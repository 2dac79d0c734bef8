/** What the rules refused somebody or put before a supervisor, newest first, with rule and citation (product V-13). Why somebody stands
 *  outside an experiment is not among it: an open laundering case is for its own office (CN-AML-04). */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Reason } from '#sandbox/decisions/decision.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import { EXCHANGE_REFUSALS, exchangeCode } from '#server/exchange/codes.ts';
import type { DecisionLine } from '#server/trpc/views.ts';
import { type DecisionRow, listPersonDecisions } from './look-through.repo.ts';
import { listCatalogueNames } from './names.repo.ts';
import type { Snapshot } from './snapshot.ts';

export async function personDecisions({ tx }: Snapshot, acct: AccountId): Promise<readonly DecisionLine[]> {
  const rows = await listPersonDecisions(tx, acct);
  const names = await listCatalogueNames(
    tx,
    rows.map(({ class_id: classId }) => classId),
  );
  return rows.map((row) => {
    const pack = findPackByHash(toHex(row.pack_hash));
    return {
      at: row.at.toISOString(),
      kind: row.kind,
      side: row.side,
      priceFen: row.price_fen,
      quantity: row.quantity,
      classId: row.class_id,
      names: names.get(row.class_id) ?? null,
      pack: pack === null ? null : `${pack.id} ${pack.version}`,
      experimentId: row.arm === null ? null : row.experiment_id,
      arm: row.arm,
      reasons: reasonsOf(row),
    };
  });
}

function reasonsOf({ reasons }: DecisionRow) {
  return reasons.map(({ code, ruleId, citation }: Pick<Reason, 'code' | 'ruleId' | 'citation'>) => ({
    code,
    message: EXCHANGE_REFUSALS[exchangeCode(code)].message,
    ruleId,
    citation,
  }));
}
