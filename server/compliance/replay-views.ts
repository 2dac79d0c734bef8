/** A stored replay as pages show it: cells of few people are hidden from readers without identity rights before anything leaves here. */
import type { Json } from '#ledger/codec/canonical-json.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { findPackByHash, packHash } from '#sandbox/packs/pack.ts';
import { ASSUMPTION, NOT_MODELLED, undoneWords } from '#sandbox/replay/body.ts';
import { GROUPINGS } from '#sandbox/replay/inputs.ts';
import { maskPeople } from '#sandbox/replay/mask.ts';
import type {
  Names,
  PeopleCellView,
  ReplayAsked,
  ReplayColumn,
  ReplayConfirmationView,
  ReplaySummary,
  ReplayTally,
  ReplayView,
  YearTallyView,
} from '#server/trpc/views.ts';
import { differenceViews } from './pack-views.ts';
import type { StoredReplay } from './replays.repo.ts';

type Node = { readonly [key: string]: Json };

export function replaySummary(replay: StoredReplay): ReplaySummary {
  const { replayId, requestedBy, requestedAt, request, draft, state, done, total, refusal } = replay;
  return {
    replayId,
    requestedBy,
    requestedAt: toIso(requestedAt),
    state,
    done,
    total,
    from: request.from,
    to: request.to,
    draft: { packId: draft.id, version: draft.version, packHash: packHash(draft) },
    refusal: refusal === null ? null : { code: refusal.code, facts: refusal.facts },
  };
}

/** Whose names the groups need: everything that may be a kind or a game. */
export function groupKeysOf({ body }: StoredReplay): readonly string[] {
  const groups = nodeOf(body?.groups);
  return (['game', 'itemClass'] as const).flatMap((grouping) => Object.keys(nodeOf(groups[grouping])));
}

export function scopeKeysOf({ request: { options } }: StoredReplay): readonly string[] {
  return [...(options.scope.gameIds ?? []), ...(options.scope.classIds ?? [])];
}

/** What its ids and codes are called. */
export type ReplayWords = { readonly names: ReadonlyMap<string, Names>; readonly sentenceOf: (code: string) => string };

export function replayView(
  replay: StoredReplay,
  seesPeople: boolean,
  words: ReplayWords,
  confirmations: readonly ReplayConfirmationView[],
): ReplayView {
  const { body, bodyHash, signature, draft } = replay;
  const parent = draft.parent === undefined ? null : findPackByHash(draft.parent);
  const mismatches = (replay.refusal?.mismatches ?? []).slice(0, MISMATCHES_SHOWN);
  const asked = askedView(replay, words.names);
  const summary = { ...replaySummary(replay), asked, mismatches, differences: parent === null ? [] : differenceViews(parent, draft) };
  if (body === null || bodyHash === null || signature === null) return { ...summary, result: null };
  const shown = seesPeople ? body : maskPeople(body);
  const inputs = nodeOf(shown.inputs);
  const decisions = nodeOf(shown.decisions);
  const rows = nodeOf(shown.rows);
  const people = nodeOf(shown.people);
  const review = nodeOf(decisions.review);
  const undone = countOf(nodeOf(shown.undone).trades);
  return {
    ...summary,
    result: {
      bodyHash,
      signature,
      confirmations,
      factsHash: textOf(inputs.factsHash),
      trades: countOf(nodeOf(shown.identity).trades),
      undone: undone === 0 ? null : { trades: undone, words: undoneWords(undone) },
      revenue: columnsOf(shown.revenue),
      decisions: {
        blocked: tallyOf(decisions.blocked),
        blockedByReason: Object.entries(nodeOf(decisions.blockedByReason)).map(([code, tally]) => ({
          code,
          message: words.sentenceOf(code),
          ...tallyOf(tally),
        })),
        newlyAllowed: tallyOf(decisions.newlyAllowed),
        review: { baseline: countOf(review.baseline), draft: countOf(review.draft) },
        upstreamBlocked: countOf(decisions.upstreamBlocked),
      },
      people: {
        all: cellOf(people.all),
        quantiles: listOf(people.quantiles).map((each) => ({
          percent: countOf(nodeOf(each).percent),
          differenceFen: textOf(nodeOf(each).differenceFen),
        })),
        groups: Object.entries(nodeOf(people.groups)).map(([group, cell]) => ({ group, cell: cellOf(cell) })),
      },
      dayLine: { baseline: windowsOf(nodeOf(shown.dayLine).baseline), draft: windowsOf(nodeOf(shown.dayLine).draft) },
      sellerYears: yearsOf(shown.sellerYears),
      groups: GROUPINGS.flatMap((grouping) => {
        const keys = nodeOf(nodeOf(shown.groups)[grouping]);
        if (Object.keys(keys).length === 0) return [];
        return [
          {
            grouping,
            rows: Object.entries(keys).map(([key, columns]) => ({ key, names: words.names.get(key) ?? null, columns: columnsOf(columns) })),
          },
        ];
      }),
      rows: { count: countOf(rows.count), root: textOf(rows.root) },
      assumption: ASSUMPTION,
      notModelled: NOT_MODELLED,
    },
  };
}

const MISMATCHES_SHOWN = 20;

function askedView({ request: { options } }: StoredReplay, names: ReplayWords['names']): ReplayAsked {
  const { scope, blocked, experiments, detail, groupBy } = options;
  const named = (ids: readonly string[] | null) => ids?.map((id) => ({ id, names: names.get(id) ?? null })) ?? null;
  return {
    games: named(scope.gameIds),
    kinds: named(scope.classIds),
    payerGroups: scope.payerGroups,
    blocked,
    experiments,
    detail,
    groupBy,
  };
}

function yearsOf(value: Json | undefined): Readonly<Record<'registration' | 'business', YearTallyView>> | null {
  if (value === null || value === undefined) return null;
  const { registration, business } = nodeOf(value);
  return { registration: yearTallyOf(registration), business: yearTallyOf(business) };
}

function yearTallyOf(value: Json | undefined): YearTallyView {
  const cell = nodeOf(value);
  const figure = (key: keyof YearTallyView) => figureOf(cell[key]);
  return { baseline: figure('baseline'), draft: figure('draft'), added: figure('added'), removed: figure('removed') };
}

/** A count, or the mark of one that is hidden. */
function figureOf(value: Json | undefined): number | string {
  return typeof value === 'number' || typeof value === 'string' ? value : 0;
}

function nodeOf(value: Json | undefined): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}
function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
function countOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
function tallyOf(value: Json | undefined): ReplayTally {
  const { count, grossFen } = nodeOf(value);
  return { count: countOf(count), grossFen: textOf(grossFen) };
}
function columnsOf(value: Json | undefined): readonly ReplayColumn[] {
  return Object.entries(nodeOf(value)).map(([name, pair]) => {
    const { baselineFen, draftFen, differenceFen } = nodeOf(pair);
    return { name, baselineFen: textOf(baselineFen), draftFen: textOf(draftFen), differenceFen: textOf(differenceFen) };
  });
}
function cellOf(value: Json | undefined): PeopleCellView {
  const cell = nodeOf(value);
  const figure = (key: keyof PeopleCellView) => figureOf(cell[key]);
  return {
    affected: figure('affected'),
    paysMore: figure('paysMore'),
    paysLess: figure('paysLess'),
    newlyTaxed: figure('newlyTaxed'),
    noLongerTaxed: figure('noLongerTaxed'),
    blocked: figure('blocked'),
  };
}
function windowsOf(value: Json | undefined) {
  const { taxable, crossings, reassessed } = nodeOf(value);
  return { taxable: countOf(taxable), crossings: countOf(crossings), reassessed: countOf(reassessed) };
}
