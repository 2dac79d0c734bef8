/** What is kept of an official's act that waits, so that it can be finished when nobody is there who asked for it. */
import { z } from 'zod';
import { FREEZE_REASONS, FREEZE_SCOPES } from '#sandbox/cases/case-order.ts';
import { HALT_REASONS, HALT_SCOPES } from '#sandbox/cases/halt-order.ts';
import { REFER_TO } from '#sandbox/cases/refer-order.ts';

const ROLES = ['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio'] as const;
export const officialKept = z.strictObject({
  ...{ staffId: z.string(), name: z.string(), role: z.enum(ROLES) },
  ...{ organisation: z.string(), certificateSerial: z.string() },
});
/** By whom, with the personal signature under the document. */
const kept = { staff: officialKept, signature: z.string() };
const act = { actId: z.string(), reason: z.string() };
const aimed = { ...act, caseId: z.string(), targetId: z.string(), until: z.string() };
const freeze = z.strictObject({ ...aimed, scope: z.enum(FREEZE_SCOPES), reasonCode: z.enum(FREEZE_REASONS) });
const halt = z.strictObject({
  ...{ ...aimed, scope: z.enum(HALT_SCOPES), reasonCode: z.enum(HALT_REASONS), openOrders: z.enum(['keep', 'cancel']) },
});
const judgement = z.strictObject({
  ...{ ...act, caseId: z.string(), itemId: z.string(), to: z.string(), court: z.string(), docket: z.string(), fileSm3: z.string() },
});
const decision = z.strictObject({ ...act, appealId: z.string(), isGranted: z.boolean() });

export const actIntent = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('freeze'), order: freeze, ...kept }),
  z.strictObject({ act: z.literal('approve_freeze'), freezeId: z.string(), ...kept }),
  z.strictObject({ act: z.literal('lift'), order: z.strictObject({ ...act, freezeId: z.string() }), ...kept }),
  z.strictObject({ act: z.literal('grant_appeal'), decision, liftSignature: z.string(), ...kept }),
  z.strictObject({ act: z.literal('halt'), order: halt, ...kept }),
  z.strictObject({ act: z.literal('approve_halt'), haltId: z.string(), ...kept }),
  z.strictObject({ act: z.literal('resume'), order: z.strictObject({ ...act, haltId: z.string() }), ...kept }),
  z.strictObject({ act: z.literal('approve_opening'), openingId: z.string(), ...kept }),
  z.strictObject({ act: z.literal('judgement'), order: judgement, ...kept }),
  z.strictObject({
    ...{ act: z.literal('return_item'), ...kept },
    order: z.strictObject({ ...act, caseId: z.string(), reportId: z.string(), isGoodFaith: z.boolean() }),
  }),
  z.strictObject({
    ...{ act: z.literal('review_claim'), ...kept },
    ruling: z.strictObject({ ...act, claimId: z.string(), isUpheld: z.boolean() }),
  }),
  z.strictObject({ act: z.literal('refer'), order: z.strictObject({ ...act, caseId: z.string(), authority: z.enum(REFER_TO) }), ...kept }),
]);
export type ActIntent = z.infer<typeof actIntent>;
