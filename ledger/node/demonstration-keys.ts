/**
 * Published keys of the demonstration: derived from a name, so that there is nothing to keep secret and nothing to lose. Whoever
 * uses one signs for everybody. Only a chain whose genesis says `demonstration` may know accounts with such keys.
 */
import type { AuthPolicy } from '#ledger/codec/auth-policy.ts';
import { isPrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';

export interface DemonstrationKeys {
  readonly name: string;
  readonly privateKey: Bytes;
  readonly publicKey: Bytes;
  /** For envelopes: SM2 encryption key, never the signing key. */
  readonly encPrivateKey: Bytes;
  readonly encPublicKey: Bytes;
}

const known = new Map<string, DemonstrationKeys>();

/** The keys behind a name of `drizzle/seed/demonstration-keys.ts`. */
export function demonstrationKeys(name: string): DemonstrationKeys {
  const before = known.get(name);
  if (before !== undefined) return before;
  const privateKey = demonstrationPrivateKey(name);
  const encPrivateKey = demonstrationPrivateKey(`${name}/enc`);
  const keys = { name, privateKey, publicKey: publicKeyOf(privateKey), encPrivateKey, encPublicKey: publicKeyOf(encPrivateKey) };
  known.set(name, keys);
  return keys;
}

/** `SM3("daoju-demonstration-key" ‖ 0A ‖ name ‖ counter)`, the first counter whose hash is a private key. */
function demonstrationPrivateKey(name: string): Bytes {
  for (let counter = 0; ; counter++) {
    const candidate = sm3(utf8(`daoju-demonstration-key\n${name}`), Uint8Array.of(counter));
    if (isPrivateKey(candidate)) return candidate;
  }
}

/** An account of one key: organisations, issuing accounts, tests. Players have recovery keys too (`ledger.md` 4.1). */
export function singleKeyPolicy(publicKey: Bytes, encKey: Bytes | null = null): AuthPolicy {
  return { threshold: 1, keys: [{ pub: publicKey, weight: 1, use: 1 }], recoveryDelayMs: 0, encKey };
}
