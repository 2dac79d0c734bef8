/** Reads what a group of commands works on and lays out its working set. */
import type { SequencingGroup } from '#ledger/node/ledger-node.ts';
import { type ClassId, parseClassId, parseOrderId } from '#ledger/primitives/ids.ts';
import { beijingDate, type Instant } from '#ledger/primitives/instant.ts';
import { isWindowTaxable } from '#sandbox/tax/threshold.ts';
import type { Tx } from '#server/db.ts';
import { Group } from '#server/settlement/group.ts';
import type { CancelCommand, Command, OrderRow, PlaceCommand } from '#server/settlement/model.ts';
import { activePack } from './active-pack.ts';
import type { Books } from './books.ts';
import type { ClassCache } from './class-cache.ts';
import { loadGroup } from './load-group.repo.ts';
import type { Job } from './pipeline.ts';
import { listOpenMatched } from './rows.repo.ts';

export type PrepareGround = {
  readonly classes: ClassCache;
  readonly books: Books;
  readonly now: Instant;
  readonly referencePrices: ReadonlyMap<ClassId, bigint>;
};

const SPARE_MAKERS = 8;

export async function prepareGroup(
  tx: Tx,
  { classes, books, now, referencePrices }: PrepareGround,
  sequencing: SequencingGroup,
  works: readonly (Command | Job)[],
): Promise<Group> {
  const commands = works.flatMap(partsOf);
  const jobs = works.flatMap((work) => (work.kind === 'job' ? [work] : []));
  const places = commands.filter((command) => command.kind === 'place');
  const named = [...places.flatMap(classIdOf), ...jobs.flatMap((job) => job.classIds)];
  const makers = await readMakers(tx, books, places);
  const resting = [...jobs.flatMap((job) => job.orderIds), ...commands.flatMap((c) => (c.kind === 'cancel' ? [c.orderId] : []))];
  const known = resting.flatMap((orderId) => books.rowOf(orderId) ?? []);
  const day = beijingDate(now);
  const pack = activePack(sequencing.pending, now);
  const loaded = await loadGroup(tx, {
    commands,
    orderIds: jobs.flatMap((job) => job.orderIds),
    makers: [...makers, ...known],
    now,
    day,
    pack: pack.pack,
    isTaxable: (totalFen) => isWindowTaxable(pack.pack, day, totalFen),
  });
  const kinds = await classes.read(tx, [...named, ...[...loaded.orders.values()].map((order) => order.classId)], now);
  return new Group({
    now,
    day,
    pack: pack.pack,
    packHash: pack.hash,
    pending: sequencing.pending,
    loaded: { ...loaded, classes: kinds },
    referencePrices,
    isFinalityLate: sequencing.isFinalityLate,
  });
}

/** A replacement needs what its cancel and its new order need. */
function partsOf(work: Command | Job): readonly (PlaceCommand | CancelCommand)[] {
  if (work.kind === 'job') return [];
  return work.kind === 'replace' ? [work.cancel, work.place] : [work];
}

/** The resting orders that this group may meet: the best of the other side up to everything that the group wants. */
async function readMakers(tx: Tx, books: Books, places: readonly PlaceCommand[]): Promise<readonly OrderRow[]> {
  const makers: OrderRow[] = [];
  for (const classId of new Set(places.filter((command) => command.input.intent === 'matched').flatMap(classIdOf))) {
    const book = books.find(classId) ?? books.build(classId, await listOpenMatched(tx, classId));
    for (const side of ['buy', 'sell'] as const) {
      let wanted = places.reduce((sum, { quote }) => (quote.classId === classId && quote.side !== side ? sum + quote.quantity : sum), 0);
      if (wanted === 0) continue;
      wanted += SPARE_MAKERS;
      for (const resting of book.engine.orders(side)) {
        if (wanted <= 0) break;
        const row = book.rows.get(parseOrderId(resting.id));
        if (row !== undefined) makers.push(row);
        wanted -= Number(resting.leavesQuantity);
      }
    }
  }
  return makers;
}

export function classIdOf(command: PlaceCommand): readonly ClassId[] {
  return [parseClassId(command.quote.classId)];
}
