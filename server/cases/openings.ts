/**
 * Opening an identity (product V-13): asked for with case, ground and scope by one official, approved by another, both signing the same
 * document; its hash goes on the ledger with the approval. Every reading is recorded. The person is told when sealing ends.
 */
import type { Sequenced } from '#ledger/node/ledger-node.ts';
import { accountIdBytes } from '#ledger/primitives/ids.ts';
import { instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { documentHash } from '#sandbox/cases/case-order.ts';
import {
  mayExtend,
  OPENING_TEXT_MIN,
  OPENING_WAIT_MS,
  type OpeningOrder,
  openingDocument,
  openingOp,
  type SealingOrder,
  sealingDocument,
} from '#sandbox/cases/opening.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import type { Tx } from '#server/db.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { message } from '#server/exchange/messages.ts';
import type { Identity } from '#server/identity/identity.ts';
import { isSupervisor } from '#server/market/audience.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { OpenedIdentity } from '#server/trpc/views.ts';
import { keptOf, ledgerTxOf } from './await-act.ts';
import { recordStep, requireOpenCase } from './case-desk.ts';
import { type CaseRow, findCase, insertSignature } from './cases.repo.ts';
import { refuseOpening } from './opening-codes.ts';
import {
  extendRow,
  findOpening,
  insertOpening,
  insertRead,
  isPlayer,
  listToTell,
  type OpeningRow,
  openRow,
  setTold,
} from './openings.repo.ts';
import type { Official } from './personal-signatures.ts';
import { type CaseGround, requireStaffSignature, type Signed, sequenceAct } from './sign-acts.ts';

export type OpeningGround = CaseGround & {
  readonly identity: Pick<Identity, 'openPerson'>;
};
/** `waits`: for the office's signature, given elsewhere. */
type OpeningAnswer = { readonly openingId: string; readonly state: 'proposed' | 'open' | 'waits' };

/** Among what waits in a case. */
export const openingStep = (openingId: string): string => `approve ${openingId}`;
export const openingIdOf = (actId: string): string => `opn_${actId}`;

export async function askOpening(ground: OpeningGround, staff: Official, order: OpeningOrder, signature: string): Promise<OpeningAnswer> {
  refuseOrder(order);
  const openingId = openingIdOf(order.actId);
  const document = openingDocument(order);
  const known = await findOpening(ground.sql, openingId);
  if (known !== null) return replay(known, order);
  const check = async (tx: Tx): Promise<CaseRow> => {
    const row = await requireOpenCase(tx, staff, order.caseId);
    if (!(await isPlayer(tx, order.subject))) throw refuseOpening('opening_subject_unknown');
    return row;
  };
  await ground.sql.begin(check);
  const signed = await requireStaffSignature(ground, staff, document, signature);
  await ground.sql.begin(async (tx) => {
    const row = await check(tx);
    const at = ground.clock.now();
    await insertOpening(tx, openingId, order, staff, at);
    await insertSignature(tx, { subjectId: openingId, act: 'open_identity', staff, document, signature: signed, at });
    await recordStep(ground, tx, row, { by: staff, act: 'opening_asked', to: row.state, body: stepBody(order) });
  });
  return { openingId, state: 'proposed' };
}

function refuseOrder({ caseId, legalGround, reason, scope }: OpeningOrder): void {
  if (caseId === '') throw refuseOpening('opening_case_missing');
  if (legalGround.length < OPENING_TEXT_MIN) throw refuseOpening('opening_ground_missing');
  if (reason.length < OPENING_TEXT_MIN) throw refuseOpening('opening_reason_missing');
  if (scope.length === 0) throw refuseOpening('opening_scope_missing');
}

function stepBody({ subject, legalGround, scope }: Pick<OpeningOrder, 'subject' | 'legalGround' | 'scope'>) {
  return { subject, legalGround, scope: scope.join(' ') };
}

function replay(known: OpeningRow, order: OpeningOrder): OpeningAnswer {
  const isSame = documentHash(openingDocument(orderOf(known))).join() === documentHash(openingDocument(order)).join();
  if (!isSame) throw refuseOpening('opening_state');
  return { openingId: known.opening_id, state: known.state };
}

function orderOf(row: OpeningRow): OpeningOrder {
  return {
    actId: row.opening_id.slice('opn_'.length),
    caseId: row.case_id,
    subject: row.subject,
    legalGround: row.legal_ground,
    reason: row.reason,
    scope: row.scope,
  };
}

/** The second signature: from now on the two may read. */
export async function approveOpening(ground: OpeningGround, staff: Official, openingId: string, signed: Signed): Promise<OpeningAnswer> {
  const row = await ground.sql.begin((tx) => requireProposed(ground, tx, staff, openingId));
  const order = orderOf(row);
  const document = openingDocument(order);
  const signature = await requireStaffSignature(ground, staff, document, signed.signature);
  const env = await ledgerTxOf(ground, staff, signed, {
    ...{ op: openingOp(accountIdBytes(row.subject), documentHash(document)), document, about: null, caseId: row.case_id },
    ...{ step: openingStep(openingId), intent: { act: 'approve_opening', openingId, ...keptOf(staff, signed.signature) } },
  });
  if (env === null) return { openingId, state: 'waits' };
  const follow = async (tx: Tx, { txId }: Sequenced) => {
    await requireProposed(ground, tx, staff, openingId);
    const file = await requireOpenCase(tx, staff, row.case_id);
    const at = ground.clock.now();
    await openRow(tx, openingId, { by: staff, at, txId, sealedUntil: instant(at + clocksAt(ground.ledger, at).sealingMs) });
    await insertSignature(tx, { subjectId: openingId, act: 'open_identity', staff, document, signature, at });
    await recordStep(ground, tx, file, { by: staff, act: 'opening_approved', to: file.state, body: stepBody(order) });
    await ground.outbox.append(tx, [accessMessage(row, 'opened', [row.asked_by, staff.staffId], staff, ground)]);
  };
  await sequenceAct(ground, env, follow, signed);
  return { openingId, state: 'open' };
}

/** To all supervisors, and to whoever audits them: which account, never whose. */
function accessMessage(row: OpeningRow, level: 'opened' | 'read', approvals: readonly string[], by: Official, { clock }: OpeningGround) {
  const body = {
    accessId: row.opening_id,
    byRef: by.staffId,
    agency: row.asked_role,
    level,
    subjects: [row.subject],
    caseId: row.case_id,
    approvals,
  };
  return message('sup:all', 'access.recorded', clock.now(), body);
}

async function requireOpening(tx: Tx, staff: Official, openingId: string): Promise<OpeningRow> {
  const row = await findOpening(tx, openingId, true);
  const file = row === null ? null : await findCase(tx, row.case_id);
  if (row === null || file === null || !isSupervisor(staff.role) || !file.audience.includes(AUDIENCE_OF[staff.role])) {
    throw refuseOpening('opening_unknown');
  }
  return row;
}

async function requireProposed({ clock }: OpeningGround, tx: Tx, staff: Official, openingId: string): Promise<OpeningRow> {
  const row = await requireOpening(tx, staff, openingId);
  await requireOpenCase(tx, staff, row.case_id);
  if (row.state !== 'proposed' || row.asked_at.getTime() + OPENING_WAIT_MS <= clock.now()) throw refuseOpening('opening_state');
  if (row.asked_by === staff.staffId) throw refuseOpening('opening_second_person');
  return row;
}

/** What the scope names and nothing else; recorded before it is answered. */
export async function readIdentity(ground: OpeningGround, staff: Official, openingId: string): Promise<OpenedIdentity> {
  const row = await ground.sql.begin(async (tx) => {
    const opening = await requireOpening(tx, staff, openingId);
    await requireOpenCase(tx, staff, opening.case_id);
    if (opening.state !== 'open') throw refuseOpening('opening_state');
    if (opening.asked_by !== staff.staffId && opening.approved_by !== staff.staffId) throw refuseOpening('opening_not_yours');
    await insertRead(tx, openingId, staff, ground.clock.now());
    await ground.outbox.append(tx, [accessMessage(opening, 'read', [opening.asked_by, opening.approved_by ?? ''], staff, ground)]);
    return opening;
  });
  const person = await ground.identity.openPerson(row.subject);
  if (person === null) throw refuseOpening('opening_subject_unknown');
  const values = { name: person.name, id_number: person.idNumber, phone: person.phone };
  return { openingId, fields: row.scope.map((field) => ({ field, value: values[field] })) };
}

/** Telling the person later, for a reason that is signed and stays in the case. */
export async function extendSealing(ground: OpeningGround, staff: Official, order: SealingOrder, signature: string): Promise<void> {
  const until = parseInstant(order.until);
  const check = async (tx: Tx): Promise<OpeningRow> => {
    const row = await requireOpening(tx, staff, order.openingId);
    await requireOpenCase(tx, staff, row.case_id);
    if (row.sealed_until === null) throw refuseOpening('opening_state');
    if (row.told_at !== null) throw refuseOpening('sealing_over');
    if (row.asked_by !== staff.staffId && row.approved_by !== staff.staffId) throw refuseOpening('opening_not_yours');
    const now = ground.clock.now();
    if (!mayExtend(until, now, row.sealed_until.getTime(), clocksAt(ground.ledger, now).sealingMs)) throw refuseOpening('sealing_term');
    return row;
  };
  await ground.sql.begin(check);
  const document = sealingDocument(order);
  const signed = await requireStaffSignature(ground, staff, document, signature);
  await ground.sql.begin(async (tx) => {
    const row = await check(tx);
    const file = await requireOpenCase(tx, staff, row.case_id);
    const at = ground.clock.now();
    await extendRow(tx, order.openingId, until);
    await insertSignature(tx, {
      subjectId: `${order.openingId}:${order.actId}`,
      act: 'extend_sealing',
      staff,
      document,
      signature: signed,
      at,
    });
    const text = `${order.openingId}: ${order.until} · ${order.reason}`;
    await recordStep(ground, tx, file, { by: staff, act: 'note', to: file.state, body: { text } });
  });
}

/** For the clock of cases. @returns how many people were told */
export async function tellSubjects(ground: CaseGround): Promise<number> {
  const { count } = await ground.sql.begin(async (tx) => {
    const at = ground.clock.now();
    const due = await listToTell(tx, at);
    for (const row of due) {
      await setTold(tx, row.opening_id, at);
      const notice = {
        openingId: row.opening_id,
        openedAt: row.approved_at === null ? null : toIso(instant(row.approved_at.getTime())),
      };
      await ground.outbox.append(tx, [noticeTo(row.subject, 'identity_opened', at, notice)]);
    }
    return { count: due.length };
  });
  return count;
}
