/** Receipts of a sale (`ledger.md` 16, 23 G6, G7): their sizes, and what it takes to verify one, with a million Items in the register. */
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { build } from 'esbuild';
import { portableSm2, type Sm2 } from '#ledger/crypto/sm2.ts';
import { startSm2, systemRandom } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, ReceiptDraft } from '#ledger/proof/build-receipt.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { FilledWorld } from './receipt/filled-world.ts';

const ITEMS = 1_000_000;
const RUNS = 200;
const BROWSER_RUNS = 40;
const ROOT = path.resolve(import.meta.dirname, '../..');

const KINDS = {
  single: { operator: 1, sell: 1, buy: 1 },
  operatorOf64: { operator: 64, sell: 1, buy: 1 },
  oneSheet: { operator: 64, sell: 64, buy: 1 },
  twoSheets: { operator: 64, sell: 64, buy: 64 },
} as const;

export async function benchReceipt(): Promise<Readonly<Record<string, unknown>>> {
  const filling = performance.now();
  const world = new FilledWorld(ITEMS);
  const filledSeconds = Math.round((performance.now() - filling) / 100) / 10;
  const sizes: Record<string, number> = {};
  let wallet: Bytes = new Uint8Array(0);
  let file: Bytes = new Uint8Array(0);
  let serial = 1000n;
  for (const [name, together] of Object.entries(KINDS)) {
    const index = world.sale(serial, together);
    sizes[name] = (await ownershipReceipt(world, index, serial)).length;
    wallet = await receipt(world, index, false);
    if (name === 'operatorOf64') file = await receipt(world, index, true);
    sizes[`${name}WithSigners`] = wallet.length;
    serial += 1n;
  }
  const { sm2 } = startSm2();
  const portable = portableSm2(systemRandom);
  return {
    items: ITEMS,
    logEntries: Number(world.tip.header.logSize),
    finality: '3 of 4',
    filledSeconds,
    bytesWithoutTrust: sizes,
    bytesWithTrust: file.length,
    nodeMs: median(timeHere(file, world.chain, sm2)),
    nodePortableMs: median(timeHere(file, world.chain, portable, 20)),
    chromiumMs: median(await timeInBrowser(file, world.chain)),
  };
}

async function receipt(world: FilledWorld, index: bigint, withTrust: boolean): Promise<Bytes> {
  const bytes = await buildEntryReceipt(world.source(), index, { withTrust });
  assert(bytes !== null, 'the sale is certified');
  return bytes;
}

/** Entry, owner and title, as Appendix C counts it: no signers' policies, no class, no trust bundle. */
async function ownershipReceipt(world: FilledWorld, index: bigint, serial: bigint): Promise<Bytes> {
  const view = world.source().view();
  const stored = await world.source().entry(index);
  const item = view.state.itemBySerial(serial);
  assert(stored !== null && item !== null, 'the sale and its Item are there');
  const draft = new ReceiptDraft(view);
  const at = draft.addEntry(index, stored);
  const [leaf] = stored.leaves;
  assert(leaf !== undefined, 'a sale changes its Item first');
  draft.add({ kind: 'title', links: [{ entryClaim: at, leaf }], current: draft.addLeaf({ reg: 1, leaf: item }) });
  return draft.finish(false);
}

function timeHere(file: Bytes, chain: Bytes, sm2: Sm2, runs = RUNS): readonly number[] {
  return Array.from({ length: runs }, () => {
    const begun = performance.now();
    assert(verifyReceipt(file, { chain, sm2 }).outcome === 'proven', 'the receipt is proven');
    return performance.now() - begun;
  });
}

async function timeInBrowser(file: Bytes, chain: Bytes): Promise<readonly number[]> {
  const bundled = await build({
    entryPoints: [path.join(import.meta.dirname, 'receipt/in-browser.ts')],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto('about:blank');
    await page.addScriptTag({ content: bundled.outputFiles[0]?.text ?? '' });
    const times: unknown = await page.evaluate(`timeVerification('${toHex(file)}', '${toHex(chain)}', ${BROWSER_RUNS})`);
    assert(Array.isArray(times) && times.every((each) => typeof each === 'number'), 'the page answers with times');
    return times;
  } finally {
    await browser.close();
  }
}

const median = (values: readonly number[]): number =>
  Math.round(([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0) * 100) / 100;
