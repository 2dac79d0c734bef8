/** What changes on a single item: attributes that the schema lets the studio change (product T-05). */
import { toHex } from '#ledger/primitives/bytes.ts';
import { listAttributeKinds } from '../../studio/catalogue.repo.ts';
import { planAttributes } from '../../studio/change-attributes.ts';
import { findOwnItem, insertItemChange } from '../../studio/item-attributes.repo.ts';
import { SequencingRefused } from '../../studio/write-plan.ts';
import { itemAttributesAnswer } from '../answers.schema.ts';
import { ledgerWrite, type PlannedWrite } from '../ledger-write.ts';
import { Problem } from '../problems.ts';
import { type RouteCall, route } from '../router.ts';
import { type PostItemAttributes, postItemAttributes } from '../schemas.ts';

async function prepare(call: RouteCall<PostItemAttributes>) {
  const { ports } = call.services.studio;
  const { acct } = call.caller;
  const itemId = call.params.id ?? '';
  const item = await findOwnItem(call.services.sql, acct, itemId);
  if (item === null) throw new Problem('item_unknown');
  const { reference_id: referenceId, attributes } = call.body;
  const planned = planAttributes(
    ports,
    { acct, referenceId, itemId, item },
    attributes,
    await listAttributeKinds(call.services.sql, item.gameId),
  );
  if (planned.kind === 'rejected') {
    const { code, key } = planned;
    throw new Problem(code, key === null ? {} : { fields: [{ path: `attributes.${key}`, message: code }] });
  }
  const { plan, ver, after, changes } = planned;
  return {
    plan,
    status: 200,
    facts: { item_id: itemId, changes },
    sequence: (envs, also) =>
      ports.sequence(envs, async (sql, results) => {
        const [txId] = plan.txIdsOf(results);
        // In the one line now: listed or given in the meantime, it is promised as it was.
        const held = (await findOwnItem(sql, acct, itemId))?.isHeld;
        if (txId === undefined || held !== false) throw new SequencingRefused('item_held');
        await insertItemChange(sql, { itemId, ver, txId, at: call.services.clock.now(), referenceId, before: item.changed, after });
        await also(sql, [toHex(txId)]);
      }),
  } satisfies PlannedWrite<object>;
}

export const itemAttributeRoutes = [
  route({
    method: 'POST',
    path: '/items/{id}/attributes',
    summary: 'Change attributes of one item that its schema marks as mutable; the old values stay in its history',
    access: 'write',
    schema: postItemAttributes,
    answer: itemAttributesAnswer,
    run: (call) =>
      ledgerWrite(call, {
        name: `POST /items/${call.params.id}/attributes`,
        line: `item ${call.params.id}`,
        prepare: () => prepare(call),
      }),
  }),
];
