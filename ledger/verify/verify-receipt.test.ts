import { expect, test } from 'vitest';
import { toHex } from '#ledger/primitives/bytes.ts';
import { buildEntryReceipt, buildItemPassport } from '#ledger/proof/build-receipt.ts';
import { decodeReceipt, encodeReceipt, encodeTrustBundle } from '#ledger/proof/receipt.ts';
import { actor } from '#test/vectors/ledger-world.ts';
import { BUY_TERMS, disclose, marketDay, OTHER_CHAIN, PAY } from '#test/vectors/sealed-world.ts';
import type { Question } from './verdict.ts';
import { verifyReceipt } from './verify-receipt.ts';

const { world, at } = marketDay();
const { chain, sm2 } = world;

async function receiptOf(index: bigint, options: Parameters<typeof buildEntryReceipt>[2] = {}): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await buildEntryReceipt(world.source(), index, options);
  if (bytes === null) throw new Error('the entry is certified');
  return bytes;
}

async function passport(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await buildItemPassport(world.source(), 0n);
  if (bytes === null) throw new Error('the Item exists');
  return bytes;
}

test('a passport proves every owner from the mint to now, in one sentence', async () => {
  const verdict = verifyReceipt(await passport(), { chain, sm2 });
  expect(verdict.steps.filter((step) => !step.ok)).toEqual([]);
  expect(verdict.outcome).toBe('proven');
  const title = verdict.findings.find((finding) => finding.kind === 'title');
  expect(title?.owners.map(({ owner, op }) => [toHex(owner), op])).toEqual([
    [toHex(actor('alice').acct), 'mint'],
    [toHex(actor('bob').acct), 'trade'],
    [toHex(actor('carol').acct), 'transfer'],
  ]);
  expect(verdict.sentences.en).toContain(`belongs to account ${toHex(actor('carol').acct)}, since height 5, version 3`);
  expect(verdict.sentences.zh).toContain('演示链');
});

test('a trade’s receipt opens only the fields its holder chose', async () => {
  const fields = [disclose(at.trade, 0, 1, PAY, 1), disclose(at.trade, 2, 2, BUY_TERMS, 1)];
  const verdict = verifyReceipt(await receiptOf(at.trade, { fields }), { chain, sm2 });
  expect(verdict.outcome).toBe('proven');
  expect(verdict.sentences.en).toContain('pay.grossFen = 1,010.00 yuan');
  expect(verdict.sentences.en).toContain('buy.limitPriceFen = 1,020.00 yuan');
  expect(verdict.sentences.en).not.toContain('feeFen');
});

test('every signature of a trade is checked: both orders and the operator', async () => {
  const verdict = verifyReceipt(await receiptOf(at.trade), { chain, sm2 });
  const signers = verdict.findings.find((finding) => finding.kind === 'signers');
  expect(signers?.accounts.map(toHex).sort()).toEqual(
    [actor('alice'), actor('bob'), actor('operator')].map((each) => toHex(each.acct)).sort(),
  );
  expect(signers?.unchecked).toEqual([]);
});

test('without its trust bundle a receipt needs one from elsewhere', async () => {
  const bare = await receiptOf(at.gift, { withTrust: false });
  expect(verifyReceipt(bare, { chain, sm2 }).outcome).toBe('insufficient');
  expect(verifyReceipt(bare, { chain, sm2, trust: encodeTrustBundle(world.trust()) }).outcome).toBe('proven');
});

test('a trust file proves the consortium of its chain', () => {
  const trust = encodeTrustBundle(world.trust());
  expect(verifyReceipt(trust, { chain, sm2 }).outcome).toBe('proven');
  expect(verifyReceipt(trust, { chain: OTHER_CHAIN, sm2 }).steps.at(-1)?.code).toBe('E20');
});

test.each<[string, Question, string]>([
  ['carol owns it now', { kind: 'owns', serial: 0n, owner: actor('carol').acct }, 'proven'],
  ['alice owns it now', { kind: 'owns', serial: 0n, owner: actor('alice').acct }, 'disproven'],
  ['another Item', { kind: 'owns', serial: 1n, owner: actor('alice').acct }, 'insufficient'],
  ['alice until the sale', { kind: 'owned', serial: 0n, owner: actor('alice').acct, fromHeight: 2n, toHeight: 3n }, 'proven'],
  ['alice through the sale', { kind: 'owned', serial: 0n, owner: actor('alice').acct, fromHeight: 2n, toHeight: 4n }, 'disproven'],
  ['alice before the mint', { kind: 'owned', serial: 0n, owner: actor('alice').acct, fromHeight: 1n, toHeight: 2n }, 'disproven'],
  ['bob at one height', { kind: 'owned', serial: 0n, owner: actor('bob').acct, fromHeight: 4n, toHeight: 4n }, 'proven'],
  ['carol until the header', { kind: 'owned', serial: 0n, owner: actor('carol').acct, fromHeight: 5n, toHeight: 6n }, 'proven'],
  ['carol beyond the header', { kind: 'owned', serial: 0n, owner: actor('carol').acct, fromHeight: 5n, toHeight: 7n }, 'insufficient'],
])('history: %s', async (_, question, outcome) => {
  expect(verifyReceipt(await passport(), { chain, sm2, question }).outcome).toBe(outcome);
});

test('age is stated and warned about, and decides nothing', async () => {
  const now = world.tip.header.sealedAt + 10_000n;
  const verdict = verifyReceipt(await passport(), { chain, sm2, now, maxAgeMs: 9_999n });
  expect(verdict.outcome).toBe('proven');
  expect(verdict.steps.at(-1)).toMatchObject({ step: 13, ok: true, code: 'W61' });
});

test('what is decoded encodes to the same bytes', async () => {
  const bytes = await passport();
  expect(encodeReceipt(decodeReceipt(bytes))).toEqual(bytes);
});
