/** SQL of challenges and sessions. A token is stored as its hash: a copy of the database signs nobody in. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { SessionView, StaffRole } from '#server/trpc/views.ts';
import type { PlayerSession, StaffSession } from './identity.ts';
import { type PlayerRow, playerColumns, playerOf } from './players.repo.ts';

export async function insertChallenge(sql: Sql, challenge: string, issuedAt: Instant, expiresAt: Instant): Promise<void> {
  await sql`insert into identity.challenges (challenge, issued_at, expires_at) values (${challenge}, ${new Date(issuedAt)}, ${new Date(expiresAt)})`;
  await sql`delete from identity.challenges where expires_at < ${new Date(issuedAt)}`;
}

/** True once: whoever deletes the row has used the challenge. */
export async function takeChallengeRow(sql: Sql, challenge: string, issuedAt: Instant, now: Instant): Promise<boolean> {
  const rows = await sql`
    delete from identity.challenges where challenge = ${challenge} and issued_at = ${new Date(issuedAt)} and expires_at > ${new Date(now)} returning 1`;
  return rows.length === 1;
}

export type NewSession = {
  readonly sessionId: string;
  readonly tokenHash: Uint8Array;
  readonly now: Instant;
};

export async function insertSession(
  sql: Sql,
  session: NewSession & { readonly acct: AccountId; readonly device: string; readonly deviceHash: Uint8Array; readonly expiresAt: Instant },
): Promise<void> {
  const now = new Date(session.now);
  await sql`
    insert into identity.sessions (session_id, token_hash, acct, device, device_hash, created_at, last_used_at, expires_at)
    values (${session.sessionId}, ${session.tokenHash}, ${session.acct}, ${session.device}, ${session.deviceHash}, ${now}, ${now},
      ${new Date(session.expiresAt)})`;
}

/** `now` by the machine's clock, `holdsAt` in business time. */
export async function findSession(sql: Sql, tokenHash: Uint8Array, now: Instant, holdsAt: Instant): Promise<PlayerSession | null> {
  const [row] = await sql<(PlayerRow & { session_id: string; last_used_at: Date })[]>`
    select s.session_id, s.last_used_at, ${playerColumns(sql, holdsAt)}
    from identity.sessions s join identity.players p on p.acct = s.acct
    where s.token_hash = ${tokenHash} and s.ended_at is null and s.expires_at > ${new Date(now)}`;
  if (row === undefined) return null;
  // Once a minute is enough for a list that people read.
  if (row.last_used_at.getTime() < now - 60_000) {
    await sql`update identity.sessions set last_used_at = ${new Date(now)} where session_id = ${row.session_id}`;
  }
  return { sessionId: row.session_id, player: playerOf(row) };
}

/** False when the account has no such living session. */
export async function endSession(sql: Sql, sessionId: string, acct: AccountId | null, now: Instant): Promise<boolean> {
  const rows = await sql`
    update identity.sessions set ended_at = ${new Date(now)}
    where session_id = ${sessionId} and (${acct}::text is null or acct = ${acct}) and ended_at is null returning 1`;
  return rows.length === 1;
}

export async function listSessions(sql: Sql, acct: AccountId, currentSessionId: string, now: Instant): Promise<readonly SessionView[]> {
  const rows = await sql<{ session_id: string; device: string; created_at: Date; last_used_at: Date; expires_at: Date }[]>`
    select session_id, device, created_at, last_used_at, expires_at from identity.sessions
    where acct = ${acct} and ended_at is null and expires_at > ${new Date(now)} order by last_used_at desc`;
  return rows.map((row) => ({
    sessionId: row.session_id,
    device: row.device,
    createdAt: iso(row.created_at),
    lastUsedAt: iso(row.last_used_at),
    expiresAt: iso(row.expires_at),
    isCurrent: row.session_id === currentSessionId,
  }));
}

function iso(at: Date): string {
  return toIso(instant(at.getTime()));
}

/** Records the entry in the same statement: nobody is in without being written down (product V-01). */
export async function insertStaffSession(
  sql: Sql,
  session: NewSession & { readonly staff: Omit<StaffSession, 'sessionId'> },
): Promise<void> {
  const { staff } = session;
  const now = new Date(session.now);
  await sql`
    with entered as (
      insert into identity.access_log (staff_id, role, certificate_serial, act, at)
      values (${staff.staffId}, ${staff.role}, ${staff.certificateSerial}, 'sign_in', ${now})
    )
    insert into identity.staff_sessions (session_id, token_hash, staff_id, name, role, organisation, certificate_serial, created_at, last_used_at)
    values (${session.sessionId}, ${session.tokenHash}, ${staff.staffId}, ${staff.name}, ${staff.role}, ${staff.organisation},
      ${staff.certificateSerial}, ${now}, ${now})`;
}

/** The oldest first. @returns how many were deleted */
export async function deleteEntriesBefore(sql: Sql, before: Instant, limit: number): Promise<number> {
  const { count } = await sql`delete from identity.access_log where access_no in (
    select access_no from identity.access_log where at < ${new Date(before)} order by at limit ${limit})`;
  return count;
}

/** Extends the idle time with every use. */
export async function extendStaffSession(sql: Sql, tokenHash: Uint8Array, now: Instant, idleSince: Instant): Promise<StaffSession | null> {
  const [row] = await sql<
    { session_id: string; staff_id: string; name: string; role: StaffRole; organisation: string; certificate_serial: string }[]
  >`
    update identity.staff_sessions set last_used_at = greatest(last_used_at, ${new Date(now)})
    where token_hash = ${tokenHash} and ended_at is null and last_used_at > ${new Date(idleSince)}
    returning session_id, staff_id, name, role, organisation, certificate_serial`;
  if (row === undefined) return null;
  return {
    sessionId: row.session_id,
    staffId: row.staff_id,
    name: row.name,
    role: row.role,
    organisation: row.organisation,
    certificateSerial: row.certificate_serial,
  };
}

export async function endStaffSession(sql: Sql, sessionId: string, now: Instant): Promise<void> {
  await sql`update identity.staff_sessions set ended_at = ${new Date(now)} where session_id = ${sessionId} and ended_at is null`;
}
