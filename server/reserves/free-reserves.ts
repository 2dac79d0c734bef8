/** What was kept for taxes comes free by itself: its filing is proven, its date has come, its experiment has ended, or its owner takes no part
 *  any more. Read from the tables at every turn, so a stop in between forgets nothing and a late turn only does more at once. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql, Tx } from '#server/db.ts';
import { message, paymentMessage, playerRoom } from '#server/exchange/messages.ts';
import { saveEntries } from '#server/journal/journal.repo.ts';
import { potOf, transferEntry } from '#server/journal/journal.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { freeReserve, hasRipe, lockRipe, type Ripe } from './reserves.repo.ts';

const AT_ONCE = 200;

export type ReserveGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly ledger: { runGroup<T>(work: () => Promise<T>): Promise<T> };
};

/** @returns how many parts came free */
export async function freeReserves({ sql, clock, outbox, ledger }: ReserveGround): Promise<number> {
  if (!(await hasRipe(sql, clock.now()))) return 0;
  return ledger.runGroup(async () => {
    const { freed } = await sql.begin(async (tx) => ({ freed: await freeRipe(tx, { clock, outbox }) }));
    return freed;
  });
}

async function freeRipe(tx: Tx, { clock, outbox }: Pick<ReserveGround, 'clock' | 'outbox'>): Promise<number> {
  const now = clock.now();
  const ripe = await lockRipe(tx, now, AT_ONCE);
  if (ripe.length === 0) return 0;
  const entries = ripe.map(({ tradeId, acct, amountFen }) =>
    transferEntry('reserve_freed', now, { tradeId }, { from: potOf('reserve', acct), to: potOf('available', acct), amountFen }),
  );
  await saveEntries(tx, entries);
  for (const each of ripe) await freeReserve(tx, each, now);
  await outbox.append(tx, [
    ...entries.map(paymentMessage),
    ...ripe.flatMap((each) => messagesOf(each, now)),
    ...[...new Set(ripe.map(({ acct }) => acct))].map((acct) =>
      message(playerRoom(acct), 'money.updated', now, { kinds: ['reserve_freed'] }),
    ),
  ]);
  return ripe.length;
}

function messagesOf({ tradeId, experimentId, acct, tax, amountFen, cause }: Ripe, now: Parameters<typeof toIso>[0]) {
  const facts = { tradeId, experimentId, amountFen: String(amountFen) };
  return [
    message('sup:tax', 'sbx.reserve', now, {
      ...facts,
      ...{ sellerRef: acct, tax, state: 'freed', dueOn: null, freeAt: toIso(now), cause },
    }),
    noticeTo(acct, 'reserve_freed', now, { ...facts, cause, link: '/money' }),
  ];
}
