/** Lowers the supply cap of a kind: one ClassUpdate that leaves names, art and terms as they are (product T-06). */
import type { TxBody } from '#ledger/codec/tx.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import type { StudioPorts } from './ports.ts';
import { planOf, type WritePlan, windowAt } from './write-plan.ts';

export type CapPlan = { readonly kind: 'planned'; readonly plan: WritePlan; readonly before: bigint };
export type CapRefusal = { readonly kind: 'rejected'; readonly code: 'cap_raise' | 'class_unknown' };

export function planCap(
  ports: StudioPorts,
  facts: {
    readonly acct: AccountId;
    readonly referenceId: string;
    readonly classId: string;
    readonly serial: number;
    readonly cap: bigint;
  },
): CapPlan | CapRefusal {
  const leaf = ports.pending().classById(facts.serial);
  if (leaf === null) return { kind: 'rejected', code: 'class_unknown' };
  const isRaise = leaf.supplyCap !== 0n && facts.cap > leaf.supplyCap;
  if (isRaise || facts.cap < leaf.minted) return { kind: 'rejected', code: 'cap_raise' };
  const body: TxBody = {
    chain: ports.chain,
    salt: saltFromReference(accountIdBytes(facts.acct), facts.referenceId),
    ...windowAt(ports.now()),
    op: {
      kind: 'class_update',
      cls: facts.serial,
      supplyCap: facts.cap,
      meta: leaf.meta,
      media: leaf.media,
      // What was announced stays announced: the ledger keeps one pair of next terms, and this entry must not take it back.
      terms: leaf.nextTerms,
      from: leaf.nextTermsAt,
    },
  };
  return { kind: 'planned', plan: planOf([{ row: 0, state: 'accepted', id: facts.classId }], [body]), before: leaf.supplyCap };
}
