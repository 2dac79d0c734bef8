/** AuthPolicy (`ledger.md` 4.1): which keys sign for an account. */
import { type Bytes, compareBytes } from '#ledger/primitives/bytes.ts';
import { decodeWith, type Reader, requireAscending } from './reader.ts';
import { encodeWith, type Writer } from './writer.ts';

export const MAX_POLICY_KEYS = 8;
const KEY_BYTES = 66;

/** 1 signs, 2 may start recovery, 3 both. */
export const KEY_USE = { sign: 1, recover: 2, both: 3 } as const;

export interface AuthKey {
  readonly pub: Bytes;
  readonly weight: number;
  readonly use: number;
}

export interface AuthPolicy {
  readonly threshold: number;
  /** Ascend strictly by `pub`. */
  readonly keys: readonly AuthKey[];
  readonly recoveryDelayMs: number;
  readonly encKey: Bytes | null;
}

export function writeAuthPolicy(writer: Writer, policy: AuthPolicy): void {
  writer.u8(policy.threshold);
  writer.vec(policy.keys, (w, key) => w.b64(key.pub).u8(key.weight).u8(key.use));
  writer.u32(policy.recoveryDelayMs);
  writer.option(policy.encKey, (w, key) => w.b64(key));
}

export function readAuthPolicy(reader: Reader): AuthPolicy {
  const threshold = reader.u8();
  const keys = reader.vec((r): AuthKey => ({ pub: r.b64(), weight: r.u8(), use: r.u8() }), {
    smallest: KEY_BYTES,
    min: 1,
    max: MAX_POLICY_KEYS,
  });
  requireAscending(keys, (a, b) => compareBytes(a.pub, b.pub), 'keys');
  return { threshold, keys, recoveryDelayMs: reader.u32(), encKey: reader.option((r) => r.b64()) };
}

export const encodeAuthPolicy = (policy: AuthPolicy): Bytes => encodeWith(writeAuthPolicy, policy);
/** @throws {ParseError} */
export const decodeAuthPolicy = (bytes: Uint8Array): AuthPolicy => decodeWith(readAuthPolicy, bytes);
