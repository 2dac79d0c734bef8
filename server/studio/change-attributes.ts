/** Changes attributes of one item by one ItemUpdate (product T-05, `ledger.md` op 22): by the studio, for its own item or under the owner's
 *  standing consent. `meta` is the SM3 of all values that differ from the kind's. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { CONSENT, hasConsent } from '#ledger/state/rules.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { type AttributeValues, fitsAttribute } from './attribute-values.ts';
import type { AttributeKind } from './catalogue.repo.ts';
import type { OwnItem } from './item-attributes.repo.ts';
import type { StudioPorts } from './ports.ts';
import { planOf, type WritePlan, windowAt } from './write-plan.ts';

export type AttributesPlan =
  | {
      readonly kind: 'planned';
      readonly plan: WritePlan;
      /** Version of the item after it. */
      readonly ver: bigint;
      readonly after: AttributeValues;
      readonly changes: readonly {
        readonly key: string;
        readonly before: string | number | boolean | null;
        readonly now: string | number | boolean;
      }[];
    }
  | {
      readonly kind: 'rejected';
      readonly code: 'item_unknown' | 'item_held' | 'attribute_unknown' | 'attribute_fixed' | 'attributes_unchanged' | 'consent_missing';
      readonly key: string | null;
    };

export function planAttributes(
  ports: StudioPorts,
  facts: { readonly acct: AccountId; readonly referenceId: string; readonly itemId: string; readonly item: OwnItem },
  values: AttributeValues,
  kinds: ReadonlyMap<string, AttributeKind>,
): AttributesPlan {
  const { acct, item } = facts;
  const refuse = (code: Extract<AttributesPlan, { kind: 'rejected' }>['code'], key: string | null = null): AttributesPlan => ({
    kind: 'rejected',
    code,
    key,
  });
  for (const [key, value] of Object.entries(values)) {
    const kind = kinds.get(key);
    if (!fitsAttribute(kind, value)) return refuse('attribute_unknown', key);
    if (kind?.mutable !== true) return refuse('attribute_fixed', key);
  }
  const present: AttributeValues = { ...item.declared, ...item.changed };
  const changes = Object.entries(values).flatMap(([key, now]) =>
    present[key] === now ? [] : [{ key, before: present[key] ?? null, now }],
  );
  if (changes.length === 0) return refuse('attributes_unchanged');
  const pending = ports.pending();
  const leaf = pending.itemBySerial(item.serial);
  if (leaf === null) return refuse('item_unknown');
  // An order or a gift names the item's version: what somebody is promised stays as it is.
  if (item.isHeld) return refuse('item_held');
  const isOwn = toHex(leaf.owner) === acct;
  if (!isOwn && !hasConsent(pending, leaf.owner, item.cls, CONSENT.update, BigInt(ports.now()))) return refuse('consent_missing');
  const after = { ...item.changed, ...values };
  const body = {
    chain: ports.chain,
    salt: saltFromReference(accountIdBytes(acct), facts.referenceId),
    ...windowAt(ports.now()),
    op: { kind: 'item_update' as const, serial: item.serial, ver: leaf.ver, meta: sm3(canonicalBytes(metaDocument(facts.itemId, after))) },
  };
  return { kind: 'planned', plan: planOf([{ row: 0, state: 'accepted', id: facts.itemId }], [body]), ver: leaf.ver + 1n, after, changes };
}

/** What `meta` of an item is the SM3 of (`ledger.md` 3). */
export function metaDocument(itemId: string, changed: AttributeValues) {
  return { item_id: itemId, attributes: { ...changed } };
}
