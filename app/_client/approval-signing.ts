/** Agreements to rule packs, and steps of experiments, signed with the key of the person's certificate (V-01, V-19, V-20): the document is built
 *  here from what is on screen. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { packApprovalDocument, stepApprovalDocument, stepDocument } from '#sandbox/cases/approval-order.ts';
import type { ExperimentDeskView, ProposalView, StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { newActId, signCaseDocument } from './case-signing.ts';
import { type ExperimentStepWish, staffApi } from './staff-api.ts';

export async function sendPackApproval(staff: StaffMe, proposal: ProposalView): Promise<ProposalView> {
  const { proposalId, packHash, mode, effectiveFrom } = proposal;
  const actId = newActId();
  const { chain } = await api.staff.challenge();
  const document = packApprovalDocument({ actId, proposalId, packHash, mode, effectiveFrom });
  return staffApi.packs.approve({ proposalId, actId, signature: await signCaseDocument(staff, chain, document) });
}

type Shown = Pick<ExperimentDeskView, 'chain' | 'document'>;

const orderOf = ({ document }: Shown, { experimentId, step, newEnd }: ExperimentStepWish) => ({
  ...{ actId: newActId(), experimentId, step, newEnd: newEnd ?? '' },
  documentHash: toHex(sm3(canonicalBytes(JSON.parse(document)))),
});

export async function sendStepApproval(staff: StaffMe, view: Shown, wish: ExperimentStepWish): Promise<ExperimentDeskView> {
  const order = orderOf(view, wish);
  const signature = await signCaseDocument(staff, view.chain, stepApprovalDocument(order));
  return staffApi.experimentDesk.approve({ ...wish, actId: order.actId, signature });
}

export async function sendStep(staff: StaffMe, view: Shown, wish: ExperimentStepWish, given: string): Promise<ExperimentDeskView> {
  const reason = given.trim();
  const order = orderOf(view, wish);
  const signature = await signCaseDocument(staff, view.chain, stepDocument({ ...order, reason }));
  return staffApi.experimentDesk.move({ ...wish, reason, actId: order.actId, signature });
}
