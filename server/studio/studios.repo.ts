/** SQL of studios, their keys, nonces and the request log. */
import { lt } from 'drizzle-orm';
import type postgres from 'postgres';
import { nonces, studioKeys, studioRequests, studios } from '#drizzle/schema/index.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { orm } from '#server/db.ts';

export type StudioKey = {
  readonly keyId: string;
  readonly acct: AccountId;
  readonly tier: 'standard' | 'partner';
  readonly publicKey: Uint8Array | null;
  readonly isExpired: boolean;
  /** False while its studio has applied and is not active (T-01): it reads and tries out. */
  readonly mayWrite: boolean;
};

type KeyRow = {
  readonly key_id: string;
  readonly acct: string;
  readonly tier: 'standard' | 'partner';
  readonly public_key: Uint8Array | null;
  readonly is_expired: boolean;
  readonly may_write: boolean;
};

function keyOf(row: KeyRow | undefined): StudioKey | null {
  return row === undefined
    ? null
    : {
        keyId: row.key_id,
        acct: parseAccountId(row.acct),
        tier: row.tier,
        publicKey: row.public_key === null ? null : new Uint8Array(row.public_key),
        isExpired: row.is_expired,
        mayWrite: row.may_write,
      };
}

export async function findWriteKey(sql: postgres.Sql, keyId: string, now: Instant): Promise<StudioKey | null> {
  const rows = await sql<KeyRow[]>`
    update studio.keys k set last_used_at = ${new Date(now)} from studio.studios s
    where k.key_id = ${keyId} and k.kind = 'write' and k.revoked_at is null and s.acct = k.acct
    returning k.key_id, k.acct, s.tier, k.public_key, k.expires_at <= ${new Date(now)} as is_expired,
      not exists (select from studio.applications a where a.acct = k.acct and a.state <> 'active') as may_write`;
  return keyOf(rows[0]);
}

export async function findReadKey(sql: postgres.Sql, secretSm3: Uint8Array, now: Instant): Promise<StudioKey | null> {
  const rows = await sql<KeyRow[]>`
    update studio.keys k set last_used_at = ${new Date(now)} from studio.studios s
    where k.secret_sm3 = ${Buffer.from(secretSm3)} and k.kind = 'read' and k.revoked_at is null and s.acct = k.acct
    returning k.key_id, k.acct, s.tier, k.public_key, k.expires_at <= ${new Date(now)} as is_expired,
      not exists (select from studio.applications a where a.acct = k.acct and a.state <> 'active') as may_write`;
  return keyOf(rows[0]);
}

const NONCE_MEMORY_MS = 600_000;

/** True when the nonce is new within the last ten minutes; it is remembered from now on. */
export async function rememberNonce(sql: postgres.Sql, keyId: string, nonce: string, now: Instant): Promise<boolean> {
  const db = orm(sql);
  await db.delete(nonces).where(lt(nonces.seenAt, instant(now - NONCE_MEMORY_MS)));
  const rows = await db.insert(nonces).values({ keyId, nonce, seenAt: now }).onConflictDoNothing().returning({ nonce: nonces.nonce });
  return rows.length === 1;
}

export async function logRequest(
  sql: postgres.Sql,
  row: {
    readonly traceId: string;
    readonly acct: string;
    readonly at: Instant;
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly code: string | null;
  },
): Promise<void> {
  await orm(sql).insert(studioRequests).values(row).onConflictDoNothing();
}

export type NewStudio = {
  readonly acct: AccountId;
  readonly nameZh: string | null;
  readonly nameEn: string;
  readonly tier: 'standard' | 'partner';
  readonly isHosted: boolean;
  readonly writeKey: { readonly keyId: string; readonly publicKey: Uint8Array };
  readonly readKey: { readonly keyId: string; readonly secretSm3: Uint8Array };
  readonly at: Instant;
  readonly keysExpireAt: Instant;
  /** In the same database transaction. */
  readonly also?: (tx: postgres.TransactionSql) => Promise<void>;
};

/** Adds a studio and its keys; one that is there already stays as it is. */
export async function insertStudio(sql: postgres.Sql, studio: NewStudio): Promise<void> {
  await sql.begin(async (tx) => {
    const db = orm(tx);
    const { acct, nameZh, nameEn, tier, isHosted, at, writeKey, readKey, keysExpireAt } = studio;
    await db
      .insert(studios)
      .values({ acct, nameZh, nameEn, tier, isHosted, createdAt: at })
      .onConflictDoUpdate({ target: studios.acct, set: { isHosted } });
    await db
      .insert(studioKeys)
      .values([
        { keyId: writeKey.keyId, acct, kind: 'write', publicKey: writeKey.publicKey, expiresAt: keysExpireAt },
        { keyId: readKey.keyId, acct, kind: 'read', secretSm3: readKey.secretSm3, expiresAt: keysExpireAt },
      ])
      .onConflictDoNothing();
    await studio.also?.(tx);
  });
}
