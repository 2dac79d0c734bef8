/** `npm run cli -- audit`, `scrub`: everything again from genesis, here or at somebody else's node; a slice of the store at a time. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { fromHex } from '#ledger/primitives/bytes.ts';
import type { Break } from '#server/journal/reconcile.ts';
import type { ConsortiumIo } from './consortium.ts';
import { type Installation, withDatabase } from './database.ts';

type AuditFlags = { readonly from?: string; readonly chain?: string; readonly light?: boolean; readonly json?: boolean };
type ScrubFlags = { readonly slice: string; readonly of: string; readonly json?: boolean };

const SOUND = 0;
const BROKEN = 1;
const NOT_ENOUGH = 3;
/** Beside the thread that executes. */
const WORKERS = 2;

export function addAuditCommands(program: Command, io: ConsortiumIo): void {
  program
    .command('audit')
    .description('replay the chain from genesis: every signature, root and table; with --from what another node serves, without a database')
    .option('--from <url>', 'a member’s node')
    .option('--light', 'with --from: headers and their Finality alone')
    .option('--chain <hex>', 'with --from: ChainId to hold against; the one of this installation when left out')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- audit --from https://notary.example --chain 0123… --json\nExit 0: sound; 1: broken, with the place; 3: this store begins with a snapshot, or nothing is there yet.',
    )
    .action(async (flags: AuditFlags) => {
      const { from, json } = flags;
      process.exitCode = await guarded(json, io, () => (from === undefined ? auditHere(json, io) : auditThere(flags, from, io)));
    });

  program
    .command('scrub')
    .description('recompute a slice of the entries, leaves and exported tiles and compare; without options all of it')
    .option('--slice <n>', 'which slice, from 0', '0')
    .option('--of <n>', 'how many slices there are', '1')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- scrub --slice 12 --of 1000\nExit 0: nothing found; 1: damage, with the place.',
    )
    .action(async ({ slice, of, json }: ScrubFlags) => {
      const part = { at: Number(slice), of: Number(of) };
      if (!Number.isInteger(part.at) || !Number.isInteger(part.of) || part.at < 0 || part.at >= part.of)
        throw new Error(`--slice ${slice} --of ${of}: a slice from 0 to below the number of slices`);
      const { scrub } = await import('#ledger/node/scrub.ts');
      process.exitCode = await guarded(json, io, () =>
        withDatabase(async ({ sql, dataDir }) => {
          const exportDir = path.join(dataDir, 'ledger-export');
          io.answer(json, { outcome: 'sound', ...(await scrub(sql, existsSync(exportDir) ? exportDir : null, part)) });
          return SOUND;
        }),
      );
    });
}

/** `audit` without `--from`. */
const auditHere = (json: boolean | undefined, io: ConsortiumIo): Promise<number> => replayHere(json, io, async () => []);

/** `verify` without a file (product O-06): the chain, and the market's books where there is one. */
export function verifyHere(json: boolean | undefined, io: ConsortiumIo): Promise<number> {
  return replayHere(json, io, async (installation) => {
    const [{ hasMarket }, { compareBooks }] = await Promise.all([import('#server/journal/breaks.repo.ts'), import('./compare-books.ts')]);
    return (await hasMarket(installation.sql)) ? compareBooks(installation) : [];
  });
}

type BooksOf = (installation: Installation) => Promise<readonly Break[]>;

async function replayHere(json: boolean | undefined, io: ConsortiumIo, booksOf: BooksOf): Promise<number> {
  const [{ audit, AuditImpossible }, { startSm2 }] = await Promise.all([
    import('#ledger/node/audit.ts'),
    import('#ledger/node/sm2-openssl.ts'),
  ]);
  return guarded(json, io, async () => {
    try {
      const [report, breaks] = await withDatabase(
        async (installation) => [await audit(installation.sql, startSm2().sm2, { workers: WORKERS }), await booksOf(installation)] as const,
      );
      if (breaks.length === 0) io.answer(json, { outcome: 'sound', ...report });
      else io.answer(json, { outcome: 'books_differ', ...report, breaks });
      return breaks.length === 0 ? SOUND : BROKEN;
    } catch (error) {
      if (!(error instanceof AuditImpossible)) throw error;
      io.answer(json, { outcome: 'not_enough', because: error.message });
      return NOT_ENOUGH;
    }
  });
}

async function auditThere({ chain, light, json }: AuditFlags, from: string, io: ConsortiumIo): Promise<number> {
  const [{ auditRemote, followLight }, { startSm2 }, { pinnedChain }] = await Promise.all([
    import('#ledger/node/remote-chain.ts'),
    import('#ledger/node/sm2-openssl.ts'),
    import('#ledger/node/keys.ts'),
  ]);
  const anchor = chain ?? pinnedChain(path.resolve(process.env.DATA_DIR ?? '.data', 'keys'));
  if (anchor === null) throw new Error('--chain HEX: this installation keeps no chain to hold the node against');
  const remote = { endpoint: from, chain: fromHex(anchor, 32), sm2: startSm2().sm2 };
  io.answer(json, {
    outcome: 'sound',
    from,
    ...(light === true ? await followLight(remote) : await auditRemote({ ...remote, workers: WORKERS })),
  });
  return SOUND;
}

async function guarded(json: boolean | undefined, io: ConsortiumIo, work: () => Promise<number>): Promise<number> {
  const { LedgerDamage } = await import('#ledger/node/damage.ts');
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LedgerDamage)) throw error;
    io.answer(json, { outcome: 'broken', place: error.message });
    return BROKEN;
  }
}
