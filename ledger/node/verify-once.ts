/** Orders of one sheet bring the same signature over the same root: a list is verified once per distinct triple. */
import type { SignatureCheck } from './types.ts';
import type { VerifyPool } from './verify-pool.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
/** The signature has a fixed length and comes first, the public key second: no two triples share a key. */
const keyOf = ({ publicKey, message, signature }: SignatureCheck): string =>
  `${signature.length}:${publicKey.length}:${text(signature)}${text(publicKey)}${text(message)}`;

export async function verifyOnce(pool: VerifyPool, checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
  const distinct = new Map<string, SignatureCheck>();
  const keys = checks.map((check) => {
    const key = keyOf(check);
    distinct.set(key, check);
    return key;
  });
  const valid = await pool.verifyBatch([...distinct.values()]);
  const byKey = new Map([...distinct.keys()].map((key, at) => [key, valid[at] === true]));
  return keys.map((key) => byKey.get(key) === true);
}
