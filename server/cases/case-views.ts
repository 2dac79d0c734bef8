/** Cases as officials see them, restrictions as the restricted see them (product V-14, V-16). */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import type { FreezeScope } from '#sandbox/cases/case-order.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { type AwardRow, listAwards } from '#server/guarantee/guarantee.repo.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { SupervisorRole } from '#server/market/audience.ts';
import { isoOrNull } from '#server/market/item-state.ts';
import { listCatalogueNames } from '#server/market/names.repo.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type {
  AppealView,
  AwardView,
  CaseLine,
  CasePage,
  CaseTarget,
  CaseView,
  FreezeView,
  HeldItemView,
  JudgementView,
  Names,
  Restriction,
  StolenView,
} from '#server/trpc/views.ts';
import { awaitedActs } from './await-act.ts';
import { type CaseFilter, type CaseRow, countCases, findCase, listCases, listEvents } from './cases.repo.ts';
import { type AppealRow, type FreezeRow, findTarget, listAppeals, listFreezesOfCase, listFreezesOfHolder } from './freezes.repo.ts';
import { haltsOfCase } from './halt-views.ts';
import { type HeldItem, type JudgementRow, listHeldByCase, listJudgements } from './judgements.repo.ts';
import { returnOf } from './return-item.ts';
import { listStolenOfCase, type StolenItem } from './returns.repo.ts';
import type { CaseGround } from './sign-acts.ts';

const PAGE = 50;
const AWARDS_SHOWN = 50;

export async function casePage(
  { tx, now }: Snapshot,
  role: SupervisorRole,
  filter: Omit<CaseFilter, 'audience' | 'limit'>,
): Promise<CasePage> {
  const audience = AUDIENCE_OF[role];
  const [rows, counts] = await Promise.all([listCases(tx, { ...filter, audience, limit: PAGE + 1 }), countCases(tx, audience, now)]);
  const shown = rows.slice(0, PAGE);
  return { cases: shown.map((row) => lineOf(row, now)), next: rows.length > PAGE ? (shown.at(-1)?.case_no ?? null) : null, ...counts };
}

/** Null: absent, or none of this role's. */
export async function caseView(
  ground: CaseGround,
  { tx, now }: Pick<Snapshot, 'tx' | 'now'>,
  role: SupervisorRole,
  caseId: string,
): Promise<CaseView | null> {
  const row = await findCase(tx, caseId);
  if (row === null || !row.audience.includes(AUDIENCE_OF[role])) return null;
  const [events, freezes, halts, stolen, awards, held, judgements, coSigns] = await Promise.all([
    listEvents(tx, caseId),
    listFreezesOfCase(tx, caseId),
    haltsOfCase({ tx, now }, caseId),
    listStolenOfCase(tx, caseId),
    listAwards(tx, { caseId }, AWARDS_SHOWN),
    listHeldByCase(tx, caseId),
    listJudgements(tx, caseId),
    awaitedActs({ tx, now }, caseId),
  ]);
  const appeals = await listAppeals(
    tx,
    freezes.map((freeze) => freeze.freeze_id),
  );
  const { temporaryFreezeMs, longestFreezeMs, inquiryMs, inquiryExtensionMs } = clocksAt(ground.ledger, now);
  return {
    ...lineOf(row, now),
    ground: row.ground,
    openedBy: row.opened_by,
    closedAt: isoOrNull(row.closed_at),
    outcome: row.outcome,
    canAct: row.state !== 'closed',
    terms: { temporaryFreezeMs, longestFreezeMs, inquiryMs, inquiryExtensionMs },
    events: events.map(({ at, by_staff: by, role: as, act, body }) => ({ at: at.toISOString(), by, role: as, act, body })),
    freezes: freezes.map((freeze) => freezeView(freeze, appeals, now)),
    halts,
    stolen: stolen.map((item) => stolenView(ground, item)),
    awards: awards.map(awardView),
    held: held.map(heldView),
    judgements: judgements.map(judgementView),
    coSigns,
  };
}

function stolenView(ground: CaseGround, stolen: StolenItem): StolenView {
  const back = returnOf(ground, stolen);
  const { reportId, itemId, text, claimant, holder, bought } = stolen;
  return {
    ...{ reportId, itemId, text, claimant, holder },
    swornAt: stolen.swornAt.toISOString(),
    back:
      back === null
        ? null
        : {
            entry: String(back.entry),
            serial: String(back.item.serial),
            ver: String(back.item.ver),
            to: toHex(back.item.to),
            rulePack: toHex(back.rulePack),
          },
    bought: bought === null ? null : { tradeId: bought.tradeId, priceFen: String(bought.priceFen), isFinal: bought.state === 'paid_out' },
  };
}

function heldView({ itemId, names, holder, serial, ver }: HeldItem): HeldItemView {
  return { itemId, names, holder, serial: String(serial), ver: String(ver) };
}

function judgementView(row: JudgementRow): JudgementView {
  const { item_id: itemId, from_acct: from, to_acct: to, court, docket, file_sm3: fileSm3, tx_id: txId, at } = row;
  return { itemId, from, to, court, docket, fileSm3, txId, at: at.toISOString() };
}

export function awardView({ tradeId, itemId, at, lostFen, awardFen, paidFen }: AwardRow): AwardView {
  return { tradeId, itemId, at: at.toISOString(), lostFen, awardFen, paidFen };
}

function lineOf(row: CaseRow, now: Instant): CaseLine {
  return {
    caseId: row.case_id,
    number: `C-${row.opened_at.getUTCFullYear()}-${row.case_no.padStart(6, '0')}`,
    caseNo: row.case_no,
    source: row.source,
    sourceId: row.source_id,
    topic: row.topic,
    title: row.title,
    state: row.state,
    owner: row.owner_staff,
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    isOverdue: row.state !== 'closed' && row.due_at.getTime() < now,
  };
}

/** An end that has come ends the freeze, whether or not the clock has written it down yet. */
const isInForce = (freeze: FreezeRow, now: Instant): boolean => freeze.state === 'active' && freeze.until.getTime() > now;

function freezeView(freeze: FreezeRow, appeals: readonly AppealRow[], now: Instant): FreezeView {
  const isOver = freeze.state === 'active' && !isInForce(freeze, now);
  return {
    freezeId: freeze.freeze_id,
    scope: freeze.scope,
    targetId: freeze.target_id,
    holder: freeze.holder,
    reasonCode: freeze.reason_code,
    reason: freeze.reason,
    isSecret: freeze.is_secret,
    state: isOver ? 'ended' : freeze.state,
    endedAs: isOver ? 'over' : freeze.ended_as,
    setBy: freeze.set_by,
    approvedBy: freeze.approved_by,
    proposedAt: freeze.proposed_at.toISOString(),
    startsAt: isoOrNull(freeze.starts_at),
    until: freeze.until.toISOString(),
    endedAt: isoOrNull(isOver ? freeze.until : freeze.ended_at),
    txId: freeze.tx_id,
    appeal: appealOf(appeals, freeze.freeze_id),
  };
}

function appealOf(appeals: readonly AppealRow[], freezeId: string): AppealView | null {
  const row = appeals.find((appeal) => appeal.freeze_id === freezeId);
  if (row === undefined) return null;
  return {
    appealId: row.appeal_id,
    text: row.text,
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    state: row.state,
    answer: row.answer,
    answeredAt: isoOrNull(row.answered_at),
  };
}

/** Of a person, for officials: in force now, or objected to. */
export async function freezesOn({ tx, now }: Snapshot, acct: string): Promise<readonly FreezeView[]> {
  const freezes = await listFreezesOfHolder(tx, acct);
  const appeals = await listAppeals(
    tx,
    freezes.map((freeze) => freeze.freeze_id),
  );
  return freezes.map((freeze) => freezeView(freeze, appeals, now));
}

export async function restrictionsOf({ tx, now }: Snapshot, acct: string): Promise<readonly Restriction[]> {
  const freezes = await listFreezesOfHolder(tx, acct);
  const [appeals, names] = await Promise.all([
    listAppeals(
      tx,
      freezes.map((freeze) => freeze.freeze_id),
    ),
    listItemNames(
      tx,
      freezes.filter(({ scope }) => scope === 'item').map((freeze) => freeze.target_id),
    ),
  ]);
  return freezes.map((freeze) => {
    const appeal = appealOf(appeals, freeze.freeze_id);
    return {
      freezeId: freeze.freeze_id,
      scope: freeze.scope,
      targetId: freeze.target_id,
      names: names.get(freeze.target_id) ?? null,
      reasonCode: freeze.is_secret ? 'authority' : freeze.reason_code,
      reason: freeze.is_secret ? null : freeze.reason,
      isInForce: isInForce(freeze, now),
      until: freeze.until.toISOString(),
      canAppeal: appeal === null && freeze.claim_id === null && isInForce(freeze, now),
      claimId: freeze.claim_id,
      appeal,
    };
  });
}

async function listItemNames(tx: Snapshot['tx'], itemIds: readonly string[]): Promise<ReadonlyMap<string, Names>> {
  const rows = await query<{ item_id: string; zh: string | null; en: string }>(
    tx,
    `select i.item_id, c.name_zh as zh, c.name_en as en from custody.items i join catalogue.item_classes c using (class_id)
     where i.item_id = any($1)`,
    [itemIds],
  );
  return new Map(rows.map(({ item_id: id, zh, en }) => [id, { zh, en }]));
}

/** Null: nothing has this id. */
export async function targetView({ tx, now }: Snapshot, scope: FreezeScope, targetId: string): Promise<CaseTarget | null> {
  const found = await findTarget(tx, scope, targetId);
  if (found === null) return null;
  const [row] = await query<{ until: Date }>(
    tx,
    "select until from cases.freezes where scope = $1 and target_id = $2 and state = 'active' and until > $3",
    [scope, targetId, toIso(now)],
  );
  const { target, holder } = found;
  const ledgerRef = target.kind === 'item' ? String(target.serial) : target.kind === 'class' ? String(target.cls) : targetId;
  const names =
    target.kind === 'item'
      ? await listItemNames(tx, [targetId])
      : target.kind === 'class'
        ? await listCatalogueNames(tx, [targetId])
        : null;
  return { scope, targetId, ledgerRef, names: names?.get(targetId) ?? null, holder, frozenUntil: isoOrNull(row?.until ?? null) };
}
