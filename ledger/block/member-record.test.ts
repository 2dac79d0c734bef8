import { expect, test } from 'vitest';
import type { Member } from '#ledger/codec/config.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import { singleKeyPolicy } from '#ledger/node/demonstration-keys.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';
import { formatMemberRecord, parseMemberRecord } from './member-record.ts';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const policy = singleKeyPolicy(bytes(64, 7));
const other = singleKeyPolicy(bytes(64, 8));
const member: Member = {
  ...{ id: 5, org: 'Fifth', role: 3, flags: 3, acct: accountIdFromPolicy(policy), endpoint: 'https://fifth.example' },
  ...{ pub: bytes(64, 1), govPub: bytes(64, 2), encPub: bytes(64, 3), cert: bytes(32, 0), pop: bytes(64, 4) },
};
const opening = (accountKind: number, of = policy): TxEnv => ({
  body: {
    ...{ chain: bytes(32, 9), salt: bytes(16, 1), notBefore: 1n, notAfter: 2n },
    op: { kind: 'account_open', policy: of, accountKind, kyc: bytes(32, 0), env: bytes(32, 0) },
  },
  sigs: [{ acct: member.acct, keyIdx: 0, keyEpoch: 0, sig: bytes(64, 5), batchSize: 1, batchIndex: 0, path: [] }],
});
const codeOf = (text: string) => {
  try {
    parseMemberRecord(text);
  } catch (error) {
    if (error instanceof ParseError) return error.code;
    throw error;
  }
  return 'read';
};

test('a record is read as it was stated, and a Member alone in hex too', () => {
  const record = { member, policy, accountOpen: opening(2) };
  expect(parseMemberRecord(`${formatMemberRecord(record)}\n`)).toEqual(record);
  const { member: hex } = JSON.parse(formatMemberRecord(record));
  expect(parseMemberRecord(hex)).toEqual({ member, policy: null, accountOpen: null });
});

test('a record that shows one account and opens another, or of another kind, is refused', () => {
  expect(codeOf(formatMemberRecord({ member, policy: other, accountOpen: null }))).toBe('record_malformed');
  expect(codeOf(formatMemberRecord({ member, policy, accountOpen: opening(2, other) }))).toBe('record_malformed');
  expect(codeOf(formatMemberRecord({ member, policy, accountOpen: opening(1) }))).toBe('record_malformed');
  expect(codeOf('{"member":"00","more":1}')).toBe('record_malformed');
  expect(codeOf('{')).toBe('record_malformed');
});
