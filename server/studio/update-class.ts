/** Changes a declared kind by one ClassUpdate (product T-04, T-06): what is not named stays as it is. */
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { saltFromReference } from '#ledger/tx/ids.ts';
import { artListBytes, type ListedFile } from './art-list.ts';
import type { StudioPorts } from './ports.ts';
import { planOf, type WritePlan, windowAt } from './write-plan.ts';

export type ClassChange = {
  readonly supplyCap?: bigint | undefined;
  readonly media?: Bytes | undefined;
  /** Hash of the terms and the moment from which they hold. */
  readonly terms?: { readonly sm3: Bytes; readonly from: bigint } | undefined;
};
export type ClassUpdatePlan =
  | { readonly kind: 'planned'; readonly plan: WritePlan; readonly capBefore: bigint }
  | { readonly kind: 'rejected'; readonly code: 'cap_raise' | 'class_unknown' };

export function planClassUpdate(
  ports: StudioPorts,
  facts: { readonly acct: AccountId; readonly referenceId: string; readonly classId: string; readonly serial: number },
  change: ClassChange,
): ClassUpdatePlan {
  const leaf = ports.pending().classById(facts.serial);
  if (leaf === null) return { kind: 'rejected', code: 'class_unknown' };
  const { supplyCap = leaf.supplyCap } = change;
  const isRaise = leaf.supplyCap !== 0n && (supplyCap === 0n || supplyCap > leaf.supplyCap);
  if (isRaise || (supplyCap !== 0n && supplyCap < leaf.minted)) return { kind: 'rejected', code: 'cap_raise' };
  const body = {
    chain: ports.chain,
    salt: saltFromReference(accountIdBytes(facts.acct), facts.referenceId),
    ...windowAt(ports.now()),
    op: {
      kind: 'class_update' as const,
      cls: facts.serial,
      supplyCap,
      meta: leaf.meta,
      media: change.media ?? leaf.media,
      // What was announced stays announced: the ledger keeps one pair of next terms, and this entry must not take it back.
      terms: change.terms?.sm3 ?? leaf.nextTerms,
      from: change.terms?.from ?? leaf.nextTermsAt,
    },
  };
  return { kind: 'planned', plan: planOf([{ row: 0, state: 'accepted', id: facts.classId }], [body]), capBefore: leaf.supplyCap };
}

/** `media` of a kind with one file of art (`ledger.md` 3). */
export function mediaSm3(file: ListedFile): Bytes {
  return sm3(artListBytes(file));
}
