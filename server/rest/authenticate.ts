/** Who calls: writes by an HTTP message signature, reads by a bearer key (product T-11). */
import type { IncomingHttpHeaders } from 'node:http';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { type Bytes, utf8 } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import type { Ground } from '#server/context.ts';
import { contentDigestOf, parseSignature, parseSignatureInput, signatureBase } from '../sdk/message-signature.ts';
import { findReadKey, findWriteKey, rememberNonce, type StudioKey } from '../studio/studios.repo.ts';
import { Problem } from './problems.ts';

export type Caller = {
  readonly acct: AccountId;
  readonly keyId: string;
  readonly tier: 'standard' | 'partner';
  readonly mayWrite: boolean;
};

const SKEW_SECONDS = 120;

function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function callerOf(key: StudioKey | null): StudioKey {
  if (key === null) throw new Problem('key_unknown');
  if (key.isExpired) throw new Problem('key_expired');
  return key;
}

/** Checks in order: headers, digest, clock, key, signature, nonce. A nonce is remembered only after the signature held, so that a stranger
 *  cannot use up another's. @throws {Problem} */
export async function authenticateWrite(
  ground: Ground,
  request: {
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: Bytes;
  },
): Promise<Caller> {
  const digest = header(request.headers, 'content-digest');
  const input = header(request.headers, 'signature-input');
  const signatureHeader = header(request.headers, 'signature');
  if (digest === null || input === null || signatureHeader === null) throw new Problem('signature_missing');
  const parameters = parseSignatureInput(input);
  const signature = parseSignature(signatureHeader);
  if (digest !== contentDigestOf(request.body)) throw new Problem('digest_mismatch');
  // How fresh a request is says the machine's clock: a studio's program knows no other.
  const now = (ground.machineClock ?? ground.clock).now();
  if (Math.abs(now / 1000 - parameters.created) > SKEW_SECONDS) throw new Problem('clock_skew');
  const key = callerOf(await findWriteKey(ground.sql, parameters.keyId, now));
  const base = signatureBase({ method: request.method, path: request.path, query: request.query, contentDigest: digest }, parameters);
  if (key.publicKey === null || !ground.ledger.sm2.verify(key.publicKey, base, signature)) throw new Problem('sig_invalid');
  if (!(await rememberNonce(ground.sql, parameters.keyId, parameters.nonce, now))) throw new Problem('nonce_replayed');
  return { acct: key.acct, keyId: key.keyId, tier: key.tier, mayWrite: key.mayWrite };
}

/** @throws {Problem} */
export async function authenticateRead(ground: Ground, headers: IncomingHttpHeaders): Promise<Caller> {
  const match = /^Bearer ([\x21-\x7e]{16,200})$/.exec(header(headers, 'authorization') ?? '');
  if (match === null) throw new Problem('key_unknown');
  const key = callerOf(await findReadKey(ground.sql, sm3(utf8(match[1] ?? '')), ground.clock.now()));
  return { acct: key.acct, keyId: key.keyId, tier: key.tier, mayWrite: key.mayWrite };
}
