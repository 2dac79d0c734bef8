/** Each op's refusals, each reached once, in the order of ledger.md 6; the later check of a pair would fail too where one can. */
import { afterAll, describe, expect, it } from 'vitest';
import { LEDGER_CODES, type LedgerCode } from '#ledger/tx/codes.ts';
import { hashSm2, World } from '#test/vectors/ledger-world.ts';
import { REFUSAL_SCENARIOS, type Stage } from '#test/vectors/refusal-scenarios.ts';

const seen = new Set<LedgerCode>();

const stage: Stage = {
  start: (demonstration = 1) => new World(hashSm2, demonstration),
  refuses: (world, code, op, by) => {
    expect(world.code(op, by), `${op.kind} by ${by.length}`).toBe(code);
    seen.add(code);
  },
  passes: (world, op, by) => expect(world.code(op, by)).toBeNull(),
  expect: (actual) => expect(actual),
};

describe('refusals', () => {
  it.each(REFUSAL_SCENARIOS)('%s', (_, play) => play(stage));
});

/** Codes of the decoder, of apply's frame (`apply.test.ts`) and of members' own checks are reached elsewhere. */
const ELSEWHERE: ReadonlySet<string> = new Set(
  `tx_malformed tx_version op_unknown op_reserved tx_replayed window_invalid too_early expired signer_unknown register_full entry_too_large
   behind locked stale_term not_leader slot_taken bad_link time_range over_limit tx_refused effects_mismatch root_mismatch envelope_missing
   media_missing class_terms_breach reversal_mismatch envelope_open commitment_mismatch terms_breach assessment_mismatch cap_exceeded
   promise_overdue`.split(/\s+/),
);

afterAll(() => {
  const missed = LEDGER_CODES.filter((code) => !seen.has(code) && !ELSEWHERE.has(code));
  expect(missed, 'every code of sections 6 and 6.1 is reached').toEqual([]);
});
