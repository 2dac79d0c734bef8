/** Disputes as parties, desk and supervisors see them. The server masks: an office sees references, names only where its role does (V-02). */
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { ClaimState } from '#sandbox/cases/claim-order.ts';
import { awaitedActs } from '#server/cases/await-act.ts';
import { findCase } from '#server/cases/cases.repo.ts';
import { AUDIENCE_OF } from '#server/compliance/alert-views.ts';
import { query } from '#server/journal/rows.repo.ts';
import { SIGHT, type SupervisorRole } from '#server/market/audience.ts';
import { isoOrNull } from '#server/market/item-state.ts';
import { displayNames, type NameOf, shortName } from '#server/market/names.repo.ts';
import type { ReadGround, Snapshot } from '#server/market/snapshot.ts';
import type { ClaimLine, ClaimParty, ClaimReversal, ClaimRole, ClaimStep, ClaimView, Names, OwnClaim } from '#server/trpc/views.ts';
import { reviewStep } from './claim-ground.ts';
import { type ClaimTrade, findClaimTrade, heldUntil, leavesOf, reversalOf } from './claim-trade.repo.ts';
import { type ClaimRow, findClaim, listClaimsOf, listFiles, listRunning, listSteps, type StepRow } from './claims.repo.ts';

const SHOWN = 100;

export type ClaimViewer =
  | { readonly kind: 'party'; readonly acct: AccountId }
  | { readonly kind: 'desk' }
  | { readonly kind: 'supervisor'; readonly role: SupervisorRole };

type Face = { readonly names: Names; readonly grossFen: string };

async function facesOf(tx: Snapshot['tx'], claims: readonly ClaimRow[]): Promise<ReadonlyMap<string, Face>> {
  const rows = await query<{ trade_id: string; zh: string | null; en: string; gross_fen: string }>(
    tx,
    `select t.trade_id, c.name_zh as zh, c.name_en as en, t.gross_fen from market.trades t join catalogue.item_classes c using (class_id)
     where t.trade_id = any($1)`,
    [claims.map(({ tradeId }) => tradeId)],
  );
  return new Map(rows.map(({ trade_id: id, zh, en, gross_fen: grossFen }) => [id, { names: { zh, en }, grossFen }]));
}

const WAITS: Readonly<Record<ClaimState, ClaimRole | null>> = {
  open: 'respondent',
  deciding: 'desk',
  decided: null,
  appealed: 'supervisor',
  upheld: 'supervisor',
  closed: null,
};

function lineOf(claim: ClaimRow, faces: ReadonlyMap<string, Face>, now: number): ClaimLine {
  const face = faces.get(claim.tradeId);
  const loser: ClaimRole = claim.decision === 'upheld' ? 'respondent' : 'claimant';
  return {
    claimId: claim.claimId,
    number: `D-${claim.openedAt.getUTCFullYear()}-${claim.claimNo.padStart(6, '0')}`,
    tradeId: claim.tradeId,
    kind: claim.kind,
    names: face?.names ?? { zh: null, en: '' },
    grossFen: face?.grossFen ?? '0',
    state: claim.state,
    outcome: claim.outcome,
    openedAt: claim.openedAt.toISOString(),
    dueAt: isoOrNull(claim.dueAt),
    isOverdue: claim.dueAt !== null && claim.dueAt.getTime() <= now,
    waitsFor: claim.state === 'decided' ? loser : WAITS[claim.state],
  };
}

export async function ownClaims({ tx, now }: Snapshot, acct: AccountId): Promise<readonly OwnClaim[]> {
  const rows = await listClaimsOf(tx, acct, SHOWN);
  const faces = await facesOf(tx, rows);
  return rows.map((row) => ({ ...lineOf(row, faces, now), role: row.claimant === acct ? ('claimant' as const) : ('respondent' as const) }));
}

export async function runningClaims({ tx, now }: Snapshot): Promise<readonly ClaimLine[]> {
  const rows = await listRunning(tx, SHOWN);
  const faces = await facesOf(tx, rows);
  return rows.map((row) => lineOf(row, faces, now));
}

/** Null: absent, or not for this viewer; the two look the same from outside. */
export async function claimView(ground: ReadGround, snapshot: Snapshot, viewer: ClaimViewer, claimId: string): Promise<ClaimView | null> {
  const { tx, now } = snapshot;
  const claim = await findClaim(tx, claimId);
  const role = claim === null ? null : await roleIn(snapshot, claim, viewer);
  const trade = claim === null || role === null ? null : await findClaimTrade(tx, claim.tradeId);
  if (claim === null || role === null || trade === null) return null;
  const seesNames = viewer.kind !== 'supervisor' || SIGHT[viewer.role].names;
  const nameOf: NameOf = seesNames ? await displayNames(ground, snapshot, [claim.claimant, claim.respondent]) : shortName;
  const [faces, files, steps, reversed] = await Promise.all([
    facesOf(tx, [claim]),
    listFiles(tx, claimId),
    listSteps(tx, claimId),
    claim.reversalTxId === null ? null : reversedView(tx, claim.reversalTxId),
  ]);
  const line = lineOf(claim, faces, now);
  const isInTime = !line.isOverdue;
  const held = heldUntil(leavesOf(ground.ledger, trade));
  const isReviewable = role === 'supervisor' && (claim.state === 'appealed' || claim.state === 'upheld');
  const acts = isReviewable && claim.caseId !== null ? await awaitedActs(snapshot, claim.caseId) : [];
  const awaitsSignature = acts.some(({ step, state }) => step === reviewStep(claimId) && (state === 'waiting' || state === 'signed'));
  const mayReview = isReviewable && !awaitsSignature;
  return {
    ...line,
    viewer: role,
    quantity: trade.serials.length,
    itemIds: trade.itemIds,
    claimant: partyOf(claim.claimant, trade, nameOf),
    respondent: partyOf(claim.respondent, trade, nameOf),
    reason: claim.reason,
    decision: claim.decision,
    closedAt: isoOrNull(claim.closedAt),
    heldUntil: claim.state === 'closed' || held <= BigInt(now) ? null : new Date(instant(Number(held))).toISOString(),
    files: files.map(({ size, ...file }) => ({ ...file, bytes: size })),
    steps: steps.map(stepOf),
    may: {
      answer: role === 'respondent' && claim.state === 'open' && isInTime,
      withdraw: role === 'claimant' && claim.state !== 'closed' && claim.state !== 'upheld',
      appeal: line.waitsFor === role && claim.state === 'decided' && isInTime,
      decide: role === 'desk' && claim.state === 'deciding',
      review: mayReview,
    },
    awaitsSignature,
    reversed,
    chain: toHex(ground.ledger.chain),
    reversal: mayReview ? reversalView(ground, claim, trade) : null,
    caseId: role === 'supervisor' ? claim.caseId : null,
  };
}

export async function roleIn({ tx }: Pick<Snapshot, 'tx'>, claim: ClaimRow, viewer: ClaimViewer): Promise<ClaimRole | null> {
  if (viewer.kind === 'desk') return 'desk';
  if (viewer.kind === 'party') return viewer.acct === claim.claimant ? 'claimant' : viewer.acct === claim.respondent ? 'respondent' : null;
  const row = claim.caseId === null ? null : await findCase(tx, claim.caseId);
  return row?.audience.includes(AUDIENCE_OF[viewer.role]) === true ? 'supervisor' : null;
}

function partyOf(ref: AccountId, trade: ClaimTrade, nameOf: NameOf): ClaimParty {
  return { ref, name: nameOf(ref), side: trade.buyer === ref ? 'buy' : 'sell' };
}

function stepOf({ at, role, by, act, document, txId }: StepRow): ClaimStep {
  const decision = document?.decision;
  const stance = document?.stance;
  return {
    at: at.toISOString(),
    role,
    by: role === 'desk' || role === 'supervisor' ? by : null,
    act,
    text: document?.reason ?? document?.text ?? null,
    decision: decision === 'upheld' || decision === 'refused' ? decision : null,
    stance: stance === 'agrees' || stance === 'contests' ? stance : null,
    txId,
  };
}

/** Whoever signs sees the op as it will stand. */
function reversalView({ ledger }: ReadGround, claim: ClaimRow, trade: ClaimTrade): ClaimReversal | null {
  const reversal = reversalOf(ledger, claim, trade);
  if (reversal === null) return null;
  return {
    entry: String(reversal.entry),
    items: reversal.items.map(({ serial, ver, to }) => ({ serial: String(serial), ver: String(ver), to: toHex(to) })),
    pay: toHex(reversal.pay),
    rulePack: toHex(reversal.rulePack),
  };
}

/** An entry that is not certified yet has no number. */
async function reversedView(tx: Snapshot['tx'], txId: string): Promise<ClaimView['reversed']> {
  const [row] = await query<{ idx: string | null }>(
    tx,
    "select (select idx from ledger.entries e where e.tx_id = decode($1, 'hex')) as idx",
    [txId],
  );
  return { txId, index: row?.idx == null ? null : Number(row.idx), signers: ['operator', 'supervisor'] };
}
