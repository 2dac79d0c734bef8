/** `npm run cli -- activate-pack …`: a rule pack signed where a member's account key is (product O-12), each step on the machine of whoever acts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { PACKS, packHash } from '#sandbox/packs/pack.ts';
import { parsePack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { openMemberSite, submitTo } from '#server/members/member-site.ts';
import { draftActivation, formatActivation, parseActivation, signActivation } from '#server/members/pack-activation.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };

const DONE = 0;
const REFUSED = 1;

export function addActivatePackCommands(program: Command, io: ConsortiumIo): void {
  const activate = program
    .command('activate-pack')
    .description(
      'put a rule pack in force: drafted by any member, signed by a supervisor, with notice by the operator too, then submitted',
    );

  activate
    .command('draft')
    .description('write the LedgerTx down, unsigned, with the pack that it activates')
    .requiredOption('--pack <pack>', 'a document, or id and version of one that ships, such as CN@2026.11')
    .option('--from <time>', 'with notice, from then on; left out: at once, which takes a stricter pack, or the first of a chain')
    .requiredOption('--to <file>', 'where the draft goes')
    .option('--json')
    .addHelpText('after', `\nShipped: ${PACKS.map(({ id, version }) => `${id}@${version}`).join(', ')}\nThe draft holds for 23 hours.`)
    .action(
      async ({ pack: named, from, to, json }: JsonOption & { readonly pack: string; readonly from?: string; readonly to: string }) => {
        const pack = findPack(named);
        process.exitCode = await withDatabase(async (installation) => {
          const { sql, clock, dataDir } = installation;
          const site = await openMemberSite(installation, systemRandom);
          const kept = (sm3: string) => readIfThere(path.join(dataDir, 'documents', sm3));
          const answer = await draftActivation({ sql, site, now: clock.now(), random: systemRandom, kept }, pack, timeOf(from));
          if (answer.kind === 'refused') {
            io.answer(json, { outcome: 'refused', code: answer.code, ...answer.facts });
            return REFUSED;
          }
          writeFileSync(to, formatActivation(answer.activation));
          io.answer(json, { outcome: 'drafted', file: to, pack: `${pack.id}@${pack.version}`, packHash: packHash(pack) });
          return DONE;
        });
      },
    );

  activate
    .command('sign')
    .description('say what the draft activates, and sign it with this member’s account key')
    .argument('<file>')
    .option('--json')
    .addHelpText('after', '\nExample: DATA_DIR=/srv/supervisor npm run --silent cli -- activate-pack sign pack.json')
    .action(async (file: string, { json }: JsonOption) => {
      const given = parseActivation(readFileSync(file, 'utf8'));
      const { pack, body } = given;
      const signed = await withDatabase(async (installation) =>
        signActivation(installation.sql, await openMemberSite(installation, systemRandom), given),
      );
      writeFileSync(file, formatActivation(signed));
      const { op } = body;
      io.answer(json, {
        outcome: 'signed',
        pack: `${pack.id}@${pack.version}`,
        packHash: packHash(pack),
        ...(op.kind === 'rule_pack_activate' ? { from: isoOf(op.from), atOnce: op.tighten === 1 } : {}),
        signers: signed.env?.sigs.map(({ acct }) => toHex(acct)) ?? [],
      });
    });

  activate
    .command('submit')
    .description('give the signed activation to a member’s node')
    .argument('<file>')
    .requiredOption('--to <url>', 'address of any member’s node that is no market: its own, as a rule')
    .option('--json')
    .action(async (file: string, { to, json }: JsonOption & { readonly to: string }) => {
      const { env } = parseActivation(readFileSync(file, 'utf8'));
      if (env === null) throw new Error(`${file} is not signed yet: activate-pack sign`);
      const answer = await submitTo(to, env);
      const isTaken = answer.status === 202;
      io.answer(json, { outcome: isTaken ? 'taken' : 'refused', ...answer.body });
      process.exitCode = isTaken ? DONE : REFUSED;
    });
}

/** @throws {Error} when it is neither */
function findPack(named: string): RulePack {
  const shipped = PACKS.find(({ id, version }) => named === `${id}@${version}`);
  if (shipped !== undefined) return shipped;
  if (!existsSync(named))
    throw new Error(`--pack ${named}: no file, and none that ships (${PACKS.map(({ id, version }) => `${id}@${version}`).join(', ')})`);
  return parsePack(JSON.parse(readFileSync(named, 'utf8')));
}

function timeOf(text: string | undefined): Instant | null {
  return text === undefined ? null : parseInstant(text);
}

const isoOf = (at: bigint): string => toIso(parseInstant(new Date(Number(at)).toISOString()));

function readIfThere(file: string) {
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}
