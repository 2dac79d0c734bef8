/** The desk's queues in one look: disputes first, then what runs out soonest. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { runningClaims } from '#server/claims/claim-views.ts';
import { isoOrNull } from '#server/market/item-state.ts';
import type { ReadGround, Snapshot } from '#server/market/snapshot.ts';
import type { DeskRow, DeskView } from '#server/trpc/views.ts';
import { type DeskStepRow, type EntryRow, listDeskSteps, listEntries, listPublicity } from './desk.repo.ts';

const SHOWN = 200;

export async function deskView({ ledger }: ReadGround, snapshot: Snapshot): Promise<DeskView> {
  const { tx, now } = snapshot;
  const [claims, entries, publicity] = await Promise.all([runningClaims(snapshot), listEntries(tx, SHOWN), listPublicity(tx, SHOWN)]);
  const steps = await listDeskSteps(
    tx,
    entries.map((entry) => entry.subject_id),
  );
  return {
    claims,
    rows: entries.map((entry) => rowOf(entry, steps, now)),
    publicity: publicity.map((row) => ({
      tradeId: row.trade_id,
      names: { zh: row.name_zh, en: row.name_en },
      grossFen: row.gross_fen,
      endsAt: row.deadline_at.toISOString(),
    })),
    chain: toHex(ledger.chain),
  };
}

function rowOf(entry: EntryRow, steps: readonly DeskStepRow[], now: number): DeskRow {
  const own = steps.filter(({ queue, subject_id: id }) => queue === entry.queue && id === entry.subject_id);
  return {
    queue: entry.queue,
    subjectId: entry.subject_id,
    about: entry.about,
    kind: entry.kind,
    names: entry.name_en === null ? null : { zh: entry.name_zh, en: entry.name_en },
    amountFen: entry.amount_fen,
    text: entry.text,
    since: entry.since.toISOString(),
    owner: own.findLast(({ act }) => act === 'taken')?.staff_id ?? null,
    dueAt: isoOrNull(entry.due_at),
    isOverdue: entry.due_at !== null && entry.due_at.getTime() <= now,
    steps: own.map(({ at, staff_id: by, act, document, tx_id: txId }) => ({
      at: at.toISOString(),
      by,
      act,
      text: document.text ?? '',
      txId,
    })),
    mayBeFalse: entry.queue === 'theft' || entry.queue === 'objection',
    mayUphold: entry.queue === 'objection',
    mayVerify: entry.queue === 'studio' && (entry.kind === 'applied' || entry.kind === 'suspended'),
    maySuspend: entry.queue === 'studio' && (entry.kind === 'verified' || entry.kind === 'active'),
    mayClose: entry.queue === 'studio' ? entry.kind === 'applied' : entry.queue !== 'hidden',
    mayHide: entry.queue === 'report' && entry.kind === 'item' && !entry.is_hidden,
    mayShow: entry.queue === 'hidden',
    mayFreeze: entry.queue === 'theft' && !own.some(({ act }) => act === 'frozen'),
  };
}
