/** One placement on the group's working set: decide → reserve → match → settle. Refusals come before the first change. */
import { ANY_CLASS } from '#ledger/codec/order.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import type { Group } from '#server/settlement/group.ts';
import type { PlaceCommand } from '#server/settlement/model.ts';
import { acceptCounter, acceptOffer, placeCounter, placeOffer } from './offers/place-offer.ts';
import { serveBuyOrder, takeListing } from './place-immediate.ts';
import { placeMatched } from './place-matched.ts';
import { placeBuyOrder, placeListing } from './place-resting.ts';
import { type ExchangeGround, type Outcome, type Placement, type Replaced, refuse } from './placement.ts';

export function executePlace(group: Group, ground: ExchangeGround, command: PlaceCommand, replaced: Replaced | null = null): Outcome {
  const itemClass = group.loaded.classes.get(parseClassId(command.quote.classId));
  if (itemClass === undefined) return refuse('class_unknown');
  if (command.order.cls !== (command.quote.expression === '' ? itemClass.serial : ANY_CLASS)) return refuse('class_unknown');
  const items = command.order.items.map(({ serial }) => group.itemBySerial(serial));
  if (items.some((item) => item === null)) return refuse('item_unknown');
  const placement: Placement = { group, ground, command, itemClass, items: items.filter((item) => item !== null), replaced };
  if (group.loaded.orders.has(command.orderId)) return refuse('reference_conflict');
  switch (command.input.intent) {
    case 'listing':
      return placeListing(placement);
    case 'buy_order':
      return placeBuyOrder(placement);
    case 'take_listing':
      return takeListing(placement);
    case 'serve_buy_order':
      return serveBuyOrder(placement);
    case 'matched':
      return placeMatched(placement);
    case 'offer':
      return placeOffer(placement);
    case 'counter':
      return placeCounter(placement);
    case 'accept_offer':
      return acceptOffer(placement);
    case 'accept_counter':
      return acceptCounter(placement);
  }
}
