/**
 * The account of an organisation that is to be admitted: every member has one (lint L1). It is opened with the proposal, since a LedgerTx
 * holds for a day and a vote may take longer; an account by itself may do nothing.
 */
import { parseMemberRecord } from '#ledger/block/member-record.ts';
import { decodeMember, type Member } from '#ledger/codec/config.ts';
import type { TxEnv } from '#ledger/codec/tx.ts';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { equalBytes, fromHex } from '#ledger/primitives/bytes.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { ConfigChange } from './governance.ts';
import type { ChangeInput } from './proposals.ts';

export type AskedChange = {
  readonly change: ConfigChange;
  /** Of a record: signed by the organisation alone, as a rule. */
  readonly accountOpen: TxEnv | null;
};

/** @throws {ParseError} */
export function readChange(input: ChangeInput): AskedChange {
  if (input.kind === 'admit') {
    const { member, accountOpen } = parseMemberRecord(input.record);
    return { change: { kind: 'admit', member }, accountOpen };
  }
  if (input.kind === 'keys') return { change: { kind: 'keys', member: decodeMember(fromHex(input.member)) }, accountOpen: null };
  return { change: input, accountOpen: null };
}

type Opening = { readonly objection: string | null; readonly env: TxEnv | null };

/** `env`: what has to be sequenced before the configuration may name the account; null when it is open already. */
export function judgeOpening(ledger: LedgerNode, { acct }: Member, given: TxEnv | null, now: Instant): Opening {
  const refused = (objection: string): Opening => ({ objection, env: null });
  if (ledger.pending.accountById(acct) !== null) return { objection: null, env: null };
  if (given === null) return refused('the organisation has no account, and its record opens none');
  const { chain, notBefore, notAfter } = given.body;
  if (!equalBytes(chain, ledger.chain)) return refused('its record opens an account on another chain');
  if (BigInt(now) < notBefore || BigInt(now) > notAfter) return refused('the opening of its account holds no more: state the record again');
  return { objection: null, env: given };
}

/** With the signatures that this market holds; elsewhere the supervisor has vouched in the file (`cli -- config vouch`). */
export function vouched(ledger: LedgerNode, given: TxEnv): TxEnv {
  const signers = ledger.demo === null ? [ledger.operator] : [ledger.operator, ledger.demo.supervisor];
  return signers.reduce((env, signer) => (env.sigs.some((sig) => equalBytes(sig.acct, signer.acct)) ? env : signer.coSign(env)), given);
}
