/** The kinds of a studio as its console shows them (product T-06, T-23): supply, terms in force, what is announced and what was before. */
import { type AccountId, type ClassId, parseClassId } from '#ledger/primitives/ids.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { announcedOf } from '#server/market/class-details.repo.ts';
import type { StudioKind, StudioKindPage, StudioKindRow } from '#server/trpc/views.ts';
import { changesOf, readTerms, termsInForce, termsOverTime } from './class-terms.ts';
import { findKind, type KindColumns, listKinds, listTermChanges } from './kinds.repo.ts';
import type { StudioPorts } from './ports.ts';

const PAGE = 50;

export async function listStudioKinds(ports: StudioPorts, acct: AccountId, text: string, after: bigint): Promise<StudioKindPage> {
  const rows = await listKinds(ports.sql, { acct, text, after, limit: PAGE + 1 });
  const shown = rows.slice(0, PAGE);
  return { rows: shown.map((row) => rowOf(ports, row)), nextAfter: rows.length > PAGE ? (shown.at(-1)?.ledger_serial ?? null) : null };
}

/** Null: no kind of this studio. */
export async function getStudioKind(ports: StudioPorts, acct: AccountId, classId: ClassId): Promise<StudioKind | null> {
  const row = await findKind(ports.sql, acct, classId);
  if (row === null) return null;
  const changes = await listTermChanges(ports.sql, classId);
  return {
    ...rowOf(ports, row),
    terms: termsInForce(termsOverTime(row), ports.now()),
    history: changes.map((change) => ({
      txId: change.tx_id,
      at: toIso(instant(change.announced_at.getTime())),
      from: change.from_at === null ? null : toIso(instant(change.from_at.getTime())),
      isRefused: change.status === 'refused',
      changes: changesOf(readTerms(change.before), readTerms(change.after)),
    })),
  };
}

function rowOf(ports: StudioPorts, row: KindColumns): StudioKindRow {
  const leaf = ports.pending().classById(Number(row.ledger_serial));
  return {
    classId: parseClassId(row.class_id),
    classRef: row.class_ref,
    names: { zh: row.name_zh, en: row.name_en },
    icon: row.picture,
    rarity: row.rarity,
    isCertified: row.is_certified,
    issued: Number(leaf?.minted ?? 0n),
    supplyCap: leaf === null || leaf.supplyCap === 0n ? null : Number(leaf.supplyCap),
    announced: announcedOf(termsOverTime(row), ports.now()),
  };
}
