/** `cli replay`: a recorded period of this installation under other rules. Prints the body with its hash; signs and keeps nothing. */
import { readFile } from 'node:fs/promises';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import { draftFromChanges } from '#sandbox/packs/compare-packs.ts';
import { packHash } from '#sandbox/packs/pack.ts';
import { parsePack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { DEFAULT_OPTIONS } from '#sandbox/replay/inputs.ts';
import { replay } from '#sandbox/replay/replay.ts';
import { listActivatedPacks } from '#server/compliance/packs.repo.ts';
import { rememberStoredPacks } from '#server/compliance/packs.ts';
import { readInputs } from '#server/compliance/replays.ts';
import type { Sql } from '#server/db.ts';

export type ReplayCommand = {
  readonly from: string;
  readonly to: string;
  /** `vatThresholdDay=200000`, over the pack in force. */
  readonly set: readonly string[];
  /** A pack document. */
  readonly draft: string | null;
};

/** Exit code with what to print: 0 compared, 1 refused, 2 the draft cannot be read. */
export async function runReplay(
  sql: Sql,
  now: Instant,
  command: ReplayCommand,
): Promise<{ readonly code: 0 | 1 | 2; readonly facts: Readonly<Record<string, unknown>> }> {
  await rememberStoredPacks(sql);
  let draft: RulePack;
  try {
    draft = await readDraft(sql, now, command);
  } catch (error) {
    if (error instanceof ParseError) return { code: 2, facts: { error: error.code, ...error.facts } };
    if (error instanceof SyntaxError) return { code: 2, facts: { error: 'draft_not_json' } };
    throw error;
  }
  const { from, to } = command;
  const answer = replay(await readInputs(sql, now, draft, { from, to, options: DEFAULT_OPTIONS }));
  if (answer.kind === 'rejected') return { code: 1, facts: { error: answer.code, ...answer.facts, mismatches: answer.mismatches ?? [] } };
  return { code: 0, facts: { bodyHash: answer.replay.bodyHash, rows: answer.replay.rows.length, body: answer.replay.body } };
}

async function readDraft(sql: Sql, now: Instant, { set, draft }: ReplayCommand): Promise<RulePack> {
  if (draft !== null) return parsePack(JSON.parse(await readFile(draft, 'utf8')));
  const inForce = (await listActivatedPacks(sql)).filter(({ activatedAt }) => activatedAt <= instant(now)).at(-1)?.pack;
  if (inForce === undefined) throw new ParseError('pack_inactive');
  const changes = set.map((text): [string, string] => {
    const [path = '', ...value] = text.split('=');
    return [path, value.join('=')];
  });
  return parsePack(draftFromChanges(inForce, packHash(inForce), `${inForce.version}-draft`, Object.fromEntries(changes)));
}
