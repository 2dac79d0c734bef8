/** What everybody may know (product V-26): totals by day, and nothing from which few people's trades could be told. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { beijingDate, instant, startOfBeijingDate, toIso } from '#ledger/primitives/instant.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { listActivatedPacks } from '#server/compliance/packs.repo.ts';
import type { Services } from '#server/context.ts';
import { listPayments, readFund } from '#server/guarantee/guarantee.repo.ts';
import { listDays } from '#server/journal/statement.repo.ts';
import { PROVIDER_NAME } from '#server/payments/simulated-institution.ts';
import type { PublicCount, Transparency } from '#server/trpc/views.ts';
import { listExperimentViews } from './experiments.ts';
import { DAY_MS } from './figures.repo.ts';
import { readSnapshot } from './snapshot.ts';
import { type DayCounts, listActCounts, listDayCounts, listOpenedIdentities } from './transparency.repo.ts';

const SHOWN_DAYS = 30;
const SHOWN_PAYMENTS = 50;
/** Groups below it could be told apart. */
const LEAST_GROUP = 20;
const ROOMS = ['public', 'sup:tax', 'sup:market', 'sup:finance', 'sup:all'] as const;
const KEPT_MS = 15_000;

type Ground = Pick<Services, 'sql' | 'clock' | 'ledger' | 'outbox'>;

/** The same answer for all who ask within a quarter of a minute: it is open to everybody. */
export function openTransparency(ground: Ground): () => Promise<Transparency> {
  let kept: { readonly at: number; readonly answer: Promise<Transparency> } | null = null;
  return () => {
    const now = ground.clock.now();
    if (kept !== null && now - kept.at < KEPT_MS && now >= kept.at) return kept.answer;
    const answer = read(ground);
    const mine = { at: now, answer };
    kept = mine;
    answer.catch(() => {
      if (kept === mine) kept = null;
    });
    return answer;
  };
}

async function read(ground: Ground): Promise<Transparency> {
  const { ledger, outbox } = ground;
  const { certified } = ledger;
  const block = await ledger.block(certified.height);
  return readSnapshot(ground, null, async (snapshot) => {
    const { tx, now } = snapshot;
    const from = new Date(instant(startOfBeijingDate(beijingDate(now)) - (SHOWN_DAYS - 1) * DAY_MS));
    const [days, acts, identities, statements, fund, payments, experiments, packs] = [
      await listDayCounts(tx, from),
      await listActCounts(tx, from),
      await listOpenedIdentities(tx),
      await listDays(tx, SHOWN_DAYS),
      await readFund(tx),
      await listPayments(tx, SHOWN_PAYMENTS),
      await listExperimentViews(snapshot),
      await listActivatedPacks(tx),
    ];
    const signers = new Set(block?.signers ?? []);
    return {
      schema: 'daoju.transparency/1',
      at: toIso(now),
      chain: toHex(ledger.chain),
      leastGroup: LEAST_GROUP,
      days: days.map(publicDay),
      acts,
      identities,
      institution: PROVIDER_NAME,
      isSimulated: true,
      statements: statements.map(({ day, figures, differenceFen }) => ({
        day,
        oursFen: figures.ours.closingFen,
        theirsFen: figures.theirs.closingFen,
        onItsWayFen: figures.onItsWayFen,
        differenceFen,
      })),
      fund: { ...fund, payments: payments.map(({ at, fen }) => ({ at: at.toISOString(), amountFen: fen })) },
      experiments: experiments.map(({ experimentId, title, status, from: begins, to }) => ({
        experimentId,
        title,
        status,
        from: begins,
        to,
      })),
      packs: packs.map(({ pack, activatedAt }) => ({
        packId: pack.id,
        version: pack.version,
        packHash: packHash(pack),
        from: pack.effectiveFrom,
        to: pack.effectiveTo,
        activatedAt: toIso(activatedAt),
      })),
      members: ledger.config.members.map(({ org }) => ({
        org,
        hasSigned: certified.height === 0n || signers.has(org),
      })),
      checkpoint: {
        height: String(certified.height),
        headerHash: toHex(certified.headerHash),
        sealedAt: toIso(instant(Number(certified.header.sealedAt))),
      },
      feeds: ROOMS.flatMap((room) => {
        const head = outbox.getSignedHead(room);
        return head === null ? [] : [{ room: head.room, seq: head.seq, hash: head.hash, ts: head.ts, keyId: head.keyId, sig: head.sig }];
      }),
    };
  });
}

/** None is told; some, but too few, are not counted, and then neither is what they add up to. */
export function publicCount(count: number): PublicCount {
  return count === 0 || count >= LEAST_GROUP ? String(count) : `< ${LEAST_GROUP}`;
}
const isFew = (count: number): boolean => count > 0 && count < LEAST_GROUP;

/** The labelled trades are a group too: turnover with and without them would tell what few of them added up to. */
export function publicDay({
  day,
  trades,
  labelled,
  reversals,
  turnoverFen,
  filteredFen,
  assessedFen,
}: DayCounts): Transparency['days'][number] {
  const isHidden = isFew(trades);
  return {
    day,
    trades: publicCount(trades),
    turnoverFen: isHidden ? null : turnoverFen,
    filteredFen: isHidden || isFew(labelled) || isFew(trades - labelled) ? null : filteredFen,
    assessedFen: isHidden ? null : assessedFen,
    reversals: publicCount(reversals),
  };
}
