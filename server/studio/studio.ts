/** The studios' side of the market: what the REST API, the console and the home page call. Built by `openStudio`. */
import { decodeTxEnv, type TxBody, type TxEnv } from '#ledger/codec/tx.ts';
import type { AccountSigner } from '#ledger/node/ledger-node.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { Ground } from '#server/context.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { ImportProgress, StudioOverview } from '#server/trpc/views.ts';
import { listRefusedEnvs, restoreClass } from './class-changes.repo.ts';
import { catchUpCertified, listProgress, markCertified } from './jobs.repo.ts';
import { getStudioRow, listStudioGames, listStudioKeys, listStudioProblems, studioTotals } from './overview.repo.ts';
import type { StudioPorts } from './ports.ts';
import { actOnJob, startJobRunner } from './run-jobs.ts';
import { openProgressTeller } from './tell-progress.ts';

export interface Studio {
  readonly ports: StudioPorts;
  /** Newest first. */
  listImports(acct: AccountId | null): Promise<readonly ImportProgress[]>;
  getOverview(acct: AccountId): Promise<StudioOverview | null>;
  actOnJob(acct: AccountId | null, jobId: string, act: 'pause' | 'resume' | 'cancel'): Promise<'done' | 'job_unknown' | 'job_ended'>;
  wakeJobs(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export type StudioOptions = {
  readonly outbox: Pick<Outbox, 'append'>;
  /** Issuing keys that studios left with the operator, by account. */
  readonly hostedSigners: ReadonlyMap<string, AccountSigner>;
  readonly onClassChanged?: StudioPorts['onClassChanged'];
};

export function openStudio(ground: Ground, { outbox, hostedSigners, onClassChanged }: StudioOptions): Studio {
  const { sql, clock, ledger, log } = ground;
  const teller = openProgressTeller({
    sql,
    now: () => clock.now(),
    outbox,
    report: (error) => log.error({ error }, "couldn't tell a studio how far its import is; it is told with the next step"),
  });
  const ports: StudioPorts = {
    sql,
    chain: ledger.chain,
    now: () => clock.now(),
    pending: () => ledger.pending,
    sequence: async (envs, also) => {
      await sequenceOutside(ground, envs, also);
    },
    signHosted: (acct, bodies: readonly TxBody[]): readonly TxEnv[] | null => hostedSigners.get(acct)?.batchSign(bodies) ?? null,
    onJobsMoved: (jobIds) => teller.moved(jobIds),
    onClassChanged: (classId) => onClassChanged?.(classId),
  };
  let runner: ReturnType<typeof startJobRunner> | null = null;
  let stopListening: (() => void) | null = null;
  let following = Promise.resolve();
  return {
    ports,
    listImports: (acct) => listProgress(sql, acct === null ? {} : { acct }, clock.now()),
    getOverview: async (acct) => {
      const row = await getStudioRow(sql, acct);
      if (row === null) return null;
      const [games, totals, keys, problems, imports] = await Promise.all([
        listStudioGames(sql, acct),
        studioTotals(sql, acct),
        listStudioKeys(sql, acct),
        listStudioProblems(sql, acct),
        listProgress(sql, { acct }, clock.now()),
      ]);
      return {
        studioRef: acct,
        names: { zh: row.name_zh, en: row.name_en },
        isHosted: row.is_hosted,
        games: games.map((game) => ({
          gameId: game.game_id,
          names: { zh: game.name_zh, en: game.name_en },
          approvalNo: game.approval_no ?? '',
          classes: game.classes,
          items: game.items,
        })),
        issued: totals.issued,
        traded: totals.traded,
        revenueFen: totals.revenue_fen,
        royaltiesFen: totals.royalties_fen,
        imports,
        keys: keys.map((key) => ({
          keyId: key.key_id,
          kind: key.kind,
          lastUsedAt: key.last_used_at === null ? null : toIso(key.last_used_at),
          expiresAt: toIso(key.expires_at),
        })),
        problems: problems.map((problem) => ({
          at: toIso(problem.at),
          code: problem.code,
          traceId: problem.trace_id,
          detail: `${problem.method} ${problem.path}`,
        })),
      };
    },
    actOnJob: async (acct, jobId, act) => {
      const outcome = await actOnJob(ports, acct, jobId, act);
      runner?.wake();
      return outcome;
    },
    wakeJobs: () => runner?.wake(),
    start: async () => {
      const follow = (work: () => Promise<void>): void => {
        following = following.then(work).catch((error: unknown) => log.error({ error }, "couldn't follow certification for studios"));
      };
      stopListening = ledger.onCertified((block) => {
        const txIds = block.txs.filter((tx) => isStudioOp(tx.entry.env)).map((tx) => tx.txId);
        if (txIds.length > 0) follow(async () => teller.moved(await markCertified(sql, txIds, clock.now())));
        if (block.refused.length > 0)
          follow(() =>
            restoreRefused(
              ports,
              block.refused.map(({ env }) => env),
            ),
          );
      });
      teller.moved(await catchUpCertified(sql, clock.now()));
      await restoreRefused(
        ports,
        (await listRefusedEnvs(sql)).map((bytes) => decodeTxEnv(new Uint8Array(bytes))),
      );
      runner = startJobRunner(ports, (error) => log.error({ error }, "couldn't run a batch of an import; it is tried again"));
    },
    stop: async () => {
      stopListening?.();
      await runner?.stop();
      await following;
      await teller.stop();
    },
  };
}

/** What members refused is not announced, and not shown, by the market either. */
async function restoreRefused({ sql, pending, onClassChanged }: StudioPorts, envs: readonly TxEnv[]): Promise<void> {
  const serials = new Set(envs.flatMap(({ body: { op } }) => (op.kind === 'class_update' ? [op.cls] : [])));
  for (const serial of serials) {
    const leaf = pending().classById(serial);
    const classId = leaf === null ? null : await restoreClass(sql, serial, leaf.supplyCap);
    if (classId !== null) onClassChanged(classId);
  }
}

function isStudioOp(env: TxEnv): boolean {
  return env.body.op.kind === 'class_define' || env.body.op.kind === 'mint';
}
