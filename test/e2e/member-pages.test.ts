/** A member's own pages in a real browser (product O-01 to O-04): health, certified height, evidence, and what it proves, without the operator's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runVerify } from '#ledger/bin/verify.ts';
import { insertEvidence } from '#ledger/node/store/consortium.ts';
import { toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { openPages } from '#server/http/open-pages.ts';
import { silentLog } from '#server/log.ts';
import { type GameArchives, openGameArchives } from '#server/members/game-archives.ts';
import { type MemberHttp, startMemberHttp } from '#server/members/member-http.ts';
import { launchBrowser } from '#test/support/browser.ts';
import { openTestConsortium, type TestConsortium } from '#test/support/consortium.ts';
import { populate } from '#test/support/ledger.ts';
import { seededRandom } from '#test/support/seeded-random.ts';
import { visit } from './support/visitor.ts';

const NOTARY = 4;
const ROOT = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'daoju-member-pages-'));
let consortium: TestConsortium;
let browser: Browser;
let door: MemberHttp;
let archives: GameArchives;
let studio: string;

const notary = () => {
  const member = consortium.members.find(({ id }) => id === NOTARY);
  if (member === undefined || member.node === null) throw new Error('the notary runs');
  return { ...member, node: member.node };
};

beforeAll(async () => {
  consortium = await openTestConsortium();
  const { operator, members } = consortium;
  operator.node.start();
  await Promise.all(members.map((member) => member.start()));
  const owners = await populate(operator, 3);
  studio = toHex(owners.studio.acct);
  const { demo } = operator.node;
  if (demo === null) throw new Error('a demonstration');
  const op = {
    kind: 'studio_sunset',
    studio: owners.studio.acct,
    at: BigInt(operator.clock.now),
    archive: ZERO_32,
    successor: null,
  } as const;
  const ended = demo.supervisor.batchSign([operator.body(op)]).map((env) => demo.notary.coSign(env));
  expect((await operator.sequence(ended))[0]?.kind).toBe('sequenced');
  await operator.node.sealNow();
  const { node, database } = notary();
  await vi.waitUntil(() => node.certified.height === operator.node.certified.height, { timeout: 60_000 });
  const clock = { now: () => instant(operator.clock.now) };
  await insertEvidence(database.sql, { kind: 1, member: 2, a: Uint8Array.of(1), b: Uint8Array.of(2) }, BigInt(clock.now()));
  door = await startMemberHttp({
    ...{ host: '127.0.0.1', port: 0, random: seededRandom('door'), log: silentLog, verifierDir: null },
    pages: (httpServer, port) => openPages({ dir: ROOT, isDev: false, httpServer, host: '127.0.0.1', port }),
  });
  const approve = () => ({ kind: 'rejected', code: 'config_refused', reason: '' }) as const;
  archives = openGameArchives({
    ...{ ledger: node, clock, exportDir: folder, log: silentLog },
    ...{ document: async () => null, art: async () => null },
    attest: (statement) => node.state(statement),
  });
  // A block is known before it is stored, and an archive is made from what is stored.
  const isWritten = async () => {
    await archives.turn();
    return archives.of(studio) !== null;
  };
  await vi.waitUntil(isWritten, { timeout: 30_000, interval: 200 });
  door.attach(node, { exportDir: folder, approve, pages: { sql: database.sql, clock, ledger: node, archives } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await archives?.stop();
  await browser?.close();
  await door?.stop();
  await consortium?.stop();
  rmSync(folder, { recursive: true });
});

test('it shows its health, its certified height and who contradicted itself; what it serves is proven by its own verifier', async () => {
  const { page, complaints, strangers } = await visit(browser, door.base);
  const { node } = notary();
  await page.goto('/');
  await page.waitForURL(/\/node$/);
  await page.getByRole('status').getByText('Sound: the members certify').waitFor();
  await page.getByText('this node', { exact: true }).waitFor();
  // The block with the archive's statement may come while the page is read.
  await expect
    .poll(async () => {
      await page.reload();
      await page.getByText('this node', { exact: true }).waitFor();
      const shown = /Height\s+(\d+)\b/i.exec(await page.locator('main').innerText());
      return shown?.[1] === String(node.certified.height);
    })
    .toBe(true);
  await page.getByText('two votes at one height that differ').waitFor();
  await page.getByRole('link', { name: 'Explorer' }).click();
  await page.waitForURL(/\/explorer/);
  await page.locator('a[href^="/explorer/blocks/"]').first().waitFor();

  const file = path.join(folder, 'item.plproof');
  writeFileSync(file, new Uint8Array(await (await fetch(`${door.base}/ledger/v1/item/2/proof`)).arrayBuffer()));
  await page.getByRole('link', { name: 'Verify' }).first().click();
  await page.fill('#pv-chain', toHex(node.chain));
  await page.setInputFiles('#pv-file', file);
  await page.locator('.pv-outcome[data-outcome="proven"]').waitFor();

  // Nobody but this member is left of the game: its page of the studio's account offers what outlives it.
  await page.goto(`/explorer/state/accounts/${studio}`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save the archive of the ended game' }).click();
  const zip = new Uint8Array(readFileSync(await (await downloading).path()));
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const exit = await runVerify(['game.zip', '--chain', toHex(node.chain), '--item', '1'], {
    ...{ readFile: () => zip, out: say, err: say, now: () => 0 },
  });
  expect([exit, lines.join(' ')]).toEqual([0, expect.stringContaining('the archive holds all 3 items')]);
  expect(archives.of(studio)?.txId).toMatch(/^[0-9a-f]{64}$/);

  const phone = await visit(browser, door.base, { language: 'zh-CN', theme: 'dark', width: 390 });
  await phone.page.goto('/node');
  await phone.page.getByRole('status').getByText('正常：成员正在认证区块').waitFor();
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  const shots = process.env.SCREENSHOTS;
  if (shots !== undefined) await phone.page.screenshot({ path: path.join(shots, 'member-390.png'), fullPage: true });
  if (shots !== undefined) await page.screenshot({ path: path.join(shots, 'member-verify-1440.png'), fullPage: true });
  expect([complaints, strangers, phone.complaints, phone.strangers]).toEqual([[], [], [], []]);
});
