/** What an official of a member signs about a change of the consortium (product O-11): the proposal, or the vote on one. Built alike in the
 *  browser, at the server and at the member whose governance key follows the vote. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { type Bytes, concat, utf8 } from '#ledger/primitives/bytes.ts';

export type Ballot = {
  readonly act: 'propose' | 'for' | 'against';
  /** SM3 of the configuration that would be in force (`ledger.md` 3), hex: the vote is for these bytes and no others. */
  readonly configHash: string;
  /** Of the configuration in force: in whose name it is said. */
  readonly member: number;
  readonly reason: string;
};

export function signedBallot(ballot: Ballot, chain: string, certificateSerial: string): Bytes {
  return concat(utf8('daoju.ballot/1\n'), canonicalBytes({ ...ballot, chain, certificateSerial }));
}
