/** Flow of funds (product V-10): from a trade, an item, a person or a day, step by step to where money came from and went. */
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { instant, startOfBeijingDate } from '#ledger/primitives/instant.ts';
import { type FundsNode, toGraph } from '#sandbox/funds/draw.ts';
import { groupFunds } from '#sandbox/funds/group.ts';
import { type Movement, movementsOf } from '#sandbox/funds/movements.ts';
import { setTaxAside } from '#sandbox/funds/tax-reserve.ts';
import { type FundsQuestion, traceFunds } from '#sandbox/funds/trace.ts';
import {
  type FundsSubject,
  listSeedEntries,
  listTaxDues,
  readFundsEntries,
  readPositions,
  subjectExists,
} from '#server/journal/funds.repo.ts';
import type { FundsFlow, FundsKind } from '#server/trpc/views.ts';
import type { Sight } from './audience.ts';
import { DAY_MS } from './figures.repo.ts';
import { displayNames, shortName } from './names.repo.ts';
import type { ReadGround, Snapshot } from './snapshot.ts';

export type FundsRequest = { readonly kind: FundsKind; readonly id: string; readonly back: number; readonly forth: number };

/** More movements than this are one day, not one story; the newest are followed and the answer says so. */
const MOST_SEEDS = 400;
const SHOWN_ENTRIES = 20;

export async function getFunds(ground: ReadGround, snapshot: Snapshot, sight: Sight, request: FundsRequest): Promise<FundsFlow | null> {
  const { tx } = snapshot;
  const subject = subjectOf(request);
  if (!(await subjectExists(tx, subject))) return null;
  const ids = await listSeedEntries(tx, subject, MOST_SEEDS);
  const person = request.kind === 'person' ? request.id : null;
  const seeds = (await readFundsEntries(tx, ids.slice(0, MOST_SEEDS))).flatMap(movementsOf).filter((each) => isSeed(each, person));
  const looks = traceFunds({ seeds, back: request.back, forth: request.forth, person } satisfies FundsQuestion);
  let look = looks.next();
  while (look.done !== true) look = looks.next(await readPositions(tx, look.value));
  const canvas = look.value;
  const trades = new Set([...canvas.edges.values()].flatMap(({ entries }) => entries.flatMap(({ tradeId }) => tradeId ?? [])));
  const uncovered = setTaxAside(canvas, await listTaxDues(tx, [...trades]));
  const graph = groupFunds(toGraph(canvas));
  const accts = graph.nodes.flatMap(({ acct }) => (acct === null ? [] : parseAccountId(acct)));
  const nameOf = sight.names ? await displayNames(ground, snapshot, accts) : shortName;
  return {
    kind: request.kind,
    id: request.id,
    back: request.back,
    forth: request.forth,
    isCut: ids.length > MOST_SEEDS,
    seedFen: String(seeds.reduce((sum, { amountFen }) => sum + amountFen, 0n)),
    taxUncoveredFen: String(uncovered),
    nodes: graph.nodes.map((node) => nodeView(node, nameOf)),
    edges: graph.edges.map(({ from, to, kind, amountFen, entries }) => ({
      from,
      to,
      kind,
      amountFen: String(amountFen),
      count: entries.length,
      entries: entries
        .slice(0, SHOWN_ENTRIES)
        .map(({ entryId, tradeId, providerNo }) => ({ entryId: String(entryId), tradeId, providerNo })),
    })),
  };
}

function subjectOf({ kind, id }: FundsRequest): FundsSubject {
  if (kind !== 'day') return { kind, id };
  const from = startOfBeijingDate(id);
  return { kind, from: new Date(from), before: new Date(instant(from + DAY_MS)) };
}

/** Of a person's entries only what crosses to somebody else. */
function isSeed({ from, to }: Movement, person: string | null): boolean {
  return person === null || from.account.endsWith(`:${person}`) !== to.account.endsWith(`:${person}`);
}

function nodeView(node: FundsNode, nameOf: (acct: AccountId) => string): FundsFlow['nodes'][number] {
  const acct = node.acct === null ? null : parseAccountId(node.acct);
  return {
    id: node.id,
    level: node.level,
    role: node.role,
    acct,
    name: acct === null ? null : nameOf(acct),
    members: node.members,
    inFen: String(node.inFen),
    outFen: String(node.outFen),
    earlierFen: String(node.earlierFen),
    againFen: String(node.againFen),
    onwardFen: String(node.onwardFen),
    staysFen: String(node.staysFen),
    furtherFen: String(node.furtherFen),
  };
}
