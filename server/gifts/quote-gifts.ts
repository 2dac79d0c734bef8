/** What giving some items to somebody would mean: to whom, until when, which of them can go, and the tax of the deemed sale (P-28). */
import { toHex } from '#ledger/primitives/bytes.ts';
import { addFen, type Fen, fen, ZERO_FEN } from '#ledger/primitives/fen.ts';
import type { ItemId } from '#ledger/primitives/ids.ts';
import { beijingDate, instant, toIso } from '#ledger/primitives/instant.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { assess } from '#sandbox/tax/assess.ts';
import type { AssessInput } from '#sandbox/tax/assessment.ts';
import { EXCHANGE_REFUSALS } from '#server/exchange/codes.ts';
import { insertDecisions } from '#server/exchange/decisions.repo.ts';
import { listWindows } from '#server/exchange/load-group.repo.ts';
import type { Refused } from '#server/exchange/market.ts';
import { listItems } from '#server/exchange/rows.repo.ts';
import type { Player } from '#server/identity/identity.ts';
import { findAcct } from '#server/identity/players.repo.ts';
import type { Decided } from '#server/settlement/decided.ts';
import type { ItemRow } from '#server/settlement/model.ts';
import type { GiftQuote } from '#server/trpc/views.ts';
import { deemedSale } from './deemed-sale.ts';
import { GIFT_OPEN_MS } from './gift.ts';
import { deniedQuotes } from './gift-decisions.ts';
import { type GiftParts, giftGround, refuse, refuseFault } from './ground.ts';
import { refuseGiving, refuseRecipient } from './refuse-gift.ts';

export async function quoteGifts(
  parts: GiftParts,
  player: Player,
  { itemIds, to }: { readonly itemIds: readonly ItemId[]; readonly to: string },
): Promise<GiftQuote | Refused> {
  const { ground, pipeline, prices } = parts;
  const now = ground.clock.now();
  const acct = await findAcct(ground.sql, to);
  const recipient = acct === null ? null : await ground.identity.getPlayer(acct);
  if (recipient === null) return refuse('recipient_unknown');
  if (recipient.acct === player.acct) return refuse('self_gift');
  const found = new Map((await listItems(ground.sql, itemIds)).map((item) => [item.itemId, item]));
  const items = itemIds.flatMap((itemId) => found.get(itemId) ?? []);
  if (items.length !== itemIds.length || new Set(itemIds).size !== itemIds.length) return refuse('item_unknown');
  const classes = await pipeline.classes([...new Set(items.map(({ classId }) => classId))]);
  const giving = giftGround(parts, now);
  const decisions: Decided[] = [];
  const checked = items.map((item) => {
    const itemClass = classes.get(item.classId);
    if (itemClass === undefined) return { item, fault: { code: 'class_unknown' as const, facts: {} } };
    const onDecided = (decided: Decided) => void decisions.push(decided);
    const fault =
      refuseRecipient(giving, recipient, itemClass) ?? refuseGiving(giving, player, item, itemClass, { heldBy: null, onDecided });
    return { item, fault };
  });
  const unfit = checked.find(({ fault }) => fault?.code === 'recipient_unfit');
  if (unfit !== undefined) return refuse('recipient_unfit');
  await insertDecisions(ground.sql, deniedQuotes(player, recipient, decisions), 'on conflict do nothing');
  const [only] = checked;
  if (checked.length === 1 && only?.fault) return refuseFault(only.fault);
  const reference = (item: ItemRow) => prices.all().get(item.classId) ?? null;
  const inputs = new Map(
    checked.flatMap(({ item, fault }) =>
      fault === null ? [[item.itemId, deemedSale(item, { at: now, referenceFen: reference(item) }, giving.pack)] as const] : [],
    ),
  );
  const windows = await listWindows(ground.sql, [player.acct], beijingDate(now));
  const baseFen = [...inputs.values()].reduce((sum, { grossFen }) => addFen(sum, grossFen), ZERO_FEN);
  const totalFen = fen((windows.get(player.acct)?.grossFen ?? 0n) + baseFen);
  const taxOf = (itemId: ItemId): Fen => estimate(inputs.get(itemId), totalFen, giving.pack);
  return {
    kind: 'quoted',
    chain: toHex(ground.ledger.chain),
    recipient: { acct: recipient.acct, name: recipient.displayName },
    quotedAt: toIso(now),
    acceptUntil: toIso(instant(now + GIFT_OPEN_MS)),
    rows: checked.map(({ item, fault }) => ({
      itemId: item.itemId,
      serial: String(item.serial),
      ver: String(item.ver),
      refusal: fault === null ? null : { ...fault, message: EXCHANGE_REFUSALS[fault.code].message },
      referenceFen: reference(item) === null ? null : String(reference(item)),
      taxFen: String(taxOf(item.itemId)),
    })),
    baseFen: String(baseFen),
    taxFen: String(checked.reduce((sum, { item }) => addFen(sum, taxOf(item.itemId)), ZERO_FEN)),
    packHash: packHash(giving.pack),
  };
}

/** With all of them in the day: the window decides the flag, each gift has its own rounding. */
function estimate(input: AssessInput | undefined, totalFen: Fen, pack: RulePack): Fen {
  if (input === undefined) return ZERO_FEN;
  const answer = assess({ ...input, window: { kind: 'total', totalFen } }, pack);
  return answer.kind === 'assessed' ? answer.assessment.taxTotalFen : ZERO_FEN;
}
