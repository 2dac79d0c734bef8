/** A market on which Bob has bought Amy's sword, and packages of evidence about it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipPackage } from '#ledger/bin/unzip.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, concat, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import type { ItemId, TradeId } from '#ledger/primitives/ids.ts';
import type { Evidence, EvidenceSubject } from '#server/evidence/evidence.ts';
import { openEvidence } from '#server/evidence/open-evidence.ts';
import { readEnvironment } from '#server/evidence/read-environment.ts';
import { simulatedTimeStampAuthority } from '#server/evidence/time-stamp-authority.ts';
import { openIdentity } from '#server/identity/open-identity.ts';
import { silentLog } from '#server/log.ts';
import { timeStamperCertificate } from '#server/pki/demonstration-seed.ts';
import { openGroundPki } from '#server/pki/open-ground-pki.ts';
import type { Pki } from '#server/pki/pki.ts';
import { openTestMarket, placed, type TestMarket, type Trader } from './market.ts';

export type StamperFault = 'none' | 'silent' | 'rejecting';
export interface EvidenceRig {
  readonly m: TestMarket;
  readonly dir: string;
  readonly evidence: Evidence;
  readonly pki: Pki;
  readonly tradeId: TradeId;
  readonly itemId: ItemId;
  setFault(fault: StamperFault): void;
  proofOf(
    trader: Trader,
    subject: string,
    caseRef: string,
    key?: Uint8Array,
  ): Promise<{ challenge: string; issuedAt: string; signature: Bytes }>;
  take(trader: Trader, about?: EvidenceSubject): Promise<{ zip: Bytes; files: ReadonlyMap<string, Uint8Array>; exportId: string }>;
  stop(): Promise<void>;
}

/** As if the operator had filed: shown in each package (CN-EV-05). */
export const FILING_NO = 'FILED-0000001';

export async function openEvidenceRig(): Promise<EvidenceRig> {
  const m = await openTestMarket();
  const dir = mkdtempSync(path.join(tmpdir(), 'daoju-evidence-'));
  let fault: StamperFault = 'none';
  const { tradeId, itemId } = await sellSword(m);
  const ground = { sql: m.sql, clock: m.clock, random: m.random, log: silentLog, ledger: m.ledger };
  const pki = openGroundPki(ground);
  const identity = openIdentity(ground, { keysDir: dir, pki });
  const { privateKey } = demonstrationKeys('test-time-stamper');
  const stamper = simulatedTimeStampAuthority({
    ...{ sql: m.sql, clock: m.clock, sm2: m.ledger.sm2, fault: () => fault },
    key: () => ({ privateKey, certificate: timeStamperCertificate(m.clock.now()) }),
  });
  const evidence = openEvidence(
    { ...ground, identity, pki, provider: m.market.provider },
    { dir: path.join(dir, 'packages'), stamper, environment: { ...(await readEnvironment(m.sql)), filingNo: FILING_NO } },
  );

  const proofOf: EvidenceRig['proofOf'] = async (trader, subject, caseRef, key = trader.privateKey) => {
    const challenge = toHex(m.random.bytes(32));
    const issuedAt = new Date(m.clock.now()).toISOString();
    const expiresAt = new Date(m.clock.now() + 60_000);
    await m.sql`insert into identity.challenges (challenge, issued_at, expires_at) values (${challenge}, ${issuedAt}, ${expiresAt})`;
    const document = { chain: toHex(m.ledger.chain), acct: trader.acct, challenge, issuedAt, subject, caseRef };
    return { challenge, issuedAt, signature: m.ledger.sm2.sign(key, concat(utf8('daoju.evidence/1\n'), canonicalBytes(document))) };
  };
  const take: EvidenceRig['take'] = async (trader, about = { kind: 'trade', id: tradeId }) => {
    const caseRef = '(2026) 演 01 号';
    const asked = await evidence.request({ acct: trader.acct, subject: about, caseRef, proof: await proofOf(trader, about.id, caseRef) });
    assert('exportId' in asked, `the package is asked for: ${JSON.stringify(asked)}`);
    await evidence.turn();
    const zip = await evidence.file(trader.acct, asked.exportId);
    assert(zip !== null, `built: ${JSON.stringify(await evidence.find(trader.acct, asked.exportId))}`);
    return { zip, files: unzipPackage(zip), exportId: asked.exportId };
  };
  return {
    ...{ m, dir, evidence, pki, tradeId, itemId, proofOf, take },
    setFault: (next) => {
      fault = next;
    },
    stop: async () => {
      await evidence.stop();
      await m.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function sellSword(m: TestMarket): Promise<{ readonly tradeId: TradeId; readonly itemId: ItemId }> {
  await m.fund(m.bob, 5_000_000n);
  const sword = await m.kind('sword');
  const itemIds = await m.mint(sword, m.amy, 1);
  const { classId } = sword;
  const listing = placed(await m.place(m.amy, await m.quote(m.amy, { intent: 'listing', classId, itemIds, priceFen: fen(500_000n) })));
  m.clock.advance(3_000);
  const targetOrderId = listing.order.orderId;
  const bought = placed(await m.place(m.bob, await m.quote(m.bob, { intent: 'take_listing', classId, itemIds, targetOrderId })));
  m.clock.advance(2_000);
  await m.certify();
  // Another block, so that the checkpoint is later than the trade.
  m.clock.advance(5_000);
  await m.mint(sword, m.amy, 1);
  await m.certify();
  const [trade, itemId] = [bought.trades[0], itemIds[0]];
  assert(trade !== undefined && itemId !== undefined, 'one item was sold');
  return { tradeId: trade.tradeId, itemId };
}
