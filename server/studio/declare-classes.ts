/** Declares kinds of items: checks each row, then one ClassDefine for every hundred rows. The database rows are written in the same
 *  database transaction as the place of the LedgerTx. */
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { accountIdBytes } from '#ledger/primitives/ids.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { fitsAttribute } from './attribute-values.ts';
import { type AttributeKind, findTakenClassIds, insertClasses, listAttributeKinds } from './catalogue.repo.ts';
import { classDefinitionOf, classIdOfRef } from './class-documents.ts';
import type { StudioPorts } from './ports.ts';
import type { ClassRow } from './rows.schema.ts';
import { planOf, type RowResult, type WritePlan, windowAt } from './write-plan.ts';

const CLASSES_PER_TX = 100;

export async function planClasses(
  ports: StudioPorts,
  acct: AccountId,
  gameId: string,
  referenceId: string,
  rows: readonly ClassRow[],
): Promise<WritePlan> {
  const kinds = await listAttributeKinds(ports.sql, gameId);
  const taken = await findTakenClassIds(
    ports.sql,
    rows.map((row) => classIdOfRef(acct, row.class_ref)),
  );
  const seen = new Set<string>();
  const results: RowResult[] = rows.map((row, index) => {
    const classId = classIdOfRef(acct, row.class_ref);
    const code = refuseClass(row, kinds) ?? (taken.has(classId) || seen.has(row.class_ref) ? 'class_exists' : null);
    seen.add(row.class_ref);
    return code === null ? { row: index, state: 'accepted', id: classId } : { row: index, state: 'rejected', id: classId, code };
  });
  const accepted = rows.filter((_, index) => results[index]?.state === 'accepted');
  const bodies: TxBody[] = [];
  for (let from = 0; from < accepted.length; from += CLASSES_PER_TX) {
    bodies.push({
      chain: ports.chain,
      salt: saltFromReference(accountIdBytes(acct), referenceId),
      ...windowAt(ports.now()),
      op: {
        kind: 'class_define',
        issuer: accountIdBytes(acct),
        classes: accepted.slice(from, from + CLASSES_PER_TX).map(classDefinitionOf),
      },
    });
  }
  return planOf(results, bodies);
}

/** The first reason why a row cannot be declared. */
function refuseClass(row: ClassRow, kinds: ReadonlyMap<string, AttributeKind>): string | null {
  if (row.kind === 'virtual_currency') return 'virtual_currency_refused';
  if (row.origin === 'DRAW' && row.draw_table_sm3 === undefined) return 'draw_table_missing';
  for (const [key, value] of Object.entries(row.attributes)) if (!fitsAttribute(kinds.get(key), value)) return 'attribute_unknown';
  return null;
}

export type DeclareFacts = {
  readonly acct: AccountId;
  readonly gameId: string;
  readonly referenceId: string;
  readonly rows: readonly ClassRow[];
  readonly plan: WritePlan;
};

/** Sequences what the plan accepted. `also` runs in the same database transaction. @throws {SequencingRefused} */
export async function sequenceClasses(
  ports: StudioPorts,
  facts: DeclareFacts,
  envs: readonly TxEnv[],
  also: (sql: Parameters<Parameters<StudioPorts['sequence']>[1]>[0], txIds: readonly string[]) => Promise<void>,
): Promise<void> {
  const accepted = facts.rows.filter((_, index) => facts.plan.results[index]?.state === 'accepted');
  await ports.sequence(envs, async (sql, results) => {
    const txIds = facts.plan.txIdsOf(results);
    const classes = results.flatMap((result, at) =>
      result.kind !== 'sequenced'
        ? []
        : accepted.slice(at * CLASSES_PER_TX, (at + 1) * CLASSES_PER_TX).map((row, place) => {
            const leaf = result.classes[place];
            if (leaf === undefined) throw new Error('assertion failed: a ClassDefine gives one leaf a row');
            return { classId: classIdOfRef(facts.acct, row.class_ref), ledgerSerial: leaf.serial, txId: result.txId, row };
          }),
    );
    await insertClasses(sql, { acct: facts.acct, gameId: facts.gameId, referenceId: facts.referenceId, at: ports.now() }, classes);
    await also(sql, txIds.map(toHex));
  });
}

/** Which LedgerTx an accepted row went into. */
export function txOfClass(acceptedIndex: number): number {
  return Math.floor(acceptedIndex / CLASSES_PER_TX);
}
