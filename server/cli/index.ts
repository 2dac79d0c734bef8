/**
 * The operator's commands: `npm run --silent cli -- COMMAND`. stdout holds the answer alone, everything else goes to stderr.
 * Exit codes (product O-06): 0 sound or done, 1 broken or refused, 2 unreadable or misused, 3 not enough to decide.
 */
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { systemClock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { addActivatePackCommands } from './activate-pack.ts';
import { addArchiveCommands } from './archive.ts';
import { addAuditCommands, verifyHere } from './audit.ts';
import { addBlockFileCommands } from './block-files.ts';
import { addAuthorityCommands } from './certificate-authority.ts';
import { addCoSignCommands } from './co-sign.ts';
import { compareBooks, lineOf } from './compare-books.ts';
import { addConsortiumCommands, type ConsortiumIo } from './consortium.ts';
import { addCourtOrderCommands } from './court-order.ts';
import { NothingInstalled, withDatabase } from './database.ts';
import { addEndStudioCommands } from './end-studio.ts';
import { addRecoveryCommands } from './recovery.ts';
import { addRotateKeyCommands } from './rotate-key.ts';
import { addSignerCommands } from './signer.ts';

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const out = (line: string) => process.stdout.write(`${line}\n`);
const err = (line: string) => process.stderr.write(`${line}\n`);

type JsonOption = { readonly json?: boolean };

/** One line of JSON, or a line per fact. */
function answer(isJson: boolean | undefined, facts: Readonly<Record<string, unknown>>): void {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  if (isJson === true) return void out(JSON.stringify(facts, plain));
  for (const [name, value] of Object.entries(facts))
    out(`${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value, plain) : String(value)}`);
}

const io: ConsortiumIo = { out, err, answer };

const program = new Command('daoju')
  .description('Commands of a Daoju installation. Each answers on stdout; --json for programs.')
  .exitOverride()
  .configureOutput({ writeOut: (text) => process.stdout.write(text), writeErr: (text) => process.stderr.write(text) });

program
  .command('status')
  .description('what this installation holds, whether the server runs or not')
  .option('--json')
  .addHelpText('after', '\nExample: npm run --silent cli -- status --json')
  .action(async ({ json }: JsonOption) => {
    const { readStatus } = await import('./installation-status.ts');
    answer(json, await withDatabase(readStatus));
  });

program
  .command('verify')
  .description(
    'FILE: prove a receipt or a passport offline (ledger.md 17). Without FILE: replay the whole chain, compare every table, and custody and journal with it',
  )
  .argument('[file]')
  .allowUnknownOption()
  .allowExcessArguments()
  .helpOption('-h, --help')
  .addHelpText('after', '\nExample: npm run --silent cli -- verify trade.plproof --chain 0123…')
  .action(async (file: string | undefined) => {
    // The auditor's command parses its own options: it is the same program that works without this installation.
    const args = process.argv.slice(process.argv.indexOf('verify') + 1);
    const isAudit = file === undefined || args.every((arg) => arg === '--json');
    process.exitCode = isAudit ? await verifyHere(args.includes('--json'), io) : await verifyFile(args);
  });

async function verifyFile(args: readonly string[]): Promise<number> {
  const [{ runVerify }, { pinnedChain }, { fromHex }] = await Promise.all([
    import('#ledger/bin/verify.ts'),
    import('#ledger/node/keys.ts'),
    import('#ledger/primitives/bytes.ts'),
  ]);
  const pinned = pinnedChain(path.resolve(process.env.DATA_DIR ?? '.data', 'keys'));
  return runVerify(args, {
    readFile: (name) => new Uint8Array(readFileSync(name)),
    out,
    err,
    now: () => systemClock.now(),
    ...(pinned === null ? {} : { pinnedChain: fromHex(pinned, 32) }),
  });
}

program
  .command('match')
  .description('replay a stream of orders (NDJSON) through the matching engine; - reads stdin')
  .argument('<file>')
  .action(async (file: string) => {
    const { runMatch } = await import('./match.ts');
    process.exitCode = await runMatch(file === '-' ? process.stdin : createReadStream(file), process.stdout);
  });

program
  .command('assess')
  .description('compute the tax of the cases in a file of schema daoju.tax-vectors/1')
  .argument('<file>')
  .option('--json')
  .action(async (file: string, { json }: JsonOption) => {
    const { runAssess } = await import('./assess.ts');
    process.exitCode = await runAssess({ file, isJson: json === true, write: (text) => process.stdout.write(text) });
  });

program
  .command('detect')
  .description('judge a table of trades, or with --kind transfers of payments, by the detectors of the pack; - reads stdin')
  .argument('<file>')
  .option('--kind <kind>', 'trades or transfers', 'trades')
  .option('--json')
  .addHelpText(
    'after',
    '\ntrades:     tradeId,ts,itemId,classId,sellerRef,buyerRef,priceFen,quantity\ntransfers:  id,ts,fromRef,toRef,amountFen\nExit 0: judged; 2: refused, with code and line.',
  )
  .action(async (file: string, { kind, json }: JsonOption & { readonly kind: string }) => {
    const { runDetect } = await import('./detect.ts');
    process.exitCode = await runDetect({
      file,
      kind,
      isJson: json === true,
      stdin: process.stdin,
      write: (text) => process.stdout.write(text),
      warn: err,
    });
  });

program
  .command('replay')
  .description('a recorded period under other rules: --set CONSTANT=VALUE over the pack in force, or --draft FILE')
  .requiredOption('--from <date>', 'first Beijing date')
  .requiredOption('--to <date>', 'the date after the last')
  .option('--set <change...>', 'a constant and its new value')
  .option('--draft <file>', 'a pack document')
  .option('--json')
  .addHelpText('after', '\nExample: npm run --silent cli -- replay --from 2026-11-01 --to 2026-12-01 --set vatThresholdDay=200000 --json')
  .action(async ({ from, to, set, draft, json }: JsonOption & { from: string; to: string; set?: string[]; draft?: string }) => {
    const { runReplay } = await import('./replay.ts');
    const command = { from, to, set: set ?? [], draft: draft ?? null };
    const { code, facts } = await withDatabase(({ sql, clock }) => runReplay(sql, clock.now(), command));
    answer(json, facts);
    process.exitCode = code;
  });

program
  .command('reconcile')
  .description('compare every book with the one it must agree with: journal, custody, ledger, institution, holds, feeds')
  .option(
    '--statement <file...>',
    'a bank’s statement (camt.053.001.02, .06, .08, .10 or .13; of several pages all of them) against our own journal instead',
  )
  .option('--json')
  .addHelpText(
    'after',
    '\nExample: npm run --silent cli -- reconcile --json    exit 0: no break, 1: breaks, one line each' +
      '\n         npm run --silent cli -- reconcile --statement day.xml    exit 0: nothing differs, 1: differences, 2: the file is refused, with its line',
  )
  .action(async ({ statement, json }: JsonOption & { readonly statement?: readonly string[] }) => {
    if (statement !== undefined) {
      const { compareStatementFile } = await import('./compare-statement.ts');
      process.exitCode = await compareStatementFile(statement, json, io);
      return;
    }
    const breaks = await withDatabase(compareBooks);
    if (json === true) answer(json, { breaks });
    else for (const found of breaks) out(lineOf(found));
    err(breaks.length === 0 ? 'No break: every book agrees.' : `${breaks.length} breaks.`);
    process.exitCode = breaks.length === 0 ? 0 : 1;
  });

program
  .command('rebuild')
  .description('write every table that follows from the entries anew; only while the server is down')
  .option('--json')
  .addHelpText('after', '\nExample: npm run --silent cli -- rebuild, then npm run --silent cli -- verify')
  .action(async ({ json }: JsonOption) => {
    const [{ rebuild }, { startSm2 }] = await Promise.all([import('#ledger/node/audit.ts'), import('#ledger/node/sm2-openssl.ts')]);
    const report = await alone((sql) => rebuild(sql, startSm2().sm2));
    answer(json, { outcome: 'rebuilt', ...report });
  });

program
  .command('rebuild-custody')
  .description('write custody anew from the entries; only while the server is down')
  .option('--json')
  .addHelpText('after', '\nExample: npm run --silent cli -- rebuild-custody    exit 0: done, 3: LedgerTx wait for their block')
  .action(async ({ json }: JsonOption) => {
    const { rebuildCustody } = await import('#server/custody/rebuild-custody.ts');
    const report = await alone(rebuildCustody);
    answer(json, report);
    if (report.kind === 'waiting') err('LedgerTx wait for their block: start the server once, stop it, and try again.');
    process.exitCode = report.kind === 'waiting' ? 3 : 0;
  });

program
  .command('rebuild-candles')
  .description('work out every candle anew from trades and labels; the server may run meanwhile')
  .option('--json')
  .addHelpText('after', '\nExample: npm run --silent cli -- rebuild-candles --json')
  .action(async ({ json }: JsonOption) => {
    const { rebuildCandles } = await import('#server/market/candle-buckets.repo.ts');
    answer(json, { outcome: 'rebuilt', ...(await withDatabase(({ sql, clock }) => rebuildCandles(sql, clock.now()))) });
  });

program
  .command('export-log')
  .description('every entry of the log, one JSON line each: index, height and the bytes in hex')
  .option('--from <index>', 'first index', '0')
  .option('--json', 'as it is without: every line is JSON')
  .addHelpText('after', '\nExample: npm run --silent cli -- export-log --from 1000 > log.ndjson')
  .action(async ({ from }: { readonly from: string }) => {
    const [{ streamEntries }, { toHex }] = await Promise.all([
      import('#ledger/node/store/blocks.ts'),
      import('#ledger/primitives/bytes.ts'),
    ]);
    await withDatabase(async ({ sql }) => {
      for await (const row of streamEntries(sql)) {
        if (row.index < BigInt(from)) continue;
        const line = `${JSON.stringify({ index: row.index.toString(), height: row.height.toString(), entry: toHex(row.body) })}\n`;
        if (!process.stdout.write(line)) await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
      }
    });
  });

program
  .command('demo-reset')
  .description('remove the data of this installation, keys included; the next start begins another chain')
  .action(async () => {
    const { resetDemonstration } = await import('./reset-demonstration.ts');
    err(await resetDemonstration());
  });

program
  .command('demo-traffic')
  .description('simulated people trade through the public API of a running demonstration; refused on any other chain')
  .option('--rate <n>', 'acts a second', '5')
  .option('--minutes <n>', 'how long', '10')
  .option('--seed <text>', 'who comes and what they do', '7')
  .option('--people <n>', 'newcomers with keys of their own', '12')
  .option('--abuse <share>', 'share of acts that are labelled abuse patterns', '0')
  .option('--base <url>', 'where the market runs', 'http://127.0.0.1:3000')
  .addHelpText('after', '\nExample: npm run demo:traffic -- --rate 5 --minutes 10 --seed 7')
  .action(async (options: Readonly<Record<'rate' | 'minutes' | 'seed' | 'people' | 'abuse' | 'base', string>>) => {
    const { demonstrateTraffic } = await import('./demonstrate-traffic.ts');
    process.exitCode = await demonstrateTraffic(options, { out, err });
  });

addAuthorityCommands(program, { out, err });
addConsortiumCommands(program, io);
addActivatePackCommands(program, io);
addCoSignCommands(program, io);
addCourtOrderCommands(program, io);
addEndStudioCommands(program, io);
addRotateKeyCommands(program, io);
addSignerCommands(program, io);
addRecoveryCommands(program, io);
addArchiveCommands(program, io);
addBlockFileCommands(program, io);
addAuditCommands(program, io);

/** Runs work that nobody else may see half done: the lock of the node is held meanwhile. */
async function alone<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  const { holdNode } = await import('#ledger/node/node-lock.ts');
  return withDatabase(async ({ sql }) => {
    const lock = await holdNode(sql);
    try {
      return await work(sql);
    } finally {
      await lock.release();
    }
  });
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  err(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NothingInstalled ? 3 : 2;
});
