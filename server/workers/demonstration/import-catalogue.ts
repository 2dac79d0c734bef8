/** The demonstration studio at work: declares its game and sends its catalogue through the public REST API. Every call carries a fixed
 *  `reference_id`, so that a second start repeats what the first one did and changes nothing. */
import type { Catalogue, CatalogueMapping } from '#drizzle/seed/demonstration-catalogue.ts';
import { DEMONSTRATION_GAME } from '#drizzle/seed/demonstration-catalogue.ts';
import type { Answer, StudioClient } from '#server/sdk/studio-client.ts';
import type { PlannedMint } from './plan.ts';

const POLL_MS = 500;

function fieldOf(answer: Answer, name: string): string {
  const value =
    typeof answer.body === 'object' && answer.body !== null ? (answer.body as Readonly<Record<string, unknown>>)[name] : undefined;
  if (answer.status >= 300 || typeof value !== 'string') {
    throw new Error(`the studio's call was refused: ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`);
  }
  return value;
}

export type ImportSteps = { readonly sleep: (ms: number) => Promise<void>; readonly isStopped: () => boolean };

async function followJob(studio: StudioClient, jobId: string, steps: ImportSteps): Promise<void> {
  for (;;) {
    const answer = await studio.read(`/api/v1/jobs/${jobId}`);
    const state = fieldOf(answer, 'state');
    const { total, certified, refused } = answer.body as Readonly<Record<string, number>>;
    if (state === 'failed') throw new Error(`job ${jobId} failed`);
    if (state === 'finished' && (certified ?? 0) + (refused ?? 0) === total) return;
    if (steps.isStopped()) return;
    await steps.sleep(POLL_MS);
  }
}

export async function importCatalogue(
  studio: StudioClient,
  catalogue: Catalogue,
  mapping: CatalogueMapping,
  mints: readonly PlannedMint[],
  accts: ReadonlyMap<string, string>,
  steps: ImportSteps,
): Promise<string> {
  const game = await studio.write('POST', '/api/v1/games', {
    reference_id: 'demo-game',
    ...DEMONSTRATION_GAME,
    attributes: mapping.attributes,
  });
  const gameId = fieldOf(game, 'game_id');
  const classes = await studio.write('POST', '/api/v1/imports', {
    reference_id: 'demo-classes',
    game_id: gameId,
    kind: 'item_classes',
    mapping: mapping.mapping,
    rows: catalogue.items,
  });
  await followJob(studio, fieldOf(classes, 'job_id'), steps);
  const items = await studio.write('POST', '/api/v1/imports', {
    reference_id: 'demo-items',
    game_id: gameId,
    kind: 'mints',
    rows: mints.map((mint) => ({ class_ref: mint.classRef, to: accts.get(mint.player), quantity: mint.quantity })),
  });
  await followJob(studio, fieldOf(items, 'job_id'), steps);
  return gameId;
}
