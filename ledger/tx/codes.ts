/** Every reason for which the ledger refuses a LedgerTx or a proposal, once (`ledger.md` 5, 6, 6.1, 10.3). */

export const LEDGER_CODES = [
  // any LedgerTx
  'tx_malformed',
  'tx_version',
  'op_unknown',
  'op_reserved',
  'wrong_chain',
  'tx_replayed',
  'window_invalid',
  'too_early',
  'expired',
  'signer_unknown',
  'key_epoch_stale',
  'key_unknown',
  'sig_range',
  'batch_range',
  'sig_invalid',
  'signer_extra',
  'register_full',
  'entry_too_large',
  // authority
  'signer_missing',
  'role_missing',
  // accounts
  'policy_invalid',
  'kind_invalid',
  'account_exists',
  'account_unknown',
  'account_frozen',
  'mode_invalid',
  'recovery_pending',
  'recovery_none',
  'recovery_early',
  'policy_mismatch',
  'powers_invalid',
  // classes and studios
  'terms_invalid',
  'not_a_studio',
  'class_exists',
  'class_unknown',
  'class_frozen',
  'studio_sunset',
  'supply_exceeded',
  'cap_raise',
  'notice_short',
  // Items
  'item_exists',
  'item_unknown',
  'item_burned',
  'item_frozen',
  'item_locked',
  'item_protected',
  'version_conflict',
  'to_self',
  'not_transferable',
  'not_locked',
  'not_reversible',
  'until_range',
  // freezes
  'target_unknown',
  'freeze_rank',
  'freeze_repeat',
  'not_frozen',
  // records
  'subject_unknown',
  'pack_invalid',
  'pack_pending',
  'pack_inactive',
  'state_invalid',
  'transition_invalid',
  'authorization_simulated',
  'experiment_inactive',
  'record_exists',
  // consortium
  'config_epoch',
  'config_pending',
  'config_lint',
  'approval_invalid',
  'governance_unmet',
  'evidence_invalid',
  'evidence_known',
  // orders and Trades
  'trade_malformed',
  'order_invalid',
  'order_early',
  'order_expired',
  'order_closed',
  'order_item_mismatch',
  'order_overfilled',
  'self_trade',
  'counterparty_mismatch',
  'not_owner',
  'protection_range',
  // a member's own checks of a proposal
  'behind',
  'locked',
  'stale_term',
  'not_leader',
  'slot_taken',
  'bad_link',
  'time_range',
  'over_limit',
  'tx_refused',
  'effects_mismatch',
  'root_mismatch',
  'envelope_missing',
  'media_missing',
  'class_terms_breach',
  'reversal_mismatch',
  'envelope_open',
  'commitment_mismatch',
  'terms_breach',
  'assessment_mismatch',
  'cap_exceeded',
  'promise_overdue',
] as const;

export type LedgerCode = (typeof LEDGER_CODES)[number];

const TRANSIENT: ReadonlySet<LedgerCode> = new Set<LedgerCode>([
  'too_early',
  'item_locked',
  'item_protected',
  'item_frozen',
  'class_frozen',
  'account_frozen',
  'recovery_early',
  'pack_pending',
  'config_pending',
  'behind',
  'time_range',
  'envelope_missing',
  'media_missing',
  'promise_overdue',
]);

/** Whether the same LedgerTx may pass later, with nothing about it changed. */
export function isTransient(code: LedgerCode): boolean {
  return TRANSIENT.has(code);
}

export interface Rejected {
  readonly kind: 'rejected';
  readonly code: LedgerCode;
}

export function rejected(code: LedgerCode): Rejected {
  return { kind: 'rejected', code };
}
