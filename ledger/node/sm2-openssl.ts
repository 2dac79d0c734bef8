/**
 * SM2 and SM3 on `node:crypto` (ledger.md 19): about eight times as fast as the portable code. Only the route that the
 * self-test has passed is used; each trap of OpenSSL 3 that it guards against stands beside its check. Keys that sign often are
 * verified by a table of theirs (`sm2-tables.ts`), hashes are computed in WebAssembly (`wasm/sm3-wasm.ts`): both several times as fast again.
 */
import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Lru } from '#ledger/crypto/lru.ts';
import {
  generatePrivateKey,
  isOnCurve,
  isPrivateKey,
  isSignatureInRange,
  portableSm2,
  publicKeyOf,
  type Sm2,
  signDigest,
  zOf,
} from '#ledger/crypto/sm2.ts';
import { signatureFromDer, signatureToDer } from '#ledger/crypto/sm2-der.ts';
import { type NativeSm3, setNativeSm3, sm3, sm3Portable } from '#ledger/crypto/sm3.ts';
import { setNativeSm4Ctr, sm4CtrPortable } from '#ledger/crypto/sm4.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, equalBytes, fromHex, utf8 } from '#ledger/primitives/bytes.ts';
import { openSm2Tables, type Sm2Tables, type TabledKey } from './sm2-tables.ts';
import { startSm3Wasm } from './wasm/sm3-wasm.ts';

export type SelfTest = {
  /** The route that is safe to use; `portable` when any check of `openssl` failed. */
  readonly route: 'openssl' | 'portable';
  /** Names of the checks that failed: for the log and the health page. */
  readonly failures: readonly string[];
};

const SPKI = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d03420004');
const PKCS8 = fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420');
const PKCS8_PUBLIC = fromHex('a14403420004');
const KEYS_KEPT = 20_000;
const PRIVATE_KEYS_KEPT = 256;
const TEST_MESSAGE = utf8('daoju: every loaded key signs and verifies this before use');

type PublicKey = TabledKey & { readonly key: KeyObject; readonly z: Bytes };
type PrivateKey = { readonly key: KeyObject; readonly z: Bytes };

/** `length` bytes of the operating system's generator. */
export function systemRandom(length: number): Bytes {
  return new Uint8Array(randomBytes(length));
}

/** SM2 through OpenSSL, and through tables of keys that sign often. Use `startSm2`, which tests it first. */
export function openSslSm2(tables: Sm2Tables | null = openSm2Tables()): Sm2 {
  const publicKeys = new Lru<PublicKey>(KEYS_KEPT);
  const privateKeys = new Lru<PrivateKey>(PRIVATE_KEYS_KEPT);

  const publicKeyFor = (publicKey: Uint8Array): PublicKey | null => {
    const cacheKey = cacheKeyOf(publicKey);
    const cached = publicKeys.get(cacheKey);
    if (cached !== undefined) return cached;
    if (!isOnCurve(publicKey)) return null;
    const loaded = { key: importPublicKey(publicKey), z: zOf(publicKey), publicKey: new Uint8Array(publicKey), uses: 0, slot: null };
    publicKeys.set(cacheKey, loaded);
    return loaded;
  };

  const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    if (publicKey.length !== 64 || !isSignatureInRange(signature)) return false;
    const loaded = publicKeyFor(publicKey);
    if (loaded === null) return false;
    const { key, z } = loaded;
    const slow = () => verifyWith(key, z, message, signature);
    return tables === null ? slow() : tables.verify(loaded, () => sm3(z, message), signature, slow);
  };

  const privateKeyFor = (privateKey: Uint8Array): PrivateKey => {
    const cacheKey = cacheKeyOf(privateKey);
    const cached = privateKeys.get(cacheKey);
    if (cached !== undefined) return cached;
    assert(isPrivateKey(privateKey), 'an SM2 private key is 32 bytes in 1 … n−2');
    const publicKey = publicKeyOf(privateKey);
    const loaded = { key: importPrivateKey(privateKey, publicKey), z: zOf(publicKey) };
    assert(
      verify(publicKey, TEST_MESSAGE, signWith(loaded.key, loaded.z, TEST_MESSAGE)),
      'a loaded private key signs what its public key verifies',
    );
    privateKeys.set(cacheKey, loaded);
    return loaded;
  };

  return {
    sign: (privateKey, message) => {
      const { key, z } = privateKeyFor(privateKey);
      return signWith(key, z, message);
    },
    verify,
  };
}

/** The SM2 that this process may use, tested, with OpenSSL's SM3 and SM4 installed when those hold too. */
export function startSm2(): SelfTest & { readonly sm2: Sm2 } {
  const result = selfTest();
  setNativeSm3([startedSm3Wasm, () => openSslSm3].map(startOrNull).find((hash) => hash !== null && isNativeSm3Sound(hash)) ?? null);
  if (isNativeSm4Sound()) setNativeSm4Ctr(openSslSm4Ctr);
  return { ...result, sm2: result.route === 'openssl' ? openSslSm2() : portableSm2(systemRandom) };
}

/** The start-up self-test of ledger.md 19. A check that throws has failed. */
export function selfTest(): SelfTest {
  const openssl = openSslSm2();
  const portable = portableSm2(systemRandom);
  const message = utf8('message digest');
  const d = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8', 32);
  const xy = fromHex(
    '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    64,
  );
  const published = fromHex(
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
    64,
  );
  const altered = utf8('message digesu');
  const checks: Readonly<Record<string, () => boolean>> = {
    published_vector_verifies: () => openssl.verify(xy, message, published),
    altered_message_fails: () => !openssl.verify(xy, altered, published),
    // OpenSSL 3 one-shot calls sign with an empty id; a signature over the bare message must not pass here.
    without_z_fails: () => {
      const bare = signDigest(d, sm3Portable(message), 12_345_678_987_654_321n);
      return bare !== null && !openssl.verify(xy, message, bare);
    },
    own_signature_verifies_portably: () => portable.verify(xy, message, openssl.sign(d, message)),
    portable_signature_verifies: () => openssl.verify(xy, message, portable.sign(d, message)),
    // A key generated as namedCurve SM2 has type `ec` and signs plain ECDSA on the curve.
    ecdsa_key_is_refused: () => refusesEcdsaKey(openssl, message),
    fresh_key_survives: () => {
      const fresh = generatePrivateKey(systemRandom);
      return openssl.verify(publicKeyOf(fresh), message, openssl.sign(fresh, message));
    },
  };
  const failures = Object.entries(checks).flatMap(([name, check]) => (holds(check) ? [] : [name]));
  return { route: failures.length === 0 ? 'openssl' : 'portable', failures };
}

function importPublicKey(publicKey: Uint8Array): KeyObject {
  const key = createPublicKey({ key: Buffer.from(concat(SPKI, publicKey)), format: 'der', type: 'spki' });
  assert(key.asymmetricKeyType !== 'ec', 'an imported SM2 key is not of type ec');
  return key;
}

function importPrivateKey(privateKey: Uint8Array, publicKey: Uint8Array): KeyObject {
  const der = Buffer.from(concat(PKCS8, privateKey, PKCS8_PUBLIC, publicKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  assert(key.asymmetricKeyType !== 'ec', 'an imported SM2 key is not of type ec');
  return key;
}

function signWith(key: KeyObject, z: Uint8Array, message: Uint8Array): Bytes {
  const signature = signatureFromDer(createSign('sm3').update(z).update(message).sign(key));
  assert(signature !== null, 'OpenSSL writes strict DER');
  return signature;
}

function verifyWith(key: KeyObject, z: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return createVerify('sm3').update(z).update(message).verify(key, signatureToDer(signature));
}

function refusesEcdsaKey(openssl: Sm2, message: Uint8Array): boolean {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const xy = new Uint8Array(spki.subarray(spki.length - 64));
  const signature = signatureFromDer(createSign('sm3').update(zOf(xy)).update(message).sign(privateKey));
  return signature !== null && !openssl.verify(xy, message, signature);
}

/** One module for the thread, whoever starts SM2 again. */
let sm3Wasm: NativeSm3 | undefined;
function startedSm3Wasm(): NativeSm3 {
  sm3Wasm ??= startSm3Wasm();
  return sm3Wasm;
}

function startOrNull(start: () => NativeSm3): NativeSm3 | null {
  try {
    return start();
  } catch {
    return null; // a runtime without WebAssembly
  }
}

function isNativeSm3Sound(native: NativeSm3): boolean {
  return holds(() =>
    [0, 3, 55, 56, 64, 600, 4_099, SCRATCH_BYTES, SCRATCH_BYTES + 1].every((length) => {
      const message = Uint8Array.from({ length }, (_, at) => (at * 31 + length) & 0xff);
      const parts = [message.subarray(0, length >>> 1), message.subarray(length >>> 1)];
      return equalBytes(native(parts, length), sm3Portable(message));
    }),
  );
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false; // an OpenSSL without SM2 throws: that is the answer, not a fault
  }
}

function cacheKeyOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

const SCRATCH_BYTES = 16_384;
const scratch = Buffer.alloc(SCRATCH_BYTES);

/** One call into OpenSSL for all parts. The digest comes back as Latin-1, one character a byte: a third faster than as a Buffer. */
function openSslSm3(parts: readonly Uint8Array[], length: number): Bytes {
  const buffer = length > SCRATCH_BYTES ? Buffer.allocUnsafe(length) : scratch;
  let filled = 0;
  for (const part of parts) {
    buffer.set(part, filled);
    filled += part.length;
  }
  const digest = hash('sm3', buffer.subarray(0, filled), 'binary');
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i);
  return out;
}

function openSslSm4Ctr(key: Uint8Array, iv: Uint8Array, input: Uint8Array): Bytes {
  // In counter mode nothing is held back: `update` gives every byte.
  // Given plain bytes as its key, Node 24 spends 20 µs on finding out that they are no KeyObject.
  return new Uint8Array(createCipheriv('sm4-ctr', createSecretKey(key), iv).update(input));
}

/** Against the portable code, across a counter that carries through the whole block and an end inside a block. */
function isNativeSm4Sound(): boolean {
  const key = fromHex('0123456789abcdeffedcba9876543210');
  const input = new Uint8Array(53).map((_, index) => index);
  try {
    return [fromHex('ff'.repeat(16)), fromHex(`${'00'.repeat(15)}fe`)].every((iv) =>
      equalBytes(openSslSm4Ctr(key, iv, input), sm4CtrPortable(key, iv, input)),
    );
  } catch {
    return false;
  }
}
