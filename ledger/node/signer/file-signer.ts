/** The signer with its key in a file of the node and its tables in the node's database: the form for a small site. */
import type postgres from 'postgres';
import { encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage, type Tag } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes } from '#ledger/primitives/bytes.ts';
import type { KeyPair } from '../keys.ts';
import { type SignRecord, signedPart } from '../reducer/records.ts';
import { SIGNING_REFUSALS, type Signer, type SigningRefusal } from './signer.ts';
import * as records from './signing-records.ts';

export interface FileSignerOptions {
  readonly sql: postgres.Sql;
  readonly chain: Bytes;
  readonly key: KeyPair;
  readonly sm2: Sm2;
  /** A LedgerTx that is being promised: it is kept with the promise. */
  readonly envOf: (txId: Bytes) => TxEnv | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function openFileSigner(options: FileSignerOptions): Signer {
  const { sql, chain, key, sm2 } = options;
  const sign = (tag: Tag, payload: Uint8Array): Bytes => sm2.sign(key.privateKey, signedMessage(tag, chain, payload));
  return {
    publicKey: key.publicKey,
    sign,
    store: async (record) => {
      const { tag, payload } = signedPart(record);
      const refused = await attempt(() => insert(options, record, sign(tag, payload)));
      if (refused === null || (await find(sql, record)) !== null) return { kind: 'stored' };
      return refused === 'duplicate' ? { kind: 'rejected', code: DUPLICATE[record.kind] } : refused;
    },
    signRecord: async (record) => {
      const sig = await find(sql, record);
      if (sig === null) throw new Error(`the signer holds no record of this ${record.kind}`);
      return sig;
    },
    abstainUntil: (height) => records.insertAbstention(sql, height),
    abstain: (until) => records.keepStanding(sql, until),
    acceptRecovery: (newEpoch, height, body) => records.insertRecovery(sql, newEpoch, height, body),
  };
}

/** Another record stands at the key of this one. */
const DUPLICATE = {
  endorsement: 'stale_term',
  vote: 'voted_before',
  seal: 'seal_low',
  promise: 'promise_unknown',
} as const satisfies Record<SignRecord['kind'], SigningRefusal['code']>;

async function insert({ sql, envOf, now }: FileSignerOptions, record: SignRecord, sig: Bytes): Promise<void> {
  switch (record.kind) {
    case 'endorsement':
      return records.insertEndorsement(sql, { ...record.payload, sig });
    case 'vote':
      return records.insertVote(sql, { ...record.payload, sig }, record.set);
    case 'seal':
      return records.insertSeal(sql, record.seal, record.set, sig);
    case 'promise': {
      const env = envOf(record.promise.txId);
      if (env === null) throw new SignerRefusal('promise_unknown');
      return records.insertPromise(sql, record.promise, { env: encodeTxEnv(env), takenAt: BigInt(now()), sig });
    }
  }
}

/** The signature of a stored record; null when another or none stands at its key. */
async function find(sql: postgres.Sql, record: SignRecord): Promise<Bytes | null> {
  switch (record.kind) {
    case 'endorsement': {
      const { epoch, height, term, header } = record.payload;
      const row = await records.readEndorsement(sql, epoch, height, term);
      return row !== null && equalBytes(row.header, header) ? row.sig : null;
    }
    case 'vote': {
      const { epoch, height, term, header } = record.payload;
      const row = await records.readVote(sql, epoch, height);
      return row !== null && row.term === term && equalBytes(row.header, header) ? row.sig : null;
    }
    case 'seal': {
      const row = await records.readSeal(sql, record.seal.newEpoch);
      return row !== null && equalBytes(row.payload, signedPart(record).payload) ? row.sig : null;
    }
    case 'promise':
      return records.readPromiseSig(sql, record.promise);
  }
}

class SignerRefusal extends Error {
  readonly code = 'LS001';
}

/** Null when the record is on disk. A record that may or may not be there is the caller's error: nothing is signed for it. */
async function attempt(write: () => Promise<void>): Promise<SigningRefusal | 'duplicate' | null> {
  try {
    await write();
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const message = error instanceof Error ? error.message : '';
    if (code === '23505') return 'duplicate';
    const known = SIGNING_REFUSALS.find((each) => each === message);
    if (code === 'LS001' && known !== undefined) return { kind: 'rejected', code: known };
    throw error;
  }
}
