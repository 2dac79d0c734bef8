/** `npm run cli -- export-blocks`, `import-blocks`: certified blocks from hand to hand, when no peer answers (`ledger.md` 13.2). */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { exportBlocks, ImportFault, importBlocks } from '#ledger/node/block-file.ts';
import { holdNode } from '#ledger/node/node-lock.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { hasMarket } from '#server/journal/breaks.repo.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };

const DONE = 0;
const REFUSED = 1;
const NOT_ENOUGH = 3;

export function addBlockFileCommands(program: Command, io: ConsortiumIo): void {
  program
    .command('export-blocks')
    .description('write certified blocks with their votes and entries into a file, for a member that no peer can serve')
    .requiredOption('--to <file>', 'must not exist yet')
    .option('--from <height>', 'first height', '1')
    .option('--through <height>', 'last height; the newest when left out')
    .option('--json')
    .addHelpText('after', '\nExample: npm run --silent cli -- export-blocks --from 1204 --to blocks.bin')
    .action(async ({ to, from, through, json }: JsonOption & Readonly<{ to: string; from: string; through?: string }>) => {
      if (existsSync(to)) throw new Error(`${to} exists already`);
      const last = through === undefined ? null : heightOf(through, '--through');
      const report = await withDatabase(({ sql }) => exportBlocks(sql, to, heightOf(from, '--from'), last));
      io.answer(json, { outcome: 'written', file: to, ...report });
      process.exitCode = report.blocks === 0 ? NOT_ENOUGH : DONE;
    });

  program
    .command('import-blocks')
    .description(
      'take certified blocks from such a file, each verified and executed like any that a peer sends; only while the node is down',
    )
    .argument('<file>')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- import-blocks blocks.bin, then recover draft … --last-resort --receipt player.plproof\nExit 0: taken, or here already; 1: refused at a height, with the code; whole blocks before it stay.',
    )
    .action(async (file: string, { json }: JsonOption) => {
      if (!existsSync(file)) throw new Error(`there is no file ${file}`);
      process.exitCode = await withDatabase(async ({ sql, clock }) => {
        if (await hasMarket(sql)) throw new Error('a market keeps books beside its blocks: it takes them from its peers, while it runs');
        const lock = await holdNode(sql);
        try {
          const log = { info: () => undefined, error: (sentence: string) => io.err(sentence) };
          io.answer(json, { outcome: 'taken', ...(await importBlocks({ sql, sm2: startSm2().sm2, now: () => clock.now(), log }, file)) });
          return DONE;
        } catch (error) {
          if (!(error instanceof ImportFault)) throw error;
          io.answer(json, { outcome: 'refused', code: error.code, height: error.height });
          return REFUSED;
        } finally {
          await lock.release();
        }
      });
    });
}

function heightOf(text: string, option: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new Error(`${option} ${text}: a height`);
  return BigInt(text);
}
