/** Rows of studios that join. */
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { JoinFacts } from '#sandbox/studios/join-document.ts';
import type { Tx } from '#server/db.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export const APPLICATION_STATES = ['applied', 'verified', 'active', 'suspended', 'refused'] as const;
export type ApplicationState = (typeof APPLICATION_STATES)[number];
export type ApplicationRow = {
  readonly application_id: string;
  readonly acct: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly credit_code: string;
  readonly phone: string | null;
  readonly certificate: Uint8Array;
  readonly is_licensed: boolean;
  readonly state: ApplicationState;
  readonly reason: string | null;
  readonly applied_at: Date;
  readonly verified_at: Date | null;
  readonly recheck_at: Date | null;
};
const SELECT = `select application_id, acct, name_zh, name_en, credit_code, phone, certificate, is_licensed, state, reason, applied_at,
    verified_at, recheck_at
  from studio.applications`;

export async function findApplication(sql: Queryable, applicationId: string): Promise<ApplicationRow | null> {
  const [row] = await query<ApplicationRow>(sql, `${SELECT} where application_id = $1`, [applicationId]);
  return row ?? null;
}

export async function listDueChecks(sql: Queryable, now: Instant): Promise<readonly ApplicationRow[]> {
  return query<ApplicationRow>(sql, `${SELECT} where state in ('verified', 'active') and recheck_at <= $1 order by recheck_at limit 100`, [
    toIso(now),
  ]);
}

/** A key that has a studio already is not given to another; who was refused may apply again with the same. */
export async function isStudio(sql: Queryable, acct: string): Promise<boolean> {
  return (
    (
      await query(
        sql,
        `select 1 from studio.studios s where acct = $1
     and not exists (select from studio.applications a where a.acct = s.acct and a.state = 'refused')`,
        [parseAccountId(acct)],
      )
    ).length > 0
  );
}

/** A console finds its studio by the name in the certificate, so no two bear one. @returns false: another studio bears one of these */
export async function claimNames(tx: Tx, acct: string, { nameZh, nameEn }: Pick<JoinFacts, 'nameZh' | 'nameEn'>): Promise<boolean> {
  await query(tx, "select pg_advisory_xact_lock(hashtext('studio.names'))");
  const others = await query(tx, 'select 1 from studio.studios where acct <> $1 and (name_zh in ($2, $3) or name_en in ($2, $3))', [
    acct,
    nameZh,
    nameEn,
  ]);
  if (others.length > 0) return false;
  await query(tx, 'update studio.studios set name_zh = $2, name_en = $3 where acct = $1', [acct, nameZh, nameEn]);
  return true;
}

/** @returns false: this credit code has applied already */
export async function insertApplication(
  tx: Tx,
  facts: JoinFacts & {
    readonly applicationId: string;
    readonly acct: string;
    readonly certificate: Uint8Array;
    readonly isLicensed: boolean;
    readonly signature: Uint8Array;
    readonly at: Instant;
  },
): Promise<boolean> {
  const rows = await query(
    tx,
    `insert into studio.applications (application_id, acct, name_zh, name_en, credit_code, licences, payout, certificate, is_licensed, signature, state, applied_at, phone)
     values ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8, $9::text::boolean, $10, 'applied', $11, $12)
     on conflict (credit_code) do update set application_id = excluded.application_id, name_zh = excluded.name_zh, name_en = excluded.name_en,
       licences = excluded.licences, payout = excluded.payout, certificate = excluded.certificate, is_licensed = excluded.is_licensed,
       signature = excluded.signature, state = 'applied', reason = null, applied_at = excluded.applied_at, phone = excluded.phone
     where applications.state = 'refused' and applications.acct = excluded.acct returning 1`,
    [
      facts.applicationId,
      facts.acct,
      facts.nameZh,
      facts.nameEn,
      facts.creditCode,
      JSON.stringify(facts.licences),
      JSON.stringify(facts.payout),
      facts.certificate,
      String(facts.isLicensed),
      facts.signature,
      toIso(facts.at),
      facts.phone ?? null,
    ],
  );
  return rows.length === 1;
}

/** From one of `from`, or not at all. */
export async function moveApplication(
  tx: Queryable,
  applicationId: string,
  from: readonly ApplicationState[],
  to: {
    readonly state: ApplicationState;
    readonly reason: string | null;
    readonly verifiedAt?: Instant;
    readonly recheckAt?: Instant;
  },
): Promise<boolean> {
  const rows = await query(
    tx,
    `update studio.applications set state = $3, reason = $4, verified_at = coalesce($5::timestamptz, verified_at),
       recheck_at = coalesce($6::timestamptz, recheck_at) where application_id = $1 and state = any($2) returning 1`,
    [
      applicationId,
      from,
      to.state,
      to.reason,
      to.verifiedAt === undefined ? null : toIso(to.verifiedAt),
      to.recheckAt === undefined ? null : toIso(to.recheckAt),
    ],
  );
  return rows.length === 1;
}
