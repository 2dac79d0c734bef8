/** Issues items: checks each row, then one Mint for every two hundred units. */
import type { MintItem } from '#ledger/codec/op-types.ts';
import type { TxBody, TxEnv } from '#ledger/codec/tx.ts';
import { fromHex, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { extOf, itemIdOf, saltFromReference } from '#ledger/tx/ids.ts';
import { type ClassFacts, findClassesByRef, findTakenItemRefs, insertItemRefs } from './catalogue.repo.ts';
import { issuableAt, termsInForce } from './class-terms.ts';
import type { StudioPorts } from './ports.ts';
import type { MintRow } from './rows.schema.ts';
import { planOf, type RowResult, type WritePlan, windowAt } from './write-plan.ts';

const ITEMS_PER_TX = 200;

type Unit = {
  readonly row: number;
  readonly classId: string;
  readonly classRef: string;
  readonly itemRef: string;
  readonly item: MintItem;
};
export interface MintPlan extends WritePlan {
  readonly units: readonly Unit[];
}

/** `item_ref` of a unit that the studio did not name: `{reference_id}/{row}/{unit}` from 0. */
function itemRefsOf(row: MintRow, rowRef: string): readonly string[] {
  return Array.from({ length: row.quantity }, (_, unit) => row.item_refs?.[unit] ?? `${rowRef}/${unit}`);
}

export async function planMints(
  ports: StudioPorts,
  acct: AccountId,
  gameId: string,
  referenceId: string,
  rows: readonly MintRow[],
  rowNumbers: readonly number[] = rows.map((_, index) => index),
): Promise<MintPlan> {
  const classes = await findClassesByRef(
    ports.sql,
    gameId,
    rows.map((row) => row.class_ref),
  );
  const wanted = rows.map((row, index) => itemRefsOf(row, `${referenceId}/${rowNumbers[index] ?? index}`));
  const taken = await findTakenItemRefs(
    ports.sql,
    rows.flatMap((row, index) =>
      (wanted[index] ?? []).map((itemRef) => ({ classId: classes.get(row.class_ref)?.class_id ?? '', itemRef })),
    ),
  );
  const seen = new Set<string>();
  /** Issued of each kind with the rows so far. */
  const issued = new Map<string, bigint>();
  const results: RowResult[] = rows.map((row, index) => {
    const facts = classes.get(row.class_ref);
    const refs = wanted[index] ?? [];
    const code = refuseMint(ports, row, facts, refs, (key) => taken.has(key) || seen.has(key), issued);
    if (code !== null || facts === undefined)
      return { row: index, state: 'rejected', id: facts?.class_id ?? null, code: code ?? 'class_unknown' };
    for (const itemRef of refs) seen.add(`${facts.class_id} ${itemRef}`);
    return { row: index, state: 'accepted', id: facts.class_id };
  });
  const units = rows.flatMap((row, index): Unit[] => {
    const facts = classes.get(row.class_ref);
    if (results[index]?.state !== 'accepted' || facts === undefined) return [];
    const to = row.to === 'studio' ? accountIdBytes(acct) : fromHex(row.to, 32);
    return (wanted[index] ?? []).map((itemRef) => ({
      row: index,
      classId: facts.class_id,
      classRef: row.class_ref,
      itemRef,
      item: { cls: Number(facts.ledger_serial), to, ext: extOf(itemRef), meta: ZERO_32 },
    }));
  });
  const bodies: TxBody[] = [];
  for (let from = 0; from < units.length; from += ITEMS_PER_TX) {
    bodies.push({
      chain: ports.chain,
      salt: saltFromReference(accountIdBytes(acct), referenceId),
      ...windowAt(ports.now()),
      op: { kind: 'mint', items: units.slice(from, from + ITEMS_PER_TX).map((unit) => unit.item) },
    });
  }
  return { ...planOf(results, bodies), units };
}

function refuseMint(
  ports: StudioPorts,
  row: MintRow,
  facts: ClassFacts | undefined,
  refs: readonly string[],
  isTaken: (key: string) => boolean,
  taken: Map<string, bigint>,
): string | null {
  if (facts === undefined) return 'class_unknown';
  if (!facts.is_certified) return 'class_not_certified';
  if (row.to !== 'studio' && ports.pending().accountById(fromHex(row.to, 32)) === null) return 'account_unknown';
  if (new Set(refs).size < refs.length || refs.some((itemRef) => isTaken(`${facts.class_id} ${itemRef}`))) return 'item_exists';
  const leaf = ports.pending().classById(Number(facts.ledger_serial));
  if (leaf === null) return null;
  const issued = (taken.get(facts.class_id) ?? leaf.minted) + BigInt(row.quantity);
  if (leaf.supplyCap !== 0n && issued > leaf.supplyCap) return 'supply_exceeded';
  const now = ports.now();
  const issuable = issuableAt(termsInForce(facts.terms, now).mint_schedule, now);
  if (issuable !== null && issued > BigInt(issuable)) return 'mint_schedule_exceeded';
  taken.set(facts.class_id, issued);
  return null;
}

/** @throws {SequencingRefused} */
export async function sequenceMints(
  ports: StudioPorts,
  facts: { readonly acct: AccountId; readonly referenceId: string; readonly plan: MintPlan },
  envs: readonly TxEnv[],
  also: (sql: Parameters<Parameters<StudioPorts['sequence']>[1]>[0], txIds: readonly string[]) => Promise<void>,
): Promise<void> {
  await ports.sequence(envs, async (sql, results) => {
    const txIds = facts.plan.txIdsOf(results).map(toHex);
    const issuer = accountIdBytes(facts.acct);
    await insertItemRefs(
      sql,
      facts.referenceId,
      facts.plan.units.map((unit) => ({
        itemId: itemIdOf(issuer, extOf(unit.classRef), unit.item.ext),
        classId: unit.classId,
        itemRef: unit.itemRef,
      })),
    );
    await also(sql, txIds);
  });
}

/** Places of the LedgerTx that hold the units of a row. */
export function txsOfRow(plan: MintPlan, row: number): readonly number[] {
  const places = new Set<number>();
  plan.units.forEach((unit, at) => {
    if (unit.row === row) places.add(Math.floor(at / ITEMS_PER_TX));
  });
  return [...places];
}
