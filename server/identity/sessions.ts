/** Sign-in by a signed challenge (product P-06) and what a session is. */
import { createHash } from 'node:crypto';
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { type Bytes, toBase64, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { signedBytes } from '#server/outbox/message.ts';
import type { Random } from '#server/random.ts';
import type { FreshSignature, Identity, IdentityRefusal, OpenedSession, SignInInput } from './identity.ts';
import { signingKeyOf } from './player-policy.ts';
import { findPlayer, isClosed } from './players.repo.ts';
import { rejected } from './registration.ts';
import { insertChallenge, insertSession, takeChallengeRow } from './sessions.repo.ts';

export type SessionGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly machineClock?: Clock;
  readonly random: Random;
  readonly ledger: LedgerNode;
};

export const SESSION_LIFE_MS = 12 * 3_600_000;
const CHALLENGE_LIFE_MS = 60_000;

export async function drawChallenge({ sql, clock, random, ledger }: SessionGround): ReturnType<Identity['challenge']> {
  const issuedAt = clock.now();
  const expiresAt = instant(issuedAt + CHALLENGE_LIFE_MS);
  const challenge = toHex(random.bytes(32));
  await insertChallenge(sql, challenge, issuedAt, expiresAt);
  return { challenge, issuedAt: toIso(issuedAt), chain: toHex(ledger.chain), expiresAt };
}

/** Uses up the challenge whatever the signature turns out to be: single use, 60 s. */
export async function takeChallenge({ sql, clock }: SessionGround, challenge: string, issuedAt: string): Promise<boolean> {
  try {
    return await takeChallengeRow(sql, challenge, parseInstant(issuedAt), clock.now());
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}

export async function signIn(ground: SessionGround, input: SignInInput): ReturnType<Identity['signIn']> {
  const { sql, clock, ledger } = ground;
  if (!(await takeChallenge(ground, input.challenge, input.issuedAt))) return rejected('challenge_unknown');
  const publicKey = currentSigningKey(ledger, input.acct)?.publicKey;
  const player = await findPlayer(sql, input.acct, clock.now());
  if (publicKey === undefined || player === null) return rejected('account_unknown');
  if (player.isDemonstration && ledger.genesis.demonstration !== 1) return rejected('not_a_demonstration');
  const { acct, challenge, issuedAt } = input;
  const message = signedBytes('daoju.sign-in/1', { chain: toHex(ledger.chain), acct, challenge, issuedAt });
  if (!ledger.sm2.verify(publicKey, message, input.signature)) return rejected('sig_invalid');
  // Told to whoever has the key, and to nobody else.
  if (await isClosed(sql, acct)) return rejected('account_closed');
  return { kind: 'signed_in', player, session: await openSession(ground, acct, input) };
}

/** What a thief of the cookie can't do: the key signs again, over what is asked for. */
export async function confirmAgain(
  ground: SessionGround,
  acct: AccountId,
  { format, facts, proof }: { readonly format: string; readonly facts: Readonly<Record<string, string>>; readonly proof: FreshSignature },
): Promise<IdentityRefusal | null> {
  const { challenge, issuedAt, signature } = proof;
  if (!(await takeChallenge(ground, challenge, issuedAt))) return rejected('challenge_unknown');
  const key = currentSigningKey(ground.ledger, acct);
  const message = signedBytes(format, { ...facts, chain: toHex(ground.ledger.chain), acct, challenge, issuedAt });
  return key !== null && ground.ledger.sm2.verify(key.publicKey, message, signature) ? null : rejected('sig_invalid');
}

/** As the ledger has it now, pending LedgerTx included: a rotated key signs in nobody. */
export function currentSigningKey(
  ledger: LedgerNode,
  acct: AccountId,
): { readonly keyEpoch: number; readonly keyIdx: number; readonly publicKey: Bytes } | null {
  const account = ledger.pending.accountById(accountIdBytes(acct));
  const policy = account === null ? null : ledger.pending.policyByHash(account.policy);
  const key = policy === null ? null : signingKeyOf(policy);
  return account === null || key === null ? null : { keyEpoch: account.keyEpoch, ...key };
}

/** A session lives by the machine's clock: a demonstration that jumps a week ahead throws nobody out. */
export async function openSession(
  { sql, clock, machineClock = clock, random }: SessionGround,
  acct: AccountId,
  { device, deviceId }: { readonly device: string; readonly deviceId: string },
): Promise<OpenedSession> {
  const now = machineClock.now();
  const drawn = drawToken(random);
  const expiresAt = instant(now + SESSION_LIFE_MS);
  await insertSession(sql, {
    sessionId: drawn.sessionId,
    tokenHash: hashToken(drawn.token),
    now,
    acct,
    device: device.slice(0, 120),
    deviceHash: hashToken(deviceId),
    expiresAt,
  });
  return { ...drawn, expiresAt };
}

export function drawToken(random: Random): { readonly token: string; readonly sessionId: string } {
  const token = toBase64(random.bytes(32)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return { token, sessionId: `ses_${toHex(random.bytes(12))}` };
}

/** The token has 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): Bytes {
  return new Uint8Array(createHash('sm3').update(utf8(token)).digest());
}
