/** What is kept of a step that waits, so that it can be finished when nobody is there who asked for it. */
import { z } from 'zod';
import { toHex } from '#ledger/primitives/bytes.ts';
import { STEP_NAMES } from '#sandbox/experiments/steps.ts';
import type { SignedAct } from '#server/cases/personal-signatures.ts';
import type { Move, Mover } from './move.ts';

const ROLES = ['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio'] as const;
export const stepIntent = z.strictObject({
  move: z.strictObject({ experimentId: z.string(), step: z.enum(STEP_NAMES), reason: z.string(), newEnd: z.string().nullable() }),
  by: z.string(),
  role: z.enum(['operator', 'supervisor']),
  /** With the personal signature under the step; null: none was asked for. */
  act: z
    .strictObject({
      document: z.record(z.string(), z.string()),
      actId: z.string(),
      signature: z.string(),
      staff: z.strictObject({
        ...{ staffId: z.string(), name: z.string(), role: z.enum(ROLES) },
        ...{ organisation: z.string(), certificateSerial: z.string() },
      }),
    })
    .nullable(),
});
type Intent = z.infer<typeof stepIntent>;

export function intentOf({ by, role, staff }: Mover, { experimentId, step, reason, newEnd }: Move, act: SignedAct | null): Intent {
  return { move: { experimentId, step, reason, newEnd }, by, role, act: staff === null || act === null ? null : actOf(staff, act) };
}

function actOf({ signed, ...staff }: NonNullable<Mover['staff']>, { document, bytes }: SignedAct): NonNullable<Intent['act']> {
  const { staffId, name, role, organisation, certificateSerial } = staff;
  return {
    ...{ document: { ...document }, actId: signed.actId, signature: toHex(bytes) },
    staff: { staffId, name, role, organisation, certificateSerial },
  };
}
