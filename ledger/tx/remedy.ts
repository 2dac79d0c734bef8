/** What becomes of the books when the members refuse a sequenced Trade (`ledger.md` 6.1, *Refused Trades*): the code decides. */
import type { LedgerCode } from './codes.ts';

/**
 * `propose_again` the round failed, not the Trade · `stop` states differ: an audit first · `sign_again` the same body under a sound
 * signature of the operator, if that was the fault · `replace` once, a new LedgerTx in its place · `reverse` the whole settlement.
 */
export const REMEDIES = ['propose_again', 'stop', 'sign_again', 'replace', 'reverse'] as const;
export type Remedy = (typeof REMEDIES)[number];

const ROUND: readonly LedgerCode[] = [
  'behind',
  'locked',
  'stale_term',
  'not_leader',
  'slot_taken',
  'bad_link',
  'time_range',
  'over_limit',
  'promise_overdue',
  'envelope_missing',
  'media_missing',
  'tx_replayed',
];
const DIFFERENCE: readonly LedgerCode[] = ['effects_mismatch', 'root_mismatch'];
/** Row 7 of section 5, and what else the operator's own TxSigs can be at fault for. */
const SIGNATURE: readonly LedgerCode[] = [
  'signer_unknown',
  'key_epoch_stale',
  'key_unknown',
  'sig_range',
  'batch_range',
  'sig_invalid',
  'signer_extra',
  'role_missing',
];
const WINDOW: readonly LedgerCode[] = [
  'window_invalid',
  'too_early',
  'expired',
  'pack_inactive',
  'envelope_open',
  'commitment_mismatch',
  'assessment_mismatch',
];
const TABLE = new Map<string, Remedy>([
  ...ROUND.map((code) => [code, 'propose_again'] as const),
  ...DIFFERENCE.map((code) => [code, 'stop'] as const),
  ...SIGNATURE.map((code) => [code, 'sign_again'] as const),
  ...WINDOW.map((code) => [code, 'replace'] as const),
]);

/** Every code that the table does not name, and one that is newer than this program, reverses. */
export function remedyOf(code: string): Remedy {
  return TABLE.get(code) ?? 'reverse';
}
