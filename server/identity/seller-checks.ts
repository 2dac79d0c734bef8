/**
 * People who sell are verified again, as studios are (rulebook CN-MK-11, E-Commerce Law art. 27): reminded thirty days before, by the term of the
 * pack in force. Past the date nothing more is offered for sale until the person has been checked; buying, gifts, withdrawals and what stands
 * already go on. The check asks the provider about the sealed record, so nothing is typed again; the person asks for it under their key.
 */
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import type { Clocks } from '#sandbox/packs/clocks.ts';
import type { Clock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { SellerCheckView } from '#server/trpc/views.ts';
import type { FreshSignature, Identity, IdentityRefusal, OpenedPerson } from './identity.ts';
import { recordScreening } from './list-reviews.ts';
import { type RegistrationGround, rejected } from './registration.ts';
import * as repo from './seller-checks.repo.ts';
import { confirmAgain } from './sessions.ts';

export const SELLER_CHECK_FORMAT = 'daoju.seller-check/1';
/** Holds sales and nothing else. */
export const SELLER_CHECK_HOLD = 'identity_check_sale';
/** It ends with the check, not with time. */
const NO_END = instant(Date.UTC(9999, 0, 1));
export const REMIND_MS = 30 * 86_400_000;
/** Nobody is stopped with less notice. */
export const LEAST_MS = 7 * 86_400_000;
const LINK = '/settings/identity';

export async function checkSeller(
  ground: RegistrationGround,
  { acct, name, idNumber, phone }: OpenedPerson & { readonly acct: AccountId },
  proof: FreshSignature,
): Promise<IdentityRefusal | null> {
  const { sql, clock, provider } = ground;
  const unproven = await confirmAgain(ground, acct, { format: SELLER_CHECK_FORMAT, facts: {}, proof });
  if (unproven !== null) return unproven;
  if ((await repo.readCheck(sql, acct)).open === null) return rejected('seller_check_not_due');
  const answer = await provider.verify(name, idNumber, phone ?? '');
  if (answer === 'mismatch') return rejected('real_name_mismatch');
  const screened = answer === 'unavailable' ? answer : await provider.screen(name, idNumber);
  if (screened === 'unavailable') return rejected('real_name_unavailable');
  const { isDone } = await sql.begin(async (tx) => {
    const at = clock.now();
    if (!(await repo.finishCheck(tx, acct, at, provider.name))) return { isDone: false };
    // A hit is told to finance supervisors and to nobody else.
    await recordScreening(ground, tx, { acct, at, occasion: 'seller', provider: provider.name, answer: screened, declared: null });
    await repo.endHold(tx, acct, SELLER_CHECK_HOLD);
    return { isDone: true };
  });
  return isDone ? null : rejected('seller_check_not_due');
}

export async function sellerCheckOf(
  { sql, clock }: Pick<RegistrationGround, 'sql' | 'clock'>,
  acct: AccountId,
  { sellerCheckMonths: months }: Pick<Clocks, 'sellerCheckMonths'>,
): Promise<SellerCheckView> {
  const { verifiedAt, provider, open } = await repo.readCheck(sql, acct);
  return {
    months,
    verifiedAt: verifiedAt === null ? null : toIso(verifiedAt),
    provider,
    dueAt: open === null ? null : toIso(open.dueAt),
    isOverdue: open !== null && open.dueAt <= clock.now(),
  };
}

export type SellerChecksGround = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly identity: Pick<Identity, 'holdPlayer'>;
  readonly clocks: () => Clocks;
  /** Seeded traders of a demonstration: there is nobody to remind. */
  readonly skip: readonly AccountId[];
};

const AT_ONCE = 100;
const EVERY_MS = 60_000;

/** @returns `turn`: how many were reminded or stopped */
export function watchSellerChecks(ground: SellerChecksGround): { turn(): Promise<number> } {
  let last: Instant | null = null;
  return {
    turn: async () => {
      const now = ground.clock.now();
      if (last !== null && Math.abs(now - last) < EVERY_MS) return 0;
      last = now;
      return (await remind(ground, now)) + (await stopOverdue(ground, now));
    },
  };
}

async function remind({ sql, outbox, clocks, skip }: SellerChecksGround, now: Instant): Promise<number> {
  const due = await repo.listNearlyDue(sql, {
    now,
    months: clocks().sellerCheckMonths,
    noticeMs: REMIND_MS,
    leastMs: LEAST_MS,
    skip,
    limit: AT_ONCE,
  });
  let told = 0;
  for (const { acct, dueAt } of due) {
    const { isNew } = await sql.begin(async (tx) => {
      if (!(await repo.insertCheck(tx, acct, dueAt, now))) return { isNew: false };
      await outbox.append(tx, [noticeTo(acct, 'identity_check_due', now, { dueAt: toIso(dueAt), link: LINK })]);
      return { isNew: true };
    });
    told += isNew ? 1 : 0;
  }
  return told;
}

async function stopOverdue({ sql, outbox, identity }: SellerChecksGround, now: Instant): Promise<number> {
  let stopped = 0;
  for (const { acct } of await repo.listOverdue(sql, now, AT_ONCE)) {
    const { isNew } = await sql.begin(async (tx) => {
      if (!(await repo.markOverdue(tx, acct, now))) return { isNew: false };
      await identity.holdPlayer(tx, acct, { code: SELLER_CHECK_HOLD, until: NO_END });
      await outbox.append(tx, [noticeTo(acct, 'identity_check_overdue', now, { link: LINK })]);
      return { isNew: true };
    });
    stopped += isNew ? 1 : 0;
  }
  return stopped;
}
