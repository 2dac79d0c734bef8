/** Step 12 of the offline verifier on a real chain: the certificates of the members that voted, and what is refused (E60). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationCertificate, demonstrationHierarchy, demonstrationMemberCertificate } from '#ledger/node/demonstration-pki.ts';
import { toPem } from '#ledger/pki/certificate.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import { verifyReceipt } from '#ledger/verify/verify-receipt.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { openTestLedger, populate, removeKeys, type TestLedger } from '#test/support/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;
let receipt: Bytes;
let member: Bytes;
const { root, authorities } = demonstrationHierarchy();
const authority = authorities.get('Operator CA') ?? root;

beforeAll(async () => {
  database = await createTestDatabase({ max: 6 });
  ledger = await openTestLedger(database.sql, {});
  const { amy, bob } = await populate(ledger, 1);
  await ledger.sequence(amy.batchSign([ledger.body({ kind: 'transfer', serial: 0n, ver: 1n, to: bob.acct, pay: ZERO_32, env: ZERO_32 })]));
  await ledger.node.sealNow();
  const file = await ledger.node.itemProof(0n);
  const [operator] = ledger.node.config.members;
  assert(file !== null && operator !== undefined, 'one member has certified');
  receipt = file;
  member = demonstrationMemberCertificate(operator, instant(Number(ledger.node.genesis.sealedAt)));
  expect(toHex(sm3(member))).toBe(toHex(operator.cert));
});
afterAll(async () => {
  await ledger.node.stop();
  await database.drop();
  removeKeys(ledger);
});

function stepWith(certificates: readonly Uint8Array[], roots: readonly Uint8Array[] = [sm3(root)]) {
  const verdict = verifyReceipt(receipt, { chain: ledger.node.chain, sm2: ledger.node.sm2, roots, certificates });
  const step = verdict.steps.find((each) => each.step === 12);
  return { outcome: verdict.outcome, code: step?.code ?? null, reason: step?.facts.reason ?? null };
}

test('with the root, the authority and its own certificate the member that voted has a name', () => {
  expect(stepWith([root, authority, member])).toEqual({ outcome: 'proven', code: null, reason: null });
  expect(ledger.node.config.roots.map(toHex)).toEqual([toHex(sm3(root))]);
});

test('without roots it is said that nobody looked', () => {
  const verdict = verifyReceipt(receipt, { chain: ledger.node.chain, sm2: ledger.node.sm2 });
  expect(verdict.steps.find(({ step }) => step === 12)?.code).toBe('W60');
});

test.each<readonly [string, () => ReturnType<typeof stepWith>, string]>([
  ['no certificate in the file', () => stepWith([root, authority]), 'certificate_not_in_file'],
  ['no authority between', () => stepWith([root, member]), 'certificate_issuer_unknown'],
  ['another root', () => stepWith([root, authority, member], [sm3(authority)]), 'anchor_unknown'],
  [
    'the right name over another key',
    () => {
      const subject = { commonName: 'Operator', organization: 'Operator', organizationalUnit: 'node' };
      const at = instant(Number(ledger.node.genesis.sealedAt));
      const publicKey = ledger.node.operator.publicKey;
      return stepWith([
        root,
        authority,
        demonstrationCertificate({ authority: 'Operator CA', subject, publicKey, profile: { kind: 'signing' }, at }),
      ]);
    },
    'certificate_not_in_file',
  ],
])('%s: E60, and the file is not to be believed', (_name, ask, reason) => {
  expect(ask()).toEqual({ outcome: 'malformed', code: 'E60', reason });
});

test('the auditor’s command takes the same from PEM files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-roots-'));
  try {
    writeFileSync(path.join(folder, 'item.plproof'), receipt);
    writeFileSync(path.join(folder, 'root.pem'), toPem(root));
    writeFileSync(path.join(folder, 'others.pem'), `${toPem(member)}${toPem(authority)}`);
    const args = ['ledger/bin/verify.ts', path.join(folder, 'item.plproof'), '--chain', toHex(ledger.node.chain)];
    const roots = ['--roots', path.join(folder, 'root.pem'), '--certificates', path.join(folder, 'others.pem')];
    expect(execFileSync(process.execPath, [...args, ...roots], { encoding: 'utf8' })).toMatch(/ok {3}12 {4}.*Certificates/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
