/**
 * Every notice to a player (product P-40, V-16): the closed list of what the product says to one person, and the one way to say it. A code
 * without words in both languages fails a test; a notice that is written past `noticeTo` fails another.
 */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { JsonObject, NewMessage } from './message.ts';

export const NOTICE_CODES = [
  'price_reached',
  'payout_held',
  'guarantee_paid',
  'experiment_compensated',
  'reserve_kept',
  'reserve_freed',
  'complaint_answered',
  'filing_confirmed',
  'filing_refused',
  'registration_due',
  'business_hint',
  'claim_opened',
  'claim_answered',
  'claim_answer_missed',
  'claim_decided',
  'claim_desk_silent',
  'claim_appealed',
  'claim_withdrawn',
  'claim_final',
  'claim_stands',
  'claim_reviewed',
  'claim_lapsed',
  'claims_barred',
  'takeover_declared',
  'objection_opened',
  'objection_upheld',
  'objection_refused',
  'objection_false',
  'objection_lapsed',
  'appeal_received',
  'appeal_answered',
  'cool_down_set',
  'cool_down_lifted',
  'information_asked',
  'information_extended',
  'identity_opened',
  'identity_check_due',
  'identity_check_overdue',
  'item_returned',
  'item_judged',
  'evidence_countersigned',
  'evidence_declined',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

export function noticeTo(acct: string, code: NoticeCode, at: Instant, facts: JsonObject): NewMessage {
  return { room: `player:${acct}`, type: 'notice', at, body: { ...facts, code } };
}
