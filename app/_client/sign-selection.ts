/** A file of chosen rows that the official's personal key signs (V-03). Whoever holds it checks each message by its own hash, its place by the
 *  signed heads, and the choice by the signature. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { FeedMessage } from '#server/realtime/events.ts';
import type { StaffMe } from '#server/trpc/views.ts';
import { api } from './api.ts';
import { signCaseDocument } from './case-signing.ts';
import { newestHeads } from './feed.ts';

export async function signSelection(
  staff: StaffMe,
  rows: readonly FeedMessage[],
): Promise<{ readonly name: string; readonly text: string }> {
  const { chain, issuedAt } = await api.staff.challenge();
  const inOrder = rows.toSorted((a, b) => (a.room === b.room ? a.seq - b.seq : a.room < b.room ? -1 : 1));
  const rowsHash = toHex(sm3(canonicalBytes(inOrder.map((row) => ({ ...row, body: { ...row.body } })))));
  const document = { act: 'feed_selection', at: issuedAt, by: staff.staffId, rows: String(inOrder.length), rowsHash };
  const signature = await signCaseDocument(staff, chain, document);
  const rooms = new Set(inOrder.map(({ room }) => room));
  const file = {
    schema: 'daoju.feed-selection/1',
    chain,
    certificateSerial: staff.certificateSerial,
    document,
    signature,
    heads: newestHeads().filter(({ room }) => rooms.has(room)),
    rows: inOrder,
  };
  return { name: `feed-selection-${issuedAt.slice(0, 10)}.json`, text: JSON.stringify(file, null, 2) };
}
