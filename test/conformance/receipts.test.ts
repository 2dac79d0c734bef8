/** One suite, two verifiers: ours, and the second implementation in Python that shares no code with it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SignatureMemory } from '#ledger/crypto/signature-memory.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { findPython } from '#test/second-verifier/find-python.ts';
import { receiptsText, receiptVectors } from '#test/vectors/receipt-vectors.ts';

const vectors = await receiptVectors();
const EXIT = { proven: 0, disproven: 1, malformed: 2, insufficient: 3 } as const;
const SCRIPT = path.resolve(import.meta.dirname, '../second-verifier/verify.py');
const STORED = path.resolve(import.meta.dirname, '../vectors/receipts.json');
const sm2 = new SignatureMemory(portableSm2((length) => new Uint8Array(length)));

test('vectors are 20 good and 60 mutated receipts or more', () => {
  const good = vectors.cases.filter((each) => each.expect.code === null);
  expect(good.length).toBeGreaterThanOrEqual(20);
  expect(vectors.cases.length - good.length).toBeGreaterThanOrEqual(60);
  expect(new Set(vectors.cases.map((each) => each.name)).size).toBe(vectors.cases.length);
});

test.each(vectors.cases)('ours: $name', ({ chain, file, trust, expect: wanted }) => {
  const given = trust === undefined ? undefined : vectors.trust[trust];
  const verdict = verifyReceipt(file, { chain, sm2, ...(given === undefined ? {} : { trust: given }) });
  const failed = verdict.steps.find((step) => !step.ok);
  const warnings =
    verdict.outcome === 'proven' ? verdict.steps.filter((step) => step.ok && step.code !== null).map((step) => step.code) : [];
  expect({ outcome: verdict.outcome, code: failed?.code ?? null, warnings: warnings.sort() }).toEqual(wanted);
  expect(verdict.exitCode).toBe(EXIT[wanted.outcome]);
});

test('the second implementation agrees on every vector', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-receipts-'));
  try {
    const file = path.join(folder, 'receipts.json');
    writeFileSync(file, receiptsText(vectors));
    const answers: readonly object[] = JSON.parse(execFileSync(findPython(), [SCRIPT, '--vectors', file], { encoding: 'utf8' }));
    const named = answers.map((answer, at) => ({ name: vectors.cases[at]?.name, ...answer }));
    expect(named).toEqual(vectors.cases.map(({ name, expect: wanted }) => ({ name, exitCode: EXIT[wanted.outcome], ...wanted })));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the stored vectors have not drifted', () => {
  expect(
    readFileSync(STORED, 'utf8') === receiptsText(vectors),
    'npm run vectors writes other receipts than test/vectors/receipts.json',
  ).toBe(true);
});
