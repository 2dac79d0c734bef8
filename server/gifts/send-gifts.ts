/** Sending: the giver's signatures are kept, the item is held, nothing has moved yet. */
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { encodeTxEnv } from '#ledger/codec/tx.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import type { SequencingGroup } from '#ledger/node/ledger-node.ts';
import { type Bytes, equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes, type ItemId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { txIdOf } from '#ledger/tx/ids.ts';
import type { Tx } from '#server/db.ts';
import { signatureChecks } from '#server/exchange/check-signatures.ts';
import { type AnsweredDecision, insertDecisions } from '#server/exchange/decisions.repo.ts';
import type { Refused } from '#server/exchange/market.ts';
import { listItemsBySerial } from '#server/exchange/rows.repo.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Decided } from '#server/settlement/decided.ts';
import type { ClassRow, ItemRow } from '#server/settlement/model.ts';
import { parseGiftId } from '#server/settlement/sale-id.ts';
import type { GiftSent } from '#server/trpc/views.ts';
import { readTransfers } from './check-transfers.ts';
import { GIFT_OPEN_MS, type GiftRow, OPEN_GIFTS_MAX, type SendInput } from './gift.ts';
import { giftDecision } from './gift-decisions.ts';
import { countOpenGifts, insertGifts, listByReference } from './gifts.repo.ts';
import { type GiftParts, giftGround, giftMoved, refuse } from './ground.ts';
import { refuseGiving, refuseRecipient } from './refuse-gift.ts';

type Signed = {
  readonly input: SendInput;
  readonly bodySm3: Bytes;
  readonly recipient: Player;
  readonly serial: bigint;
  readonly ver: bigint;
  readonly transfers: readonly Bytes[];
};
type Row = Signed | Refused | GiftSent;

/** One answer for each, in order. */
export async function sendGifts(parts: GiftParts, player: Player, inputs: readonly SendInput[]): Promise<readonly (GiftSent | Refused)[]> {
  const { ground, pipeline } = parts;
  const { sql, clock, ledger, outbox } = ground;
  const now = clock.now();
  const known = await listByReference(
    sql,
    player.acct,
    inputs.map(({ referenceId }) => referenceId),
  );
  const rows = await Promise.all(inputs.map((input) => checkOne(parts, player, input, { known, now })));
  const serials = rows.flatMap((row) => ('serial' in row ? [row.serial] : []));
  if (serials.length === 0) return rows.flatMap((row) => ('kind' in row ? [row] : []));
  const items = await listItemsBySerial(sql, serials);
  const classes = await pipeline.classes([...new Set(items.map(({ classId }) => classId))]);
  const giving = { parts, player, classes, now };
  const { answers } = await ledger.runGroup((group) =>
    sql.begin(async (tx) => {
      const line = await readLine(
        tx,
        player,
        rows.flatMap((row) => ('serial' in row ? [row] : [])),
      );
      const sent: GiftRow[] = [];
      const answers = rows.map((row): GiftSent | Refused => {
        if ('kind' in row) return row;
        const answer = sendOne(giving, group, line, row);
        if (!('gift' in answer)) return answer;
        sent.push(answer.gift);
        return sentAnswer(answer.gift, false);
      });
      await insertGifts(tx, sent);
      await insertDecisions(tx, line.decisions, 'on conflict do nothing');
      await outbox.append(
        tx,
        sent.flatMap((gift) => giftMoved(gift, 'open', now)),
      );
      return { answers };
    }),
  );
  return answers;
}

async function checkOne(
  { ground, signatures }: GiftParts,
  player: Player,
  input: SendInput,
  { known, now }: { readonly known: readonly GiftRow[]; readonly now: Instant },
): Promise<Row> {
  const { ledger, identity } = ground;
  const bodySm3 = sm3(canonicalBytes({ ...input, transfers: [...input.transfers] }));
  const stored = known.find(({ referenceId }) => referenceId === input.referenceId);
  if (stored !== undefined) return equalBytes(stored.bodySm3, bodySm3) ? sentAnswer(stored, true) : refuse('reference_conflict');
  const read = readTransfers(input.transfers, { chain: ledger.chain, to: input.to, from: now, until: instant(now + GIFT_OPEN_MS) });
  if (read.kind === 'rejected') return refuse(read.code);
  if (input.to === player.acct) return refuse('self_gift');
  const recipient = await identity.getPlayer(input.to);
  if (recipient === null) return refuse('recipient_unknown');
  const acct = accountIdBytes(player.acct);
  const checks = read.envs.map(({ body, sigs }) =>
    signatureChecks(ledger.pending, { tag: 'PLP1/txsig', chain: ledger.chain, id: txIdOf(body), acct }, sigs),
  );
  for (const check of checks) if (check.kind === 'rejected') return refuse(check.code);
  const all = checks.flatMap((check) => (check.kind === 'checks' ? check.checks : []));
  if (!(await signatures.verify(all))) return refuse('sig_invalid');
  return { input, bodySm3, recipient, serial: read.serial, ver: read.ver, transfers: read.envs.map(encodeTxEnv) };
}

type Giving = {
  readonly parts: GiftParts;
  readonly player: Player;
  readonly classes: ReadonlyMap<string, ClassRow>;
  readonly now: Instant;
};
/** As it stands in the ledger's one line, so that nobody lists an item meanwhile; kept up as the rows of a sheet are taken. */
type Line = {
  readonly known: Map<string, GiftRow>;
  readonly items: ReadonlyMap<bigint, ItemRow>;
  readonly promised: Set<ItemId>;
  readonly open: Map<AccountId, number>;
  readonly decisions: AnsweredDecision[];
};

async function readLine(tx: Tx, player: Player, rows: readonly Signed[]): Promise<Line> {
  const people = [...new Set([player.acct, ...rows.map(({ recipient }) => recipient.acct)])];
  const [known, items, open] = await Promise.all([
    listByReference(
      tx,
      player.acct,
      rows.map(({ input }) => input.referenceId),
    ),
    listItemsBySerial(tx, [...new Set(rows.map(({ serial }) => serial))]),
    countOpenGifts(tx, people),
  ]);
  return {
    known: new Map(known.map((gift) => [gift.referenceId, gift])),
    items: new Map(items.map((item) => [item.serial, item])),
    promised: new Set(),
    open: new Map(open),
    decisions: [],
  };
}

function sendOne(
  { parts, player, classes, now }: Giving,
  group: SequencingGroup,
  line: Line,
  { input, bodySm3, recipient, serial, ver, transfers }: Signed,
): { readonly gift: GiftRow } | Refused | GiftSent {
  const twin = line.known.get(input.referenceId);
  if (twin !== undefined) return equalBytes(twin.bodySm3, bodySm3) ? sentAnswer(twin, true) : refuse('reference_conflict');
  const item = line.items.get(serial);
  const itemClass = item === undefined ? undefined : classes.get(item.classId);
  if (item === undefined || itemClass === undefined || item.itemId !== input.itemId) return refuse('item_unknown');
  if (line.promised.has(item.itemId)) return refuse('item_held', { itemId: item.itemId });
  const giving = giftGround(parts, now, group.pending);
  const decisions: Decided[] = [];
  const keep = (outcome: string, referenceId: string) =>
    line.decisions.push(...decisions.map((decided) => giftDecision(player, decided, { stage: 'gift', referenceId, outcome })));
  const fault =
    refuseRecipient(giving, recipient, itemClass) ??
    refuseGiving(giving, player, { ...item, ver }, itemClass, { heldBy: null, onDecided: (decided) => void decisions.push(decided) });
  const [mine, theirs] = [line.open.get(player.acct) ?? 0, line.open.get(recipient.acct) ?? 0];
  const code = fault?.code ?? (Math.max(mine, theirs) >= OPEN_GIFTS_MAX ? 'too_many_gifts' : null);
  if (code !== null) {
    keep(code, input.referenceId);
    return refuse(code, fault?.facts);
  }
  line.open.set(player.acct, mine + 1);
  line.open.set(recipient.acct, theirs + 1);
  line.promised.add(item.itemId);
  const gift: GiftRow = {
    giftId: parseGiftId(`gft_${toHex(parts.ground.random.bytes(16))}`),
    itemId: item.itemId,
    classId: item.classId,
    ver,
    giver: player.acct,
    recipient: recipient.acct,
    referenceId: input.referenceId,
    bodySm3,
    transfers,
    sentAt: now,
    acceptUntil: instant(now + GIFT_OPEN_MS),
    state: 'open',
    reason: null,
  };
  keep('placed', gift.giftId);
  line.known.set(input.referenceId, gift);
  return { gift };
}

function sentAnswer({ giftId, acceptUntil }: GiftRow, replayed: boolean): GiftSent {
  return { kind: 'sent', replayed, giftId, acceptUntil: toIso(acceptUntil) };
}
