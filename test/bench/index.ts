/** `npm run bench -- NAME [--json]`: one bench, one line. Figures of one run belong together; these machines are shared, so compare ratios. */
import { cpus } from 'node:os';

type Bench = (flags: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  settle: async () => {
    const { benchSettle } = await import('./settle.bench.ts');
    return () => benchSettle();
  },
  tiles: async () => (await import('./tiles.bench.ts')).benchTiles,
  candles: async () => (await import('./candles.bench.ts')).benchCandles,
  search: async () => (await import('./search.bench.ts')).benchSearch,
  feed: async () => (await import('./feed.bench.ts')).benchFeed,
  'feed-page': async () => (await import('./feed-page.bench.ts')).benchFeedPage,
  replay: async () => (await import('./replay.bench.ts')).benchReplay,
  ledger: async () => {
    const { benchLedger } = await import('./ledger.bench.ts');
    return () => benchLedger();
  },
  audit: async () => (await import('./audit.bench.ts')).benchAudit,
  receipt: async () => (await import('./receipt.bench.ts')).benchReceipt,
  certify: async () => (await import('./certify.bench.ts')).benchCertify,
  detect: async () => (await import('./detect.bench.ts')).benchDetect,
};

const [name = '', ...flags] = process.argv.slice(2);
const load = BENCHES[name];
if (load === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json]\n`);
  process.exitCode = 2;
} else {
  const figures = { name, ...(await (await load())(flags)), cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
  if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else
    for (const [key, value] of Object.entries(figures))
      process.stdout.write(`${key.padEnd(24)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`);
}
