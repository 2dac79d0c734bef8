/** SQL of closing an account, and of what somebody deletes while it lives. */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { CloseObstacle } from '#server/trpc/views.ts';

const POTS = `array['available:' || $1, 'held:' || $1, 'coming:' || $1, 'withdrawing:' || $1]`;

/** Each is a question that is true while it stands in the way. Freezes that nobody has told the person of are not among them. */
const OBSTACLES: Readonly<Record<CloseObstacle, string>> = {
  account_published: 'exists (select from identity.players where acct = $1 and is_demonstration)',
  account_restricted: `exists (select from cases.freezes where holder = $1 and state = 'active' and until > $2)`,
  account_claims_open: `exists (select from cases.claims where (claimant = $1 or respondent = $1) and state <> 'closed')`,
  account_orders_open: 'exists (select from market.orders where acct = $1 and ended_at is null)',
  account_gifts_open: `exists (select from market.gifts where (giver = $1 or recipient = $1) and state = 'open')`,
  account_trades_open: `exists (select from market.trades where (seller = $1 or buyer = $1) and state not in ('paid_out', 'reversed', 'failed'))`,
  account_transfers_open: 'exists (select from payments.transfers where acct = $1 and ended_at is null)',
  account_award_open: `exists (select from cases.guarantee_awards a where a.acct = $1
    and a.award_fen > (select coalesce(sum(p.fen), 0) from cases.guarantee_payments p where p.award_id = a.award_id))`,
  account_balance: `exists (select from journal.accounts where account_id = any(${POTS}) and balance_fen <> 0)`,
};

const NAMES: Readonly<Record<string, unknown>> = OBSTACLES;
const isObstacle = (name: string): name is CloseObstacle => Object.hasOwn(NAMES, name);

export async function listObstacles(tx: Tx, acct: AccountId, now: Instant): Promise<readonly CloseObstacle[]> {
  const columns = Object.entries(OBSTACLES).map(([code, text]) => `${text} as ${code}`);
  const [row] = await query<Record<string, boolean>>(tx, `select ${columns.join(', ')}, $2::timestamptz as now`, [acct, toIso(now)]);
  return Object.keys(OBSTACLES)
    .filter(isObstacle)
    .filter((code) => row?.[code] === true);
}

/** Takes the row for this database transaction. @returns false when it is closed already */
export async function lockOpenAccount(tx: Tx, acct: AccountId): Promise<boolean> {
  const rows = await query(tx, 'select 1 from identity.players where acct = $1 and closed_at is null for update', [acct]);
  return rows.length === 1;
}

export async function closePlayer(tx: Tx, acct: AccountId, name: string, now: Instant, machineNow: Instant): Promise<void> {
  const at = toIso(now);
  await query(tx, 'update identity.players set closed_at = $2, display_name = $3 where acct = $1', [acct, at, name]);
  await query(tx, 'update identity.sessions set ended_at = $2 where acct = $1 and ended_at is null', [acct, toIso(machineNow)]);
  await query(tx, 'delete from market.watched where acct = $1', [acct]);
  await query(tx, 'delete from market.offer_settings where acct = $1', [acct]);
  await query(tx, 'delete from market.inboxes where acct = $1', [acct]);
  await query(tx, 'delete from market.inbox_read where acct = $1', [acct]);
}

/** The watch list, and sign-ins that ended before. @returns how many rows are gone */
export async function deleteUnneeded(tx: Tx, acct: AccountId, endedBefore: Instant): Promise<number> {
  const watched = await query(tx, 'delete from market.watched where acct = $1 returning 1', [acct]);
  const sessions = await query(
    tx,
    'delete from identity.sessions where acct = $1 and least(ended_at, expires_at) < $2::timestamptz returning 1',
    [acct, toIso(endedBefore)],
  );
  return watched.length + sessions.length;
}
