/** The signer with its key in a file of the node and its tables in the node's database: the form for a small site. */
import type postgres from 'postgres';
import { encodeVotePayload, type VotePayload } from '#ledger/codec/header.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import type { KeyPair } from '../keys.ts';
import {
  type EndorsedBody,
  type FreeTag,
  type SealToSign,
  SIGNING_REFUSALS,
  type Signed,
  type Signer,
  type SigningRefusal,
} from './signer.ts';
import * as records from './signing-records.ts';

export interface FileSignerOptions {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  readonly key: KeyPair;
  readonly sm2: Sm2;
}

export function openFileSigner({ sql, chain, key, sm2 }: FileSignerOptions): Signer {
  const sign = (tag: FreeTag | 'PLP1/endorse' | 'PLP1/vote' | 'PLP1/seal', payload: Uint8Array): Bytes =>
    sm2.sign(key.privateKey, signedMessage(tag, chain, payload));
  return {
    publicKey: key.publicKey,
    sign,
    endorse: (payload, body) => endorse(sql, payload, body, sign('PLP1/endorse', encodeVotePayload(payload))),
    vote: (payload) => vote(sql, payload, sign('PLP1/vote', encodeVotePayload(payload))),
    seal: (given) => seal(sql, given, sign('PLP1/seal', given.payload)),
    abstainUntil: (height) => records.insertAbstention(sql, height),
    acceptRecovery: (newEpoch, height, body) => records.insertRecovery(sql, newEpoch, height, body),
  };
}

async function endorse(sql: postgres.Sql, payload: VotePayload, body: EndorsedBody, sig: Bytes): Promise<Signed | SigningRefusal> {
  const refused = await attempt(() => records.insertEndorsement(sql, payload, sig, body));
  if (refused === null) return { kind: 'signed', sig };
  const before = await records.readEndorsement(sql, payload.epoch, payload.height, payload.term);
  if (before !== null && equalBytes(before.header, payload.header)) return { kind: 'signed', sig: before.sig };
  return refused === 'duplicate' ? { kind: 'rejected', code: 'stale_term' } : refused;
}

async function vote(sql: postgres.Sql, payload: VotePayload, sig: Bytes): Promise<Signed | SigningRefusal> {
  const refused = await attempt(() => records.insertVote(sql, payload, sig));
  if (refused === null) return { kind: 'signed', sig };
  const before = await records.readVote(sql, payload.epoch, payload.height);
  if (before !== null && before.term === payload.term && equalBytes(before.header, payload.header))
    return { kind: 'signed', sig: before.sig };
  return refused === 'duplicate' ? { kind: 'rejected', code: 'voted_before' } : refused;
}

async function seal(sql: postgres.Sql, given: SealToSign, sig: Bytes): Promise<Signed | SigningRefusal> {
  const refused = await attempt(() => records.insertSeal(sql, given, sig));
  if (refused === null) return { kind: 'signed', sig };
  const before = await records.readSeal(sql, given.newEpoch);
  if (before !== null && equalBytes(before.payload, given.payload)) return { kind: 'signed', sig: before.sig };
  return refused === 'duplicate' ? { kind: 'rejected', code: 'seal_low' } : refused;
}

/** Null when the record is on disk. A signature whose record may or may not be there is not given away: the caller's error. */
async function attempt(write: () => Promise<void>): Promise<SigningRefusal | 'duplicate' | null> {
  try {
    await write();
    return null;
  } catch (error) {
    const { code, message } =
      error instanceof Error ? { code: 'code' in error ? error.code : '', message: error.message } : { code: '', message: '' };
    if (code === '23505') return 'duplicate';
    const known = SIGNING_REFUSALS.find((each) => each === message);
    if (code === 'LS001' && known !== undefined) return { kind: 'rejected', code: known };
    throw error;
  }
}
