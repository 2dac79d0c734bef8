/** What an experiment may promise and this market does not keep: such a promise is refused before anybody relies on it, as packs do. */
import { clocksOf } from '../packs/clocks.ts';
import type { Experiment } from './experiment.ts';

export type Unkept = { readonly place: string; readonly reason: string };

/** A complaint is decided within the desk's term. */
const DESK_WORKING_DAYS = clocksOf(null).claimDecisionWorkingDays;

/** `null`: everything that it promises is done. A cooling-off time needs nothing: who takes part may stop at any hour. */
export function findUnkept({ safeguards, reporting, exit }: Experiment): Unkept | null {
  const { refundGuarantee, complaintSlaWorkingDays, riskAcknowledgement } = safeguards;
  const rules: readonly (Unkept & { readonly isKept: boolean })[] = [
    {
      // Money and item change hands together, and what is protected is reversed whole.
      place: 'safeguards.refundGuarantee',
      reason: `${refundGuarantee}: kept is FULL_UNTIL_DELIVERY`,
      isKept: refundGuarantee === 'FULL_UNTIL_DELIVERY',
    },
    {
      place: 'safeguards.complaintSlaWorkingDays',
      reason: `the desk decides within ${DESK_WORKING_DAYS} working days`,
      isKept: complaintSlaWorkingDays >= DESK_WORKING_DAYS,
    },
    { place: 'safeguards.riskAcknowledgement', reason: 'nobody joins without it', isKept: riskAcknowledgement },
    { place: 'reporting.live', reason: 'figures are always sent live', isKept: reporting.live },
    { place: 'reporting.recipients', reason: 'nobody would be told', isKept: reporting.recipients.length > 0 },
    {
      place: 'exit.success',
      reason: `${exit.success}: known are PROMOTE_TO_PACK_PROPOSAL and KEEP_PACK`,
      isKept: exit.success === 'PROMOTE_TO_PACK_PROPOSAL' || exit.success === 'KEEP_PACK',
    },
    { place: 'exit.fail', reason: `${exit.fail}: known is ROLLBACK_TO_CONTROL`, isKept: exit.fail === 'ROLLBACK_TO_CONTROL' },
    {
      place: 'exit.openOrders',
      reason: `${exit.openOrders}: known is SETTLE_UNDER_OLD_RULES`,
      isKept: exit.openOrders === 'SETTLE_UNDER_OLD_RULES',
    },
    { place: 'exit.publishReport', reason: 'reports are always published', isKept: exit.publishReport },
  ];
  const unkept = rules.find(({ isKept }) => !isKept);
  return unkept === undefined ? null : { place: unkept.place, reason: unkept.reason };
}
