/** `npm run cli -- end-studio …`: the members' decision about a studio that is gone (`ledger.md` 13.3, product T-28), signed by supervisor and notary. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { toHex } from '#ledger/primitives/bytes.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';
import { draftEndOfStudio, formatEndOfStudio, parseEndOfStudio, signEndOfStudio } from '#server/members/end-of-studio.ts';
import { openMemberSite, submitTo } from '#server/members/member-site.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };
type DraftOptions = JsonOption & { readonly studio: string; readonly end?: string; readonly successor?: string; readonly to: string };

const DONE = 0;
const REFUSED = 1;

export function addEndStudioCommands(program: Command, io: ConsortiumIo): void {
  const end = program
    .command('end-studio')
    .description('end a studio that gives no sign of life: drafted by any member, signed by a supervisor and by a notary, then submitted');

  end
    .command('draft')
    .description('write the LedgerTx down, unsigned; from its entry on nothing is issued in the studio’s name, and its items stay owned')
    .requiredOption('--studio <account>', 'the issuing account, 64 hex digits')
    .option('--end <time>', 'last moment of its game; left out: after the notice that the configuration asks of studios')
    .option('--successor <account>', 'who may issue and change its kinds afterwards; left out: nobody')
    .requiredOption('--to <file>', 'where the draft goes')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- end-studio draft --studio 5f0c… --to end.json\nThe draft holds for 23 hours. Thirty days without a sign of life are what product T-28 waits for.',
    )
    .action(async ({ studio, end: ends, successor, to, json }: DraftOptions) => {
      const drafted = await withDatabase(async (installation) => {
        const { sql, clock, dataDir } = installation;
        const site = await openMemberSite(installation, systemRandom);
        const now = clock.now();
        const at = ends === undefined ? instant(now + Number(site.config.limits.sunsetNoticeMs)) : parseInstant(ends);
        const kept = (sm3: string) => readIfThere(path.join(dataDir, 'documents', sm3));
        const facts = { studio: parseAccountId(studio), at, successor: successor === undefined ? null : parseAccountId(successor) };
        return draftEndOfStudio({ sql, site, now, random: systemRandom, kept }, facts);
      });
      writeFileSync(to, formatEndOfStudio(drafted));
      io.answer(json, { outcome: 'drafted', file: to, ...factsOf(drafted) });
    });

  end
    .command('sign')
    .description('say what the draft ends, and sign it with this member’s account key')
    .argument('<file>')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: DATA_DIR=/srv/notary npm run --silent cli -- end-studio sign end.json\nThe ledger takes it with the signatures of a supervisor and of a notary.',
    )
    .action(async (file: string, { json }: JsonOption) => {
      const given = parseEndOfStudio(readFileSync(file, 'utf8'));
      const signed = await withDatabase(async (installation) =>
        signEndOfStudio(installation.sql, await openMemberSite(installation, systemRandom), given),
      );
      writeFileSync(file, formatEndOfStudio(signed));
      io.answer(json, { outcome: 'signed', ...factsOf(signed), signers: signed.env?.sigs.map(({ acct }) => toHex(acct)) ?? [] });
    });

  end
    .command('submit')
    .description('give the signed end to a member’s node')
    .argument('<file>')
    .requiredOption('--to <url>', 'address of any member’s node that is no market: its own, as a rule')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- end-studio submit end.json --to http://its.own.node\nExit 0: taken; 1: refused, with the code.',
    )
    .action(async (file: string, { to, json }: JsonOption & { readonly to: string }) => {
      const { env } = parseEndOfStudio(readFileSync(file, 'utf8'));
      if (env === null) throw new Error(`${file} is not signed yet: end-studio sign`);
      const answer = await submitTo(to, env);
      const isTaken = answer.status === 202;
      io.answer(json, { outcome: isTaken ? 'taken' : 'refused', ...answer.body });
      process.exitCode = isTaken ? DONE : REFUSED;
    });
}

function factsOf({ body: { op } }: ReturnType<typeof parseEndOfStudio>) {
  if (op.kind !== 'studio_sunset') return {};
  const successor = op.successor === null ? 'nobody' : toHex(op.successor);
  return { studio: toHex(op.studio), end: toIso(instant(Number(op.at))), successor, artSm3: toHex(op.archive) };
}

function readIfThere(file: string) {
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}
