/** An evidence package (P-45) asked for and fetched over a market's public API, and proven by the auditor's command. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { fromBase64, toHex } from '#ledger/primitives/bytes.ts';
import type { TradeId } from '#ledger/primitives/ids.ts';
import { signedBytes } from '#server/outbox/message.ts';
import type { PlayerClient } from '#server/workers/demonstration/player-client.ts';
import { type Person, until } from './acts.ts';

const VERIFY = path.resolve(import.meta.dirname, '../../ledger/bin/verify.ts');
const CASE = 'drill 1';
const BUILD_MS = 60_000;
const { sm2 } = startSm2();

/** @returns the file */
export async function fetchEvidence(client: PlayerClient, by: Person, tradeId: TradeId, folder: string): Promise<string> {
  const { chain, challenge, issuedAt } = await client.api.session.challenge.mutate();
  const message = signedBytes('daoju.evidence/1', { subject: tradeId, caseRef: CASE, chain, acct: toHex(by.acct), challenge, issuedAt });
  const signature = toHex(sm2.sign(by.privateKey, message));
  const asked = await client.api.evidence.export.mutate({
    ...{ subject: { kind: 'trade', id: tradeId }, caseRef: CASE, challenge, issuedAt, signature },
  });
  const view = () => client.api.evidence.get.query({ exportId: asked.exportId });
  await until(async () => (await view()).state !== 'waiting', BUILD_MS, 'the evidence package');
  const { state, reason } = await view();
  assert(state === 'built', `the evidence package is built: ${reason}`);
  const file = path.join(folder, 'evidence.zip');
  writeFileSync(file, fromBase64((await client.api.evidence.file.query({ exportId: asked.exportId })).file));
  return file;
}

/** From the file and the ChainId alone. @returns what the command said */
export function verifyFile(
  file: string,
  chain: Uint8Array,
  more: readonly string[] = [],
): { readonly isProven: boolean; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFY, file, '--chain', toHex(chain), ...more], { encoding: 'utf8' });
  return { isProven: status === 0, said: `${stdout}${stderr}`.trim() };
}
