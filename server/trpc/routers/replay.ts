/** Policy replay for supervisors (product V-23): ask, follow, read, share. */
import { z } from 'zod';
import { fromHex } from '#ledger/primitives/bytes.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import { DETAILS, GROUPINGS } from '#sandbox/replay/inputs.ts';
import { readDraft } from '#server/compliance/packs.ts';
import { listConfirmations } from '#server/compliance/replay-confirmations.repo.ts';
import { replayMessage } from '#server/compliance/replay-message.ts';
import { groupKeysOf, replaySummary, replayView, scopeKeysOf } from '#server/compliance/replay-views.ts';
import { findReplay, listReplays, readReplayRows, type StoredReplay } from '#server/compliance/replays.repo.ts';
import type { Services } from '#server/context.ts';
import type { Sql } from '#server/db.ts';
import { activePack } from '#server/exchange/active-pack.ts';
import { EXCHANGE_REFUSALS, exchangeCode } from '#server/exchange/codes.ts';
import { SUPERVISOR_ROLES } from '#server/market/audience.ts';
import { listCatalogueNames, listGames } from '#server/market/names.repo.ts';
import { RefusalError } from '#server/refusal.ts';
import { router, staffProcedure } from '../init.ts';
import type { ReplayChoices, ReplayConfirmationView, ReplaySummary, ReplayView } from '../views.ts';
import { draftContent, draftInput } from './packs.ts';

const reader = staffProcedure([...SUPERVISOR_ROLES, 'operator', 'auditor']);
const author = staffProcedure([...SUPERVISOR_ROLES, 'operator']);
const replayInput = z.strictObject({ replayId: z.string().regex(/^rpl_[0-9a-f]{32}$/) });
const ids = z.array(z.string().min(1).max(80)).min(1).max(100).nullable().default(null);
const startInput = z.strictObject({
  from: z.iso.date(),
  to: z.iso.date(),
  /** A pack that is known, or a draft over one. */
  draft: z.union([z.strictObject({ packHash: z.string().regex(/^[0-9a-f]{64}$/) }), draftInput]),
  blocked: z.enum(['REMOVE', 'KEEP']).default('REMOVE'),
  experiments: z.enum(['KEEP', 'DROP']).default('KEEP'),
  /** `null`: all of them. */
  scope: z.strictObject({ gameIds: ids, classIds: ids, payerGroups: ids }).default({ gameIds: null, classIds: null, payerGroups: null }),
  detail: z.enum(DETAILS).default('CHANGED'),
  groupBy: z
    .array(z.enum(GROUPINGS))
    .max(GROUPINGS.length)
    .default([...GROUPINGS]),
});

export const replayRouter = router({
  start: author.input(startInput).mutation(async ({ ctx, input }): Promise<ReplaySummary> => {
    const { draft, from, to, scope, blocked, experiments, detail } = input;
    const pack =
      'packHash' in draft
        ? findPackByHash(draft.packHash)
        : readDraft({ baseHash: draft.baseHash, version: draft.version, content: draftContent(draft) });
    if (pack === null) throw new RefusalError('not_found', 'pack_unknown', 'There is no such rule pack.');
    const options = { scope, blocked, experiments, detail, groupBy: [...new Set(input.groupBy)] };
    return replaySummary(await ctx.services.replays.request(ctx.staff.staffId, pack, { from, to, options }));
  }),
  /** What a scope may name beside kinds, which the search finds. */
  choices: reader.query(async ({ ctx }): Promise<ReplayChoices> => {
    const { sql, ledger, clock } = ctx.services;
    return { games: await listGames(sql), levels: activePack(ledger.pending, clock.now()).pack.trading.levels.order };
  }),
  list: reader.query(async ({ ctx }): Promise<readonly ReplaySummary[]> => (await listReplays(ctx.services.sql)).map(replaySummary)),
  get: reader.input(replayInput).query(async ({ ctx, input }): Promise<ReplayView> => {
    const { sql } = ctx.services;
    const replay = await mustFind(sql, input.replayId);
    const words = {
      names: await listCatalogueNames(sql, [...groupKeysOf(replay), ...scopeKeysOf(replay)]),
      sentenceOf: (code: string) => EXCHANGE_REFUSALS[exchangeCode(code)].message,
    };
    return replayView(replay, ctx.staff.role === 'sup_tax', words, await confirmationsOf(ctx.services, replay));
  }),
  /** The supervisor's own member runs it again and signs the same body. */
  confirm: staffProcedure(SUPERVISOR_ROLES)
    .input(replayInput)
    .mutation(async ({ ctx, input }): Promise<readonly ReplayConfirmationView[]> => {
      await ctx.services.confirmReplay(ctx.staff, input.replayId);
      return confirmationsOf(ctx.services, await mustFind(ctx.services.sql, input.replayId));
    }),
  /** The signed result as it is verified: body, hash, signature. Only with identity rights, because nothing is hidden in it. */
  file: staffProcedure(['sup_tax'])
    .input(replayInput)
    .query(async ({ ctx, input }) => {
      const replay = await mustFind(ctx.services.sql, input.replayId);
      const { body, bodyHash, signature } = replay;
      const confirmations = await confirmationsOf(ctx.services, replay);
      return { body, bodyHash, signature, confirmations, rows: await readReplayRows(ctx.services.sql, input.replayId) };
    }),
});

async function confirmationsOf(
  { sql, ledger }: Pick<Services, 'sql' | 'ledger'>,
  { replayId, bodyHash }: StoredReplay,
): Promise<readonly ReplayConfirmationView[]> {
  if (bodyHash === null) return [];
  const message = replayMessage(bodyHash);
  return (await listConfirmations(sql, replayId)).map((each) => ({
    ...each,
    at: toIso(each.at),
    isSound: ledger.sm2.verify(fromHex(each.publicKey, 64), message, fromHex(each.signature, 64)),
  }));
}

async function mustFind(sql: Sql, replayId: string): Promise<StoredReplay> {
  const replay = await findReplay(sql, replayId);
  if (replay === null) throw new RefusalError('not_found', 'replay_unknown', 'There is no such replay.');
  return replay;
}
