/** What a ClassDefine says, from a row: `ext`, and the documents whose SM3 stands in `meta` and `terms` (`ledger.md` 3). Pure. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import type { ClassDefinition } from '#ledger/codec/op-types.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { ZERO_32 } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, type ClassId } from '#ledger/primitives/ids.ts';
import { classIdFrom, extOf } from '#ledger/tx/ids.ts';
import { termsSm3 } from './class-terms.ts';
import type { ClassRow } from './rows.schema.ts';

const FREE_TRANSFER = 0;

/** The market's id of a class: the same on every chain, known before the ClassDefine. */
export function classIdOfRef(issuer: AccountId, classRef: string): ClassId {
  return classIdFrom(accountIdBytes(issuer), extOf(classRef));
}

export function metaDocument(row: ClassRow): Record<string, unknown> {
  return {
    class_ref: row.class_ref,
    name: { zh: row.name.zh ?? null, en: row.name.en },
    category: row.category,
    type: row.type,
    rarity: row.rarity ?? null,
    refinement: row.refinement ?? null,
    icon: row.icon,
    is_interchangeable: row.is_interchangeable,
    origin: row.origin,
    draw_table_sm3: row.draw_table_sm3 ?? null,
    attributes: row.attributes,
    contents: row.contents,
  };
}

export function classDefinitionOf(row: ClassRow): ClassDefinition {
  return {
    ext: extOf(row.class_ref),
    transferRule: FREE_TRANSFER,
    supplyCap: BigInt(row.supply_cap ?? 0),
    meta: sm3(canonicalBytes(metaDocument(row))),
    media: ZERO_32,
    terms: termsSm3(row.terms),
  };
}
