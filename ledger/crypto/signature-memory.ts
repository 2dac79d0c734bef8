/**
 * Remembers verified signatures (ledger.md 5.1), so that a batch of 64 costs one verification and a proposal finds the work
 * done. Only the curve arithmetic is skipped: a caller still checks range, account, key and path, and no code changes.
 */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import { Lru } from './lru.ts';
import type { Sm2 } from './sm2.ts';
import { sm3 } from './sm3.ts';

export const MEMORY_VERIFIED = 65_536;
/** Failures are fewer, so that hostile signatures cannot push good ones out. */
export const MEMORY_FAILED = 4_096;

export class SignatureMemory implements Sm2 {
  readonly #sm2: Sm2;
  readonly #verified: Lru<true>;
  readonly #failed: Lru<true>;

  constructor(sm2: Sm2, limits: { readonly verified?: number; readonly failed?: number } = {}) {
    this.#sm2 = sm2;
    this.#verified = new Lru(limits.verified ?? MEMORY_VERIFIED);
    this.#failed = new Lru(limits.failed ?? MEMORY_FAILED);
  }

  sign(privateKey: Uint8Array, message: Uint8Array): Bytes {
    return this.#sm2.sign(privateKey, message);
  }

  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const key = keyOfTriple(publicKey, message, signature);
    const known = this.findTriple(key);
    if (known !== null) return known;
    const isValid = this.#sm2.verify(publicKey, message, signature);
    this.rememberTriple(key, isValid);
    return isValid;
  }

  /** What is known of a triple; `null` when it has to be verified. */
  find(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | null {
    return this.findTriple(keyOfTriple(publicKey, message, signature));
  }

  /** Forgets the failures, once the block that held them is final or dropped. */
  forgetFailed(): void {
    this.#failed.clear();
  }

  /** As `find`, for who has the key of the triple already. */
  findTriple(key: string): boolean | null {
    if (this.#verified.get(key) !== undefined) return true;
    return this.#failed.get(key) === undefined ? null : false;
  }

  /** Takes over a result from elsewhere in this process (`ledger/node/verify-pool.ts`); never from a peer. */
  rememberTriple(key: string, isValid: boolean): void {
    (isValid ? this.#verified : this.#failed).set(key, true);
  }
}

/** `SM3(pub ‖ M ‖ sig)`, one character a byte. Lengths first: without them, bytes could wander between the three parts. */
export function keyOfTriple(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string {
  return String.fromCharCode(publicKey.length & 0xff, signature.length & 0xff, ...sm3(publicKey, message, signature));
}
