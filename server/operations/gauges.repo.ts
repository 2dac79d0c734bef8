/** Figures for those who run the market, read from tables when somebody asks for them: small aggregates over indexes, never whole tables. */
import type { Instant } from '#ledger/primitives/instant.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { type Queryable, query } from '#server/journal/rows.repo.ts';

export type RoomFigures = { readonly room: string; readonly seq: number; readonly lagSeconds: number };
export type TableFigures = {
  readonly sealedHeight: number;
  /** Zero, or the books are wrong. */
  readonly imbalanceFen: number;
  readonly heldFen: number;
  readonly payoutsDue: number;
  /** Of every detector that has raised one: those nobody has answered stand with their number, the others with zero. */
  readonly alerts: readonly { readonly detector: string; readonly open: number }[];
  /** By the machine's clock; null: never. */
  readonly backedUpAt: number | null;
  /** Rooms that are kept for ever, but for those of single people and studios. */
  readonly rooms: readonly RoomFigures[];
};

export async function readTableFigures(sql: Queryable, now: Instant): Promise<TableFigures> {
  const [[row], alerts, rooms] = await Promise.all([
    query<{ height: string; imbalance: string; held: string; payouts: number; backedUpAt: Date | null }>(
      sql,
      `select (select coalesce(max(height), 0) from ledger.blocks)::text as height,
         (select coalesce(sum(balance_fen), 0) from journal.accounts)::text as imbalance,
         (select coalesce(sum(left_fen), 0) from journal.holds where state = 'open')::text as held,
         (select count(*) from market.trades where state = 'protected' and deadline_at <= $1)::int as payouts,
         (select max(at) from operations.backups) as "backedUpAt"`,
      [toIso(now)],
    ),
    query<{ detector: string; open: number }>(
      sql,
      `select detector, (count(*) filter (where state in ('new', 'triaged')))::int as open from surveillance.alerts group by detector order by 1`,
    ),
    // The oldest message that no signed head covers yet.
    query<{ room: string; seq: string; since: Date | null }>(
      sql,
      `select r.room, r.head_seq::text as seq, (
         select m.at from outbox.messages m
         where m.room = r.room and m.seq = coalesce((select h.seq from outbox.heads h where h.room = r.room order by h.at desc limit 1), 0) + 1
       ) as since
       from outbox.rooms r where r.room = 'public' or r.room like 'sup:%' order by r.room`,
    ),
  ]);
  return {
    sealedHeight: Number(row?.height ?? '0'),
    imbalanceFen: Number(row?.imbalance ?? '0'),
    heldFen: Number(row?.held ?? '0'),
    payoutsDue: row?.payouts ?? 0,
    alerts,
    backedUpAt: row?.backedUpAt?.getTime() ?? null,
    rooms: rooms.map(({ room, seq, since }) => ({
      room,
      seq: Number(seq),
      lagSeconds: since === null ? 0 : Math.max(0, now - since.getTime()) / 1_000,
    })),
  };
}
