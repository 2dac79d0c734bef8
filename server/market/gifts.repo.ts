/** Gifts to me and from me (product P-28): open ones first, then the newest. */
import { decodeTxEnv, encodeTxBody } from '#ledger/codec/tx.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId, parseClassId, parseItemId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { at, query } from '#server/journal/rows.repo.ts';
import { parseGiftId } from '#server/settlement/sale-id.ts';
import type { Gift, GiftList, GiftState } from '#server/trpc/views.ts';
import { listCards } from './cards.repo.ts';
import { displayNames } from './names.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

const SHOWN = 200;

type Columns = {
  gift_id: string;
  item_id: string;
  class_id: string;
  unit_no: number;
  giver: string;
  recipient: string;
  transfers: readonly Uint8Array[];
  sent_at: Date;
  accept_until: Date;
  state: GiftState;
  reason: string | null;
  ended_at: Date | null;
  is_certified: boolean;
  tax_fen: string | null;
};

/** How many wait for an answer of mine: asked on every page. */
export async function countWaitingGifts({ tx }: Pick<Snapshot, 'tx'>, acct: AccountId): Promise<number> {
  const [row] = await query<{ waiting: number }>(
    tx,
    "select count(*)::int as waiting from market.gifts where recipient = $1 and state = 'open'",
    [acct],
  );
  return row?.waiting ?? 0;
}

export async function listGifts(ground: ReadGround, snapshot: Snapshot, acct: AccountId): Promise<GiftList> {
  const { tx, height } = snapshot;
  const rows = await query<Columns>(
    tx,
    `select g.gift_id, g.item_id, g.class_id, i.unit_no, g.giver, g.recipient, g.transfers, g.sent_at, g.accept_until, g.state, g.reason, g.ended_at,
         exists (select from ledger.entries e where e.tx_id = g.tx_id) as is_certified,
         (select a.total_fen::text from compliance.assessments a where a.trade_id = g.gift_id order by a.version desc limit 1) as tax_fen
       from market.gifts g join custody.items i on i.item_id = g.item_id
       where g.giver = $1 or g.recipient = $1 order by g.state = 'open' desc, g.sent_at desc, g.gift_id limit ${SHOWN}`,
    [acct],
  );
  const cards = new Map(
    (await listCards(snapshot, [...new Set(rows.map((row) => parseClassId(row.class_id)))])).map((card) => [card.classId, card]),
  );
  const nameOf = await displayNames(
    ground,
    snapshot,
    rows.flatMap((row) => [parseAccountId(row.giver), parseAccountId(row.recipient)]),
  );
  return {
    gifts: rows.map((row): Gift => {
      const card = cards.get(parseClassId(row.class_id));
      assert(card !== undefined, 'a kind with items is in the catalogue');
      const isIncoming = row.recipient === acct;
      const other = parseAccountId(isIncoming ? row.giver : row.recipient);
      const isMineToSign = isIncoming && row.state === 'open';
      return {
        giftId: parseGiftId(row.gift_id),
        direction: isIncoming ? 'incoming' : 'outgoing',
        itemId: parseItemId(row.item_id),
        serialNo: row.unit_no,
        card,
        other: { acct: other, name: nameOf(other) },
        state: row.state,
        reason: row.reason,
        sentAt: toIso(at(row.sent_at)),
        acceptUntil: toIso(at(row.accept_until)),
        endedAt: row.ended_at === null ? null : toIso(at(row.ended_at)),
        isCertified: row.is_certified,
        // Without the giver's signatures: they leave this server only with the recipient's beside them.
        bodies: isMineToSign ? row.transfers.map((bytes) => toHex(encodeTxBody(decodeTxEnv(new Uint8Array(bytes)).body))) : [],
        taxFen: isIncoming ? null : row.tax_fen,
      };
    }),
    height,
  };
}
