/** What supervisors see at a glance (product V-05), and the rows behind each figure. */
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { parseSpan, type Span } from '#sandbox/reports/span.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import { RefusalError } from '#server/refusal.ts';
import type { ExperimentView, StoredTile, SupervisorTiles, TileFigures, TileName, TileRow, TileRows } from '#server/trpc/views.ts';
import { SIGHT, type SupervisorRole } from './audience.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { listExperimentViews } from './experiments.ts';
import { DAY_MS } from './figures.repo.ts';
import type { Snapshot } from './snapshot.ts';
import { listTile, spanTiles, sumTile, type TileRowRecord, type TileScope } from './tile-rows.repo.ts';

export const TILES = [
  'trades',
  'turnover',
  'filtered',
  'assessed',
  'sellers',
  'alerts',
  'alertsOverdue',
  'cases',
  'casesOverdue',
  'frozen',
  'certify',
  'cost',
  'reconciliation',
  'caps',
  'members',
] as const satisfies readonly TileName[];

/** Who says which members are up. */
export type MembersGround = {
  readonly ledger: {
    health(): Pick<ReturnType<LedgerNode['health']>, 'halted'>;
    readonly config: Pick<LedgerNode['config'], 'members'>;
    readonly consortium: LedgerNode['consortium'];
  };
};

/** `period` undefined: today. */
export async function getTiles(ground: MembersGround, snapshot: Snapshot, role: SupervisorRole, period?: string): Promise<SupervisorTiles> {
  const { now } = snapshot;
  const day = beijingDate(now);
  const asked = parseSpan(period ?? day);
  // Against the day before: that of the day that is looked at, and of today where a longer span is.
  const today = asked.kind === 'day' ? asked : parseSpan(day);
  const yesterday = parseSpan(beijingDate(instant(startOfBeijingDate(today.fromDate) - DAY_MS)));
  const scope = scopeOf(asked, snapshot, role);
  const standing = (tile: StoredTile) => sumTile(snapshot, tile, scope);
  const ofToday = await figuresOf(snapshot, today, role);
  const [of, dayBefore, alerts, alertsOverdue, cases, casesOverdue, frozen, books, experiments] = await Promise.all([
    asked.kind === 'day' ? ofToday : figuresOf(snapshot, asked, role),
    figuresOf(snapshot, yesterday, role),
    standing('alerts'),
    standing('alertsOverdue'),
    standing('cases'),
    standing('casesOverdue'),
    standing('frozen'),
    standing('reconciliation'),
    listExperimentViews(snapshot),
  ]);
  const members = memberRows(ground, now);
  return {
    period: asked.label,
    fromDate: asked.fromDate,
    beforeDate: asked.beforeDate,
    of,
    day: today.fromDate,
    today: ofToday,
    dayBefore,
    alertsOpen: alerts.rows,
    alertsOverdue: alertsOverdue.rows,
    casesOpen: cases.rows,
    casesOverdue: casesOverdue.rows,
    frozen: frozen.rows,
    reconciliationFen: books.sum,
    capsUsed: capRows(experiments).map(({ id, value }) => ({ name: id, ratio: value })),
    membersUp: members.filter(({ value }) => value === '1').length,
    membersTotal: members.length,
  };
}

/** The rows of a tile, fifty at a time. @throws {RefusalError} `role_missing` where the role may not see them (V-02) */
export async function listTileRows(
  ground: MembersGround,
  snapshot: Snapshot,
  role: SupervisorRole,
  ask: { readonly tile: TileName; readonly period: string; readonly cursor?: string | undefined },
): Promise<TileRows> {
  const { tile, period, cursor } = ask;
  if (!seesRows(tile, role))
    throw new RefusalError('forbidden', 'role_missing', 'Your certificate has another role. Ask your organisation for access.');
  const span = parseSpan(period);
  if (tile === 'caps' || tile === 'members') {
    const rows = tile === 'members' ? memberRows(ground, snapshot.now) : capRows(await listExperimentViews(snapshot));
    const sum = String(rows.reduce((total, { value }) => total + Number(value), 0));
    return { tile, period: span.label, count: rows.length, sum, p50Ms: null, p95Ms: null, rows, nextCursor: null };
  }
  const scope = scopeOf(span, snapshot, role);
  const [total, rows] = await Promise.all([
    sumTile(snapshot, tile, scope),
    listTile(snapshot, tile, scope, { after: placeOf(cursor), limit: PAGE + 1 }),
  ]);
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  return {
    tile,
    period: span.label,
    count: total.rows,
    sum: total.sum,
    p50Ms: roundOrNull(total.p50),
    p95Ms: roundOrNull(total.p95),
    rows: shown.map(rowOf),
    nextCursor: rows.length > PAGE && last !== undefined ? writeCursor([last.place, last.id]) : null,
  };
}

const PAGE = 50;

/** Taxes of single sales are seen by who sees tax lines. */
function seesRows(tile: TileName, role: SupervisorRole): boolean {
  return tile !== 'assessed' || SIGHT[role].tax;
}

function placeOf(cursor: string | undefined): { readonly at: string; readonly id: string } | null {
  const place = readCursor(cursor, 2);
  if (place === null) return null;
  const [at, id] = place;
  if (typeof at === 'string' && typeof id === 'string' && !Number.isNaN(Date.parse(at))) return { at, id };
  throw new RefusalError('malformed', 'cursor_malformed', 'This page of the list cannot be found. Go back to its beginning.');
}

function rowOf({ id, at, zh, en, person, value, detail }: TileRowRecord): TileRow {
  return {
    id,
    at: at === null ? null : at.toISOString(),
    names: en === null ? null : { zh, en },
    personRef: person === null ? null : parseAccountId(person),
    value,
    detail,
  };
}

function scopeOf({ from, before, fromDate, beforeDate }: Span, { now }: Snapshot, role: SupervisorRole): TileScope {
  return { from: toIso(from), before: toIso(before), fromDate, beforeDate, now: toIso(now), audience: AUDIENCE_OF[role] };
}

async function figuresOf(snapshot: Snapshot, span: Span, role: SupervisorRole): Promise<TileFigures> {
  const figures = await spanTiles(snapshot, scopeOf(span, snapshot, role));
  return {
    trades: figures.trades,
    turnoverFen: figures.turnover,
    filteredFen: figures.filtered,
    assessedFen: figures.assessed,
    sellers: figures.sellers,
    costPerTradeFen: figures.trades === 0 ? null : String(BigInt(figures.cost) / BigInt(figures.trades)),
    certifyP50Ms: roundOrNull(figures.p50),
    certifyP95Ms: roundOrNull(figures.p95),
  };
}

function capRows(experiments: readonly ExperimentView[]): readonly TileRow[] {
  return experiments.flatMap(({ experimentId, title, caps }) =>
    caps.map(({ name, used, reserved, limit }) => ({
      id: `${experimentId} ${name}`,
      at: null,
      names: title,
      personRef: null,
      value: ratioText(BigInt(used) + BigInt(reserved), BigInt(limit)),
      detail: null,
    })),
  );
}

/** A member that has said nothing for so long is not counted as up. */
const SILENT_MS = 30_000;

/** Alone, the operator's node is the only member, and it is this process. */
function memberRows({ ledger }: MembersGround, now: number): readonly TileRow[] {
  const isHalted = ledger.health().halted !== null;
  const orgs = new Map(ledger.config.members.map(({ id, org }) => [id, org]));
  const row = (id: number, isUp: boolean, seenAt: number | null): TileRow => ({
    id: String(id),
    at: seenAt === null ? null : toIso(instant(seenAt)),
    names: { zh: null, en: orgs.get(id) ?? String(id) },
    personRef: null,
    value: isUp && !isHalted ? '1' : '0',
    detail: null,
  });
  const heard = ledger.consortium()?.members;
  if (heard === undefined) return ledger.config.members.map(({ id }) => row(id, true, now));
  return heard.map(({ id, isSelf, seenAt, failure }) =>
    row(id, isSelf || (failure === null && seenAt !== null && now - seenAt < SILENT_MS), isSelf ? now : seenAt),
  );
}

function roundOrNull(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : Math.round(ms);
}

/** `0.125`: three digits, rounded down. */
function ratioText(part: bigint, whole: bigint): string {
  if (whole === 0n) return '0.000';
  const thousandths = (part * 1_000n) / whole;
  return `${thousandths / 1_000n}.${String(thousandths % 1_000n).padStart(3, '0')}`;
}
