/** Why an item cannot be given, or not to this person: asked when it is quoted, sent and accepted. */
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { BrokenBooks } from '#server/exchange/broken-books.ts';
import { type ExchangeCode, exchangeCode, ruleFacts } from '#server/exchange/codes.ts';
import { decideGift } from '#server/exchange/decide-order.ts';
import type { Experiments } from '#server/exchange/experiments.ts';
import { type Halts, haltFacts } from '#server/exchange/halts.ts';
import { giftStanding } from '#server/exchange/inside.ts';
import { refuseAccount, refuseItem, refuseMoving } from '#server/exchange/refuse-items.ts';
import type { Player } from '#server/identity/identity.ts';
import type { Decided } from '#server/settlement/decided.ts';
import type { ClassRow, ItemRow } from '#server/settlement/model.ts';
import type { HolderId } from '#server/settlement/sale-id.ts';
import { GIFT_WAIT_MS } from './gift.ts';

export type GiftGround = {
  readonly pending: StateView;
  readonly halts: Pick<Halts, 'of'>;
  readonly broken: Pick<BrokenBooks, 'of'>;
  readonly experiments: Experiments;
  readonly pack: RulePack;
  readonly now: Instant;
};
export type GiftFault = { readonly code: ExchangeCode; readonly facts: Readonly<Record<string, string>> };

const fault = (code: ExchangeCode, facts: GiftFault['facts'] = {}): GiftFault => ({ code, facts });

/** Receiving is not a sale, but an adult with a bound card does it (product P-28). Says nothing about which of it is missing. */
export function refuseRecipient({ pending, pack, now }: GiftGround, recipient: Player, itemClass: ClassRow): GiftFault | null {
  if (refuseAccount(pending, recipient.acct, BigInt(now)) !== null) return fault('recipient_unfit');
  const { decision } = decideGift({ at: now, pack, player: recipient, itemClass, items: [], inside: null });
  const isUnfit = decision.reasons.some(({ code }) => code === 'minor_refused' || code === 'level_required');
  return isUnfit ? fault('recipient_unfit') : null;
}

/** `heldBy`: the gift itself when it is accepted; null while it is only wished for. `onDecided` is told what the sandbox said of the giver,
 *  where nothing stood against the gift before. */
export function refuseGiving(
  { pending, halts, broken, experiments, pack, now }: GiftGround,
  giver: Player,
  item: ItemRow,
  itemClass: ClassRow,
  { heldBy, onDecided }: { readonly heldBy: HolderId | null; readonly onDecided?: (decided: Decided) => void },
): GiftFault | null {
  const facts = { itemId: item.itemId };
  const halt = halts.of(itemClass, now);
  if (halt !== null) return fault('market_halted', { ...facts, ...haltFacts(halt) });
  // Money does not move with a gift: only what the books say of the item counts.
  const differs = broken.of([], [item.itemId]);
  if (differs !== null) return fault('books_differ', differs);
  if (!giver.hasRecovery) return fault('recovery_required', facts);
  const code =
    refuseAccount(pending, giver.acct, BigInt(now)) ??
    refuseMoving(pending, itemClass, BigInt(now)) ??
    refuseItem(pending, item, giver.acct, BigInt(now));
  if (code !== null) return fault(code, facts);
  if (item.heldBy !== heldBy) return fault('item_held', facts);
  const inside = giftStanding(experiments, { player: giver, itemClass, pack, at: now });
  const decided = decideGift({ at: now, pack, player: giver, itemClass, items: [item], inside });
  onDecided?.(decided);
  const denied = decided.decision.reasons.find(({ weight }) => weight === 'deny');
  if (denied !== undefined) return fault(exchangeCode(denied.code), { ...ruleFacts(denied), ...facts });
  const from = instant(item.acquiredAt + GIFT_WAIT_MS);
  if (from > now) return fault('gift_wait', { ...facts, until: toIso(from) });
  const hold = giver.holds.find(({ code: held, until }) => held.includes('gift') && until > now);
  return hold === undefined ? null : fault('gift_on_hold', { ...facts, until: toIso(hold.until) });
}
