/**
 * What an organisation states that wants to be a member: its Member, proven by its node key, the policy of its account, and, for a chain that
 * exists, the LedgerTx that opens this account. One line of text, for a file or a field of a page; built and read alike everywhere.
 */
import { type AuthPolicy, decodeAuthPolicy, encodeAuthPolicy } from '#ledger/codec/auth-policy.ts';
import { decodeMember, encodeMember, type Member, ROLE } from '#ledger/codec/config.ts';
import { decodeTxEnv, encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { ACCOUNT_KIND } from '#ledger/state/ops-accounts.ts';
import { accountIdFromPolicy } from '#ledger/tx/ids.ts';

export interface MemberRecord {
  readonly member: Member;
  /** Null: the account is known already. */
  readonly policy: AuthPolicy | null;
  /** Signed by the organisation; operator and supervisor still have to. Null where there is no chain yet, or the account is open. */
  readonly accountOpen: TxEnv | null;
}

const FIELDS: ReadonlySet<string> = new Set(['member', 'policy', 'accountOpen']);

export const accountKindOf = ({ role }: Pick<Member, 'role'>): number =>
  role === ROLE.studio ? ACCOUNT_KIND.studio : ACCOUNT_KIND.organisation;

export function formatMemberRecord({ member, policy, accountOpen }: MemberRecord): string {
  return JSON.stringify({
    member: toHex(encodeMember(member)),
    policy: policy === null ? null : toHex(encodeAuthPolicy(policy)),
    accountOpen: accountOpen === null ? null : toHex(encodeTxEnv(accountOpen)),
  });
}

/** The text of `formatMemberRecord`, or the Member alone in hex. @throws {ParseError} `record_malformed`, or what the bytes are refused with */
export function parseMemberRecord(text: string): MemberRecord {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { member: decodeMember(fromHex(trimmed)), policy: null, accountOpen: null };
  const fields = fieldsOf(trimmed);
  const bytesOf = (name: string) => {
    const value = fields.get(name) ?? null;
    if (value !== null && typeof value !== 'string') throw new ParseError('record_malformed', { field: name });
    return value === null ? null : fromHex(value);
  };
  const member = bytesOf('member');
  const policy = bytesOf('policy');
  const accountOpen = bytesOf('accountOpen');
  if (member === null) throw new ParseError('record_malformed', { field: 'member' });
  const record = {
    member: decodeMember(member),
    policy: policy === null ? null : decodeAuthPolicy(policy),
    accountOpen: accountOpen === null ? null : decodeTxEnv(accountOpen),
  };
  requireConsistent(record);
  return record;
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (fields.length > 0 && fields.every(([name]) => FIELDS.has(name))) return new Map(fields);
  } catch {
    // Said below: it is no record either way.
  }
  throw new ParseError('record_malformed');
}

/** Whoever reads the Member must not be shown one account and open another. */
function requireConsistent({ member, policy, accountOpen }: MemberRecord): void {
  if (policy !== null && !equalBytes(accountIdFromPolicy(policy), member.acct))
    throw new ParseError('record_malformed', { field: 'policy' });
  if (accountOpen === null) return;
  const { op } = accountOpen.body;
  const isItsOwn =
    op.kind === 'account_open' && op.accountKind === accountKindOf(member) && equalBytes(accountIdFromPolicy(op.policy), member.acct);
  if (!isItsOwn) throw new ParseError('record_malformed', { field: 'accountOpen' });
}
