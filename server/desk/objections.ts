/**
 * Objections to what is in publicity (product P-30): anyone but the parties says why, the desk decides with reasons before the publicity ends.
 * Upheld: the trade fails and the money is free, or the listing ends. A desk that stays silent lets the clock go on: nobody holds up a trade by
 * objecting alone, and once settled it can still be disputed.
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { CaseGround } from '#server/cases/sign-acts.ts';
import type { Tx } from '#server/db.ts';
import type { Market } from '#server/exchange/market.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import { refuseDesk } from './desk-codes.ts';
import { requireUnbarred } from './false-claims.ts';
import { closeObjection, findObjection, findPublic, insertObjection, listOverObjections, type ObjectionRow } from './objections.repo.ts';

export type ObjectionGround = CaseGround & { readonly market: Pick<Market, 'endOrders' | 'failPublicity'> };

export async function openObjection(
  ground: CaseGround,
  acct: AccountId,
  wish: { readonly actId: string; readonly subjectId: string; readonly text: string },
): Promise<{ readonly objectionId: string }> {
  const { sql, clock, outbox } = ground;
  const objectionId = `obj_${wish.actId}`;
  await sql.begin(async (tx) => {
    const known = await findObjection(tx, objectionId);
    if (known !== null) {
      if (known.objector === acct && known.subjectId === wish.subjectId && known.text === wish.text) return;
      throw refuseDesk('objection_made');
    }
    const at = clock.now();
    await requireUnbarred(tx, acct, at);
    const subject = await findPublic(tx, wish.subjectId, at);
    if (subject === null) throw refuseDesk('objection_not_public');
    if (subject.parties.includes(acct)) throw refuseDesk('objection_own');
    const dueAt = instant(subject.endsAt.getTime());
    if (!(await insertObjection(tx, { objectionId, subjectId: wish.subjectId, objector: acct, text: wish.text, at, dueAt })))
      throw refuseDesk('objection_made');
    const told = { subjectId: wish.subjectId, dueAt: subject.endsAt.toISOString() };
    await outbox.append(
      tx,
      subject.parties.map((party) => noticeTo(party, 'objection_opened', at, told)),
    );
  });
  return { objectionId };
}

/** Before the step is written: done twice it does nothing. @throws {RefusalError} `objection_not_public` */
export async function stopPublic(ground: ObjectionGround, objectionId: string): Promise<void> {
  const objection = await findObjection(ground.sql, objectionId);
  const subject = objection === null ? null : await findPublic(ground.sql, objection.subjectId, ground.clock.now());
  if (subject === null) throw refuseDesk('objection_not_public');
  if (subject.kind === 'listing') await ground.market.endOrders([subject.orderId], 'objection_upheld');
  else await ground.market.failPublicity(subject.tradeId, 'objection_upheld');
}

export async function endObjection(
  { clock, outbox }: Pick<CaseGround, 'clock' | 'outbox'>,
  tx: Tx,
  objection: ObjectionRow,
  outcome: 'upheld' | 'refused' | 'false' | 'lapsed',
): Promise<void> {
  const at = clock.now();
  await closeObjection(tx, objection.objectionId, outcome, at);
  await outbox.append(tx, [noticeTo(objection.objector, `objection_${outcome}`, at, { subjectId: objection.subjectId })]);
}

/** The publicity is over, or what it was about has ended otherwise. */
export async function turnObjections(ground: CaseGround): Promise<number> {
  const now = ground.clock.now();
  const { count } = await ground.sql.begin(async (tx) => {
    const over = await listOverObjections(tx, now);
    for (const objection of over) await endObjection(ground, tx, objection, 'lapsed');
    return { count: over.length };
  });
  return count;
}
