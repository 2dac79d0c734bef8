import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { buildItemPassport } from '#ledger/proof/build-receipt.ts';
import { encodeTrustBundle } from '#ledger/proof/receipt.ts';
import { findPython } from '#test/second-verifier/find-python.ts';
import { actor } from '#test/vectors/ledger-world.ts';
import { marketDay, OTHER_CHAIN } from '#test/vectors/sealed-world.ts';
import { runVerify, type VerifyIo } from './verify.ts';

const { world } = marketDay();
const chain = toHex(world.chain);
const passport = await buildItemPassport(world.source(), 0n);
const bare = await buildItemPassport(world.source(), 0n, { withTrust: false });
if (passport === null || bare === null) throw new Error('the Item exists');
const broken = passport.slice();
broken[broken.length - 40] = (broken[broken.length - 40] ?? 0) ^ 1;
const files: Readonly<Record<string, Uint8Array>> = {
  good: passport,
  bare,
  broken,
  trust: encodeTrustBundle(world.trust()),
  empty: new Uint8Array(0),
};

async function run(args: string, pinnedChain?: Uint8Array): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const io: VerifyIo = {
    readFile: (name) => {
      const file = files[name];
      if (file === undefined) throw new Error(`no such file: ${name}`);
      return file;
    },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    now: () => Number(world.tip.header.sealedAt) + 60_000,
    ...(pinnedChain === undefined ? {} : { pinnedChain }),
  };
  return { code: await runVerify(args.split(' '), io), out: out.join('\n'), err: err.join('\n') };
}

const carol = toHex(actor('carol').acct);
const alice = toHex(actor('alice').acct);

test.each<[string, number, string]>([
  [`good --chain ${chain}`, 0, `belongs to account ${carol}`],
  [`good --chain ${chain.toUpperCase()}`, 0, 'height 6, certified by operator'],
  [`good --chain ${chain} --lang zh`, 0, `属于账户 ${carol}`],
  [`good --chain ${chain} --item 0 --owner ${carol}`, 0, 'What was asked is true'],
  [`good --chain ${chain} --item 0 --owner ${alice}`, 1, 'What was asked is not true'],
  [`good --chain ${chain} --item 0 --owner ${alice} --from 2 --to 3`, 0, 'What was asked is true'],
  [`good --chain ${chain} --item 9 --owner ${alice}`, 3, 'The file does not hold the answer'],
  [`good --chain ${chain} --max-age 59`, 0, 'note 13 W61'],
  [`broken --chain ${chain}`, 1, 'E46'],
  [`good --chain ${toHex(OTHER_CHAIN)}`, 2, 'E20'],
  [`empty --chain ${chain}`, 2, 'E10'],
  [`bare --chain ${chain}`, 3, '.pltrust'],
  [`bare --chain ${chain} --trust trust`, 0, 'belongs to account'],
  [`trust --chain ${chain}`, 0, 'trust file of chain'],
  ['good', 3, `names chain ${chain}`],
])('verify %s ends with %i', async (args, code, words) => {
  const ran = await run(args);
  expect(ran.out).toContain(words);
  expect(ran.code).toBe(code);
});

test.each([
  `good extra --chain ${chain}`,
  'absent --chain 00',
  `good --chain ${chain} --item 0`,
  'good --chain xyz',
  `good --unknown`,
  'empty',
])('refused with a sentence on the error stream: %s', async (args) => {
  const ran = await run(args);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).not.toBe('');
});

test('the chain that this installation pinned stands in for --chain', async () => {
  expect((await run('good', world.chain)).code).toBe(0);
  expect((await run('good', OTHER_CHAIN)).code).toBe(2);
});

test('--json is one line of canonical JSON with every step', async () => {
  const { out } = await run(`good --chain ${chain} --json`);
  const verdict: unknown = JSON.parse(out);
  expect(out).not.toContain('\n');
  expect(verdict).toMatchObject({ schema: 'daoju.verdict/1', outcome: 'proven', exitCode: 0, chain, certification: { height: '6' } });
});

test('as a process of its own, in both implementations, with nothing but files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-verify-'));
  try {
    const file = path.join(folder, 'item.plproof');
    writeFileSync(file, passport);
    const script = path.join(import.meta.dirname, 'verify.ts');
    const root = path.resolve(import.meta.dirname, '../..');
    expect(execFileSync(process.execPath, [script, file, '--chain', chain], { encoding: 'utf8', cwd: root })).toContain(carol);
    const second = path.join(root, 'test/second-verifier/verify.py');
    expect(spawnSync(findPython(), [second, file, '--chain', chain]).status).toBe(0);
    writeFileSync(file, broken);
    expect(spawnSync(findPython(), [second, file, '--chain', chain]).status).toBe(1);
    expect(spawnSync(process.execPath, [script, file, '--chain', chain], { cwd: root }).status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
