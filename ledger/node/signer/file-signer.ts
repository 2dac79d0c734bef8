/**
 * The signer whose tables lie in the database that it is given: with the key in a file of the node, the form for a small site; behind the
 * door of a signer process (`signer-door.ts`) the same, on another machine; with a device in place of the key, an HSM's.
 */
import type postgres from 'postgres';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import { signedMessage, type Tag } from '#ledger/crypto/tagged-hash.ts';
import { type Bytes, equalBytes, ZERO_32 } from '#ledger/primitives/bytes.ts';
import type { KeyPair } from '../keys.ts';
import { type SignRecord, signedPart } from '../reducer/records.ts';
import { type KeyDevice, SIGNING_REFUSALS, type Signer, type SignerGround, type SignerOpener, type SigningRefusal } from './signer.ts';
import * as records from './signing-records.ts';

/** The key in this process's memory. */
export const keyInMemory = (key: KeyPair, sm2: Sm2): KeyDevice => ({
  publicKey: key.publicKey,
  sign: async (message) => sm2.sign(key.privateKey, message),
});

export const fileSigner =
  (key: KeyPair): SignerOpener =>
  (ground) =>
    openTableSigner(ground, keyInMemory(key, ground.sm2));

/** Without a place for promises (`envOf` answers null) they are the node's to keep: no safety rule reads them. */
export function openTableSigner(ground: SignerGround, device: KeyDevice): Signer {
  const { sql, chain } = ground;
  let signed = 0;
  let refused = 0;
  const sign = async (tag: Tag, payload: Uint8Array): Promise<Bytes> => {
    const sig = await device.sign(signedMessage(tag, tag === 'PLP1/pop' ? ZERO_32 : chain, payload));
    signed += 1;
    return sig;
  };
  return {
    publicKey: device.publicKey,
    sign,
    store: async (record) => {
      const { tag, payload } = signedPart(record);
      const refusal = await attempt(async () => insert(ground, record, await sign(tag, payload)));
      if (refusal === null || (await find(sql, record)) !== null) return { kind: 'stored' };
      refused += 1;
      return refusal === 'duplicate' ? { kind: 'rejected', code: DUPLICATE[record.kind] } : refusal;
    },
    signRecord: async (record) => {
      const sig = await find(sql, record);
      if (sig === null) throw new Error(`the signer holds no record of this ${record.kind}`);
      return sig;
    },
    abstainUntil: (height) => records.insertAbstention(sql, height),
    abstain: (until) => records.keepStanding(sql, until),
    acceptRecovery: (newEpoch, height, body) => records.insertRecovery(sql, newEpoch, height, body),
    facts: async (above) => {
      const [rows, seals, signedEpoch, standing] = await Promise.all([
        records.readSignedAbove(sql, above),
        records.readAllSeals(sql),
        records.readSignedEpoch(sql),
        records.readStanding(sql),
      ]);
      return { ...rows, seals, signedEpoch, standing };
    },
    hasVote: async (epoch, height) => (await records.readVote(sql, epoch, height)) !== null,
    state: () => ({ form: 'file', place: null, failure: null, signed, refused }),
    close: () => undefined,
  };
}

/** Another record stands at the key of this one. */
const DUPLICATE = {
  endorsement: 'stale_term',
  vote: 'voted_before',
  seal: 'seal_low',
  promise: 'promise_unknown',
} as const satisfies Record<SignRecord['kind'], SigningRefusal['code']>;

async function insert({ sql, envOf, now }: SignerGround, record: SignRecord, sig: Bytes): Promise<void> {
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
