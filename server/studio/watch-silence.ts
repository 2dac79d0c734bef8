/**
 * Dead-man (product T-28): a studio that gives no heartbeat, makes no signed call and runs no node for 7, 14, 21 days is warned, with the
 * supervisors and whoever holds items of the game; after 30 days its sunset begins by the decision of supervisor and notary. A sign of life ends the silence until then.
 * On a demonstration chain their published keys sign; elsewhere their decision comes as a LedgerTx of theirs, and this only reminds.
 */

import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { RECORD } from '#ledger/codec/leaves.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { accountIdBytes, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, instant, toIso } from '#ledger/primitives/instant.ts';
import { NO_TERMS } from '#sandbox/packs/no-terms.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import { every, type Ticking } from '#server/every.ts';
import { noticeTo } from '#server/outbox/notices.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import { followSunsets, hasSunset } from './follow-sunsets.ts';
import { insertSunset, insertWarning, type LifeRow, listArtFiles, listHolders, listLife } from './sunset.repo.ts';
import { SILENCE_DAYS } from './sunset.ts';
import { windowAt } from './write-plan.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = [7, 14, 21] as const;
const TURN_MS = 600_000;

export type SilenceStep = { readonly warn: readonly number[]; readonly isOver: boolean };

/** What a silence since `lastSign` asks for now. Pure. */
export function silenceStep(lastSign: Instant, warned: readonly number[], now: Instant): SilenceStep {
  const days = (now - lastSign) / DAY_MS;
  return { warn: WARN_DAYS.filter((step) => days >= step && !warned.includes(step)), isOver: days >= SILENCE_DAYS };
}

export interface SilenceWatch {
  start(): void;
  stop(): Promise<void>;
  /** Once through all games. */
  turn(): Promise<void>;
}

export type SilenceGround = Ground & { readonly outbox: Pick<Outbox, 'append'> };

/** `also`: what else is asked of studios by the clock. */
export function watchSilence(ground: SilenceGround, also: () => Promise<void> = () => Promise.resolve()): SilenceWatch {
  let ticking: Ticking | null = null;
  let unlisten: (() => void) | null = null;
  let running = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    running = running.then(work).catch((error: unknown) => ground.log.error({ error }, "couldn't look after studios"));
    return running;
  };
  const follow = () => followSunsets(ground);
  const turn = () =>
    inTurn(() =>
      follow()
        .then(() => turnAll(ground))
        .then(also),
    );
  return {
    turn,
    start: () => {
      ticking = every(TURN_MS, turn);
      unlisten = ground.ledger.onCertified((block) => {
        if (hasSunset(block)) void inTurn(follow);
      });
      void inTurn(follow);
    },
    stop: async () => {
      unlisten?.();
      ticking?.stop();
      await running;
    },
  };
}

async function turnAll(ground: SilenceGround): Promise<void> {
  const now = ground.clock.now();
  for (const game of await listLife(ground.sql)) {
    if (hasNode(ground, game, now)) continue;
    const { warn, isOver } = silenceStep(game.lastSign, game.warned, now);
    for (const days of warn) await warnOf(ground, game, days, now);
    if (isOver) await endGame(ground, game, now);
  }
}

/** The studio's own member answers: that is a sign of life. */
function hasNode({ ledger }: SilenceGround, { studioAcct }: LifeRow, now: Instant): boolean {
  const seats = ledger.config.members.filter((member) => toHex(member.acct) === studioAcct).map((member) => member.id);
  const seen = ledger.consortium()?.members.filter(({ id }) => seats.includes(id)) ?? [];
  return seen.some(({ failure, seenAt }) => failure === null && seenAt !== null && now - seenAt < WARN_DAYS[0] * DAY_MS);
}

async function warnOf({ sql, outbox, log }: SilenceGround, game: LifeRow, days: number, now: Instant): Promise<void> {
  const { gameId, studioAcct, lastSign } = game;
  await sql.begin(async (tx) => {
    await insertWarning(tx, { gameId, silentSince: lastSign, days, warnedAt: now });
    const body = { gameId, studioAcct, silentSince: toIso(lastSign), days };
    // Each holder in order of account: two turns meet in no other.
    const facts = { gameId, silentSince: toIso(lastSign), days, link: '/portfolio' };
    const told = (await listHolders(tx, { gameId })).map((acct) => noticeTo(acct, 'studio_silent', now, facts));
    await outbox.append(tx, [{ room: 'sup:all', type: 'studio.silent', at: now, body }, ...told]);
  });
  log.warn({ gameId, days }, 'a studio gives no sign of life');
}

async function endGame(ground: SilenceGround, { gameId, studioAcct }: LifeRow, now: Instant): Promise<void> {
  const { sql, ledger, random, log, outbox } = ground;
  const studio = accountIdBytes(parseAccountId(studioAcct));
  if (ledger.pending.record(RECORD.sunset, studio) !== null) return;
  if (ledger.demo === null)
    return log.error({ gameId, studioAcct }, 'thirty days without a sign of life: supervisor and notary decide (cli -- end-studio)');
  const endsAt = instant(now + Number(ledger.config.limits.sunsetNoticeMs));
  const archive = sm3(canonicalBytes(await listArtFiles(sql, studioAcct)));
  const body = {
    chain: ledger.chain,
    salt: random.bytes(16),
    ...windowAt(now),
    op: { kind: 'studio_sunset' as const, studio, at: BigInt(endsAt), archive, successor: null },
  };
  const { supervisor, notary } = ledger.demo;
  const envs = supervisor.batchSign([body]).map((env) => notary.coSign(env));
  const [result] = await sequenceOutside(ground, envs, async (tx, [first]) => {
    if (first?.kind !== 'sequenced') return;
    await insertSunset(tx, studioAcct, {
      gameId,
      endsAt,
      archive: toHex(archive),
      successor: null,
      refundTerms: NO_TERMS,
      cause: 'silence',
      txId: first.txId,
      announcedAt: now,
    });
    const facts = { gameId, until: toIso(endsAt), link: '/portfolio' };
    await outbox.append(
      tx,
      (await listHolders(tx, { studioAcct })).map((acct) => noticeTo(acct, 'studio_silent_over', now, facts)),
    );
  });
  if (result?.kind === 'rejected') log.error({ gameId, code: result.code }, 'the ledger refuses the end of a silent game');
}
