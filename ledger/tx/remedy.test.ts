import { expect, test } from 'vitest';
import { LEDGER_CODES } from './codes.ts';
import { REMEDIES, remedyOf } from './remedy.ts';

test.each([
  [
    'behind locked stale_term not_leader slot_taken bad_link time_range over_limit promise_overdue envelope_missing media_missing',
    'propose_again',
  ],
  ['tx_replayed', 'propose_again'],
  ['effects_mismatch root_mismatch', 'stop'],
  ['signer_unknown key_epoch_stale key_unknown sig_range batch_range sig_invalid signer_extra role_missing', 'sign_again'],
  ['window_invalid too_early expired pack_inactive envelope_open commitment_mismatch assessment_mismatch', 'replace'],
  [
    'item_frozen item_locked account_frozen version_conflict order_closed order_expired terms_breach cap_exceeded class_terms_breach',
    'reverse',
  ],
  ['a_code_of_tomorrow', 'reverse'],
] as const)('%s: %s', (codes, remedy) => {
  expect(codes.split(' ').map(remedyOf)).toEqual(codes.split(' ').map(() => remedy));
});

test('every code of the ledger has one of the five', () => {
  expect(LEDGER_CODES.map(remedyOf).filter((remedy) => !REMEDIES.includes(remedy))).toEqual([]);
  expect(LEDGER_CODES.filter((code) => remedyOf(code) !== 'reverse')).toHaveLength(29);
});
