/**
 * Compares every book with the one that it must agree with (architecture 4): journal with itself, custody with the ledger, the journal
 * with the institution's books, holds with orders, trades with the ledger, the outbox with its own chain. Sound: an empty list.
 *
 * It reads snapshots of a running market one after the other. What moves between two of them would look like a break, so a finding
 * counts when a second pass makes it again.
 */
import { canonicalText } from '#ledger/codec/canonical-json.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { hashBody, hashEnvelope, type JsonObject } from '#server/outbox/message.ts';
import { listUnsettledTransfers } from '#server/payments/handover.repo.ts';
import type { PaymentProvider, ProviderBooks } from '#server/payments/provider.ts';
import { refundRefOf, simulatedInstitution } from '#server/payments/simulated-institution.ts';
import type { Random } from '#server/random.ts';
import {
  type Break,
  type CustodyRow,
  listCustody,
  listOverdue,
  listOwnBreaks,
  listPaid,
  type MessageRow,
  readOurBalances,
  streamMessages,
} from './breaks.repo.ts';
import { providerPotOf } from './journal.ts';

export { BREAK_KINDS, type Break, type BreakKind } from './breaks.repo.ts';

type Pending = Pick<StateView, 'count' | 'itemBySerial'>;

/** `Services` are one. */
export type ReconcileGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the node runs in this process its pending state is compared too; without it custody is held against the tables alone. */
  readonly ledger: { readonly pending: Pending } | null;
  /** The simulated institution, unless another one is meant. */
  readonly provider?: Pick<PaymentProvider, 'books'>;
};

const DAY_MS = 86_400_000;
const ITEM_FLAG_BURNED = 1;
const ITEM_REGISTER = 1;
const CUSTODY_BATCH = 5_000;
const ALL_ITEMS = 'items';

export async function reconcile(ground: ReconcileGround): Promise<readonly Break[]> {
  const known = itemsOf(ground);
  const first = await onePass(ground, known);
  if (first.length === 0) return first;
  const seen = new Set(first.map(identityOf));
  // What the ledger had before the first pass has reached custody by the second; a group on its way would be missing in every pass.
  return (await onePass(ground, known)).filter((found) => seen.has(identityOf(found)));
}

/** Items get dense serials from zero. */
function itemsOf({ ledger }: ReconcileGround): bigint {
  return ledger === null ? 0n : ledger.pending.count(ITEM_REGISTER);
}

/** Two passes see another balance on a busy account and the same difference. */
function identityOf({ kind, subject, expected, reported }: Break): string {
  if (subject === ALL_ITEMS) return `${kind} ${subject}`;
  const isAmount = (text: string) => /^-?\d+$/.test(text);
  const difference = isAmount(expected) && isAmount(reported) ? String(BigInt(reported) - BigInt(expected)) : `${expected} ${reported}`;
  return `${kind} ${subject} ${difference}`;
}

/** `known`: items of the ledger that custody has to have. */
async function onePass(ground: ReconcileGround, known: bigint): Promise<readonly Break[]> {
  const { sql, clock, ledger, provider = simulatedInstitution(ground) } = ground;
  const now = clock.now();
  const unsettled = await listUnsettledTransfers(sql, instant(now - DAY_MS));
  const theirs = await provider.books(unsettled.map(({ transferId }) => transferId));
  const { breaks } = await sql.begin('isolation level repeatable read read only', async (tx) => ({
    breaks: [
      ...(await listOwnBreaks(tx)),
      ...(await listOverdue(tx, new Date(now - DAY_MS))),
      ...(await compareProvider(tx, theirs, unsettled)),
      ...(ledger === null ? [] : await comparePending(tx, ledger.pending, known)),
      ...(await checkMessages(tx)),
    ],
  }));
  return breaks;
}

type Unsettled = Awaited<ReturnType<typeof listUnsettledTransfers>>;
type Figures = Map<string, bigint>;

function add(figures: Figures, ref: string, pot: string, fen: bigint): void {
  const key = `${ref} ${pot}`;
  figures.set(key, (figures.get(key) ?? 0n) + fen);
}

/** Theirs = ours without the instructions on their way, and with the transfers that they carried out and we were not told of. */
async function compareProvider(tx: Tx, theirs: ProviderBooks, unsettled: Unsettled): Promise<readonly Break[]> {
  const ours = await readOurBalances(tx, theirs.executedTo);
  const expected: Figures = new Map();
  let total = 0n;
  for (const { account, fen } of ours.accounts) {
    // The mirror of what the institution holds has its own side of zero.
    const place = providerPotOf(account);
    if (place === null) add(expected, 'reserve', 'bank', fen);
    else add(expected, place.ref, place.pot, fen);
  }
  for (const { ref, pot, fen } of ours.waiting) add(expected, ref, pot, -fen);
  const paid = await listPaid(
    tx,
    unsettled.map(({ transferId }) => transferId),
  );
  const done = new Set(theirs.transfers.filter(({ state }) => state === 'done').map(({ referenceId }) => referenceId));
  for (const { transferId, acct, kind, amountFen } of unsettled) {
    const moved = (done.has(transferId) ? 1n : 0n) - (done.has(refundRefOf(transferId)) ? 1n : 0n) - (paid.has(transferId) ? 1n : 0n);
    const isIncoming = kind !== 'withdrawal';
    const signed = isIncoming ? moved * amountFen : -moved * amountFen;
    add(expected, acct, isIncoming ? 'free' : 'leaving', signed);
    add(expected, 'reserve', 'bank', -signed);
  }
  const reported: Figures = new Map();
  for (const { ref, pot, amountFen } of theirs.accounts) {
    add(reported, ref, pot, amountFen);
    total += amountFen;
  }
  const breaks: Break[] = [...new Set([...expected.keys(), ...reported.keys()])].sort().flatMap((key) => {
    const [should, is] = [expected.get(key) ?? 0n, reported.get(key) ?? 0n];
    return should === is ? [] : [{ kind: 'provider_differs' as const, subject: key, expected: String(should), reported: String(is) }];
  });
  if (total !== 0n)
    breaks.push({ kind: 'provider_unbalanced', subject: 'books of the institution', expected: '0', reported: String(total) });
  return breaks;
}

async function comparePending(tx: Tx, pending: Pending, known: bigint): Promise<readonly Break[]> {
  const breaks: Break[] = [];
  let count = 0n;
  let after = -1n;
  for (;;) {
    const rows = await listCustody(tx, after, CUSTODY_BATCH);
    breaks.push(...rows.flatMap((row) => compareItem(row, pending)));
    count += BigInt(rows.filter(({ serial }) => serial < known).length);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CUSTODY_BATCH) break;
    after = last.serial;
  }
  if (known !== count) breaks.push({ kind: 'custody_missing', subject: ALL_ITEMS, expected: String(known), reported: String(count) });
  return breaks;
}

function compareItem(row: CustodyRow, pending: Pending): readonly Break[] {
  const leaf = pending.itemBySerial(row.serial);
  const expected = leaf === null ? 'nothing' : `${(leaf.flags & ITEM_FLAG_BURNED) === 0 ? toHex(leaf.owner) : 'burned'} ver ${leaf.ver}`;
  const reported = `${row.isBurned ? 'burned' : row.owner} ver ${row.ver}`;
  return expected === reported ? [] : [{ kind: 'custody_differs', subject: row.itemId, expected, reported }];
}

/** The database keeps the links of the chain; here the hashes are computed again from what the messages say. */
async function checkMessages(tx: Tx): Promise<readonly Break[]> {
  const breaks: Break[] = [];
  for await (const batch of streamMessages(tx)) breaks.push(...batch.flatMap(checkMessage));
  return breaks;
}

function checkMessage(row: MessageRow): readonly Break[] {
  const subject = `${row.room} ${row.seq}`;
  const body: JsonObject = JSON.parse(row.body);
  const bodyHash = hashBody(body);
  if (bodyHash !== toHex(row.bodyHash) || canonicalText(body) !== row.body) {
    return [{ kind: 'feed_chain', subject, expected: toHex(row.bodyHash), reported: bodyHash }];
  }
  const { id, seq, room, type, schema, at, prevHash } = row;
  const hash = hashEnvelope({ id, seq, room, type, schema, ts: toIso(instant(at.getTime())), bodyHash, prevHash: toHex(prevHash) });
  return hash === toHex(row.hash) ? [] : [{ kind: 'feed_chain', subject, expected: toHex(row.hash), reported: hash }];
}
