/** Alerts as a role may see them (product V-02, V-08): the market's role sees pseudonyms, trades and prices, finance sees payments too, tax sees
 *  names. What is not in a role's audience does not exist for it. */
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { getPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { constantPrefix, type DetectorId } from '#sandbox/surveillance/detector.ts';
import { DETECTORS } from '#sandbox/surveillance/detectors.ts';
import type { SupervisorRole } from '#server/market/audience.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { AlertLine, AlertPage, AlertView, DetectorParameter } from '#server/trpc/views.ts';
import {
  type AlertFilter,
  type AlertRow,
  type Audience,
  countOpenAlerts,
  findAlertRow,
  listAlertRows,
  listSimilarRows,
  listSteps,
} from './alerts.repo.ts';
import { chainItems } from './chain-items.repo.ts';
import { listCoolDownsOfAlert } from './cool-downs.repo.ts';
import { coolDownView } from './cool-downs.ts';
import { listEvidence, listNames } from './evidence.repo.ts';

export const AUDIENCE_OF = { sup_market: 'market', sup_finance: 'finance', sup_tax: 'tax' } as const satisfies Record<
  SupervisorRole,
  Audience
>;
const SEES_NAMES: readonly SupervisorRole[] = ['sup_tax'];
const PAGE = 50;
const MOST_EVIDENCE = 300;

export type AlertQuery = Pick<AlertFilter, 'state' | 'detector' | 'minScore' | 'about' | 'beforeNo'>;

export async function listAlerts({ tx, now }: Snapshot, role: SupervisorRole, wish: AlertQuery): Promise<AlertPage> {
  const audience = AUDIENCE_OF[role];
  const [rows, counts] = await Promise.all([listAlertRows(tx, { ...wish, audience, limit: PAGE + 1 }), countOpenAlerts(tx, audience, now)]);
  const shown = rows.slice(0, PAGE);
  return { alerts: shown.map((row) => lineOf(row, now)), next: rows.length > PAGE ? (shown.at(-1)?.alert_no ?? null) : null, ...counts };
}

export async function getAlert({ tx, now }: Snapshot, role: SupervisorRole, alertId: string): Promise<AlertView | null> {
  const audience = AUDIENCE_OF[role];
  const row = await findAlertRow(tx, alertId);
  if (row === null || !row.audience.includes(audience)) return null;
  const [evidenceRows, steps, similar, coolDowns, names] = await Promise.all([
    listEvidence(tx, row.trade_ids.slice(0, MOST_EVIDENCE)),
    listSteps(tx, alertId),
    listSimilarRows(tx, row, audience),
    listCoolDownsOfAlert(tx, alertId),
    SEES_NAMES.includes(role) ? listNames(tx, row.account_refs.filter(isAccount)) : {},
  ]);
  return {
    ...lineOf(row, now),
    firstAt: row.first_at.toISOString(),
    figures: Object.entries(row.figures).map(([name, value]) => ({ name, value })),
    accountRefs: row.account_refs,
    names,
    evidenceRows,
    evidenceTotal: row.trade_ids.length,
    parameters: listParameters(getPackByHash(row.pack_hash), row.detector),
    packHash: row.pack_hash,
    factNo: row.fact_no,
    caseId: row.case_id,
    steps: steps.map((step) => ({
      from: step.from_state,
      to: step.to_state,
      at: step.at.toISOString(),
      by: step.by_staff,
      role: step.role,
      reason: step.reason,
    })),
    similar: similar.map((other) => lineOf(other, now)),
    canAct: row.state === 'new' || row.state === 'triaged',
    coolDowns: coolDowns.map((each) => coolDownView(each, now)),
    chain: row.detector === 'CN-SV-12' && typeof row.figures.disputed === 'string' ? await chainItems(tx, row.figures.disputed, now) : null,
  };
}

function isAccount(ref: string): boolean {
  return /^[0-9a-f]{64}$/.test(ref);
}

function lineOf(row: AlertRow, now: Instant): AlertLine {
  return {
    alertId: row.alert_id,
    alertNo: row.alert_no,
    detector: row.detector,
    title: DETECTORS.find(({ id }) => id === row.detector)?.title ?? { zh: null, en: row.name },
    typology: row.typology,
    score: row.score,
    at: row.at.toISOString(),
    explanation: { zh: row.explanation_zh, en: row.explanation_en },
    evidence: row.trade_ids.length,
    accounts: row.account_refs.length,
    state: row.state,
    dueAt: row.due_at.toISOString(),
    isOverdue: row.state === 'new' && row.due_at.toISOString() < toIso(now),
    revision: row.revision,
  };
}

/** Its own constants and those that it shares with other rules, weight and base rate apart. */
export function listParameters(pack: RulePack, id: DetectorId): readonly DetectorParameter[] {
  const prefix = `${constantPrefix(id)}.`;
  const shared = DETECTORS.find((detector) => detector.id === id)?.shares ?? [];
  return Object.entries(pack.constants)
    .filter(([constant]) => (constant.startsWith(prefix) && !/\.(?:weight|baseRate)$/.test(constant)) || shared.includes(constant))
    .map(([constant, parameter]) => ({
      constant,
      name: constant.startsWith(prefix) ? constant.slice(prefix.length) : constant,
      words: parameter.name ?? null,
      value: parameter.value,
      unit: parameter.unit,
      stricterIs: parameter.stricterIs ?? null,
      citation: parameter.citation,
      confidence: parameter.confidence,
    }));
}
