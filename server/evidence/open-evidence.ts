/** Builds `Evidence`: requests in a table, packages as files, one at a time. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { Ground } from '#server/context.ts';
import { every, type Ticking } from '#server/every.ts';
import type { Identity } from '#server/identity/identity.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import type { Pki } from '#server/pki/pki.ts';
import { buildPackage, type Environment } from './build-package.ts';
import { collect } from './collect.ts';
import { endExport, findExport, insertExport, listExports, listWaiting, type WaitingExport } from './evidence.repo.ts';
import type { Evidence } from './evidence.ts';
import type { TimeStampAuthority } from './time-stamp-authority.ts';

export type EvidenceGround = Ground & { readonly identity: Identity; readonly pki: Pki; readonly provider: PaymentProvider };
export type EvidenceOptions = {
  /** Where finished packages lie, mode 0600. */
  readonly dir: string;
  readonly stamper: TimeStampAuthority | null;
  readonly environment: Environment;
};

const SIGN_FORMAT = 'daoju.evidence/1';
const LOOK_EVERY_MS = 5_000;

export function openEvidence(ground: EvidenceGround, { dir, stamper, environment }: EvidenceOptions): Evidence {
  const { sql, clock, random, log, ledger, identity, pki } = ground;
  let ticking: Ticking | null = null;
  let turning: Promise<void> = Promise.resolve();
  const fileOf = (exportId: string) => path.join(dir, `${exportId}.zip`);

  const build = async (waiting: WaitingExport): Promise<void> => {
    const collected = await collect(ground, waiting.acct, waiting.subject);
    if (collected.kind === 'rejected') return endExport(sql, waiting.exportId, { state: 'failed', reason: collected.code }, clock.now());
    const seal = await pki.signingCertificate(ledger.operator.publicKey, 'signing', clock.now());
    if (seal === null) return endExport(sql, waiting.exportId, { state: 'failed', reason: 'seal_certificate_missing' }, clock.now());
    const { zip } = await buildPackage({ clock, random, log, ledger, stamper, environment }, { waiting, seal, ...collected });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const draft = `${fileOf(waiting.exportId)}.new`;
    writeFileSync(draft, zip, { mode: 0o600 });
    renameSync(draft, fileOf(waiting.exportId));
    await endExport(sql, waiting.exportId, { state: 'built', sm3: sm3(zip), size: zip.length }, clock.now());
  };

  const turnOnce = async (): Promise<void> => {
    for (const waiting of await listWaiting(sql)) {
      try {
        await build(waiting);
      } catch (error) {
        log.error({ error, exportId: waiting.exportId }, "couldn't build an evidence package");
        await endExport(sql, waiting.exportId, { state: 'failed', reason: 'build_failed' }, clock.now());
      }
    }
  };
  /** One after the other: a package reads much and signs little. */
  const turn = (): Promise<void> => {
    turning = turning.then(turnOnce);
    return turning;
  };
  const failed = (error: unknown): void => {
    turning = Promise.resolve();
    log.error({ error }, "couldn't look for evidence packages to build");
  };
  const turnSafely = (): void => {
    turn().catch(failed);
  };

  return {
    request: async ({ acct, subject, caseRef, proof }) => {
      const refused = await identity.confirm(acct, SIGN_FORMAT, { subject: subject.id, caseRef }, proof);
      if (refused !== null) return refused;
      const collected = await collect(ground, acct, subject);
      if (collected.kind === 'rejected') return collected;
      const exportId = `evd_${toHex(random.bytes(16))}`;
      await insertExport(sql, { exportId, subject, acct, caseRef, now: clock.now() });
      if (ticking !== null) turnSafely();
      const view = await findExport(sql, acct, exportId);
      if (view === null) throw new Error(`the export ${exportId} is missing`);
      return view;
    },
    find: (acct, exportId) => findExport(sql, acct, exportId),
    list: (acct, subjectId) => listExports(sql, acct, subjectId),
    file: async (acct, exportId) => {
      const view = await findExport(sql, acct, exportId);
      const file = fileOf(exportId);
      return view?.state === 'built' && existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
    },
    turn,
    start: () => {
      ticking = every(LOOK_EVERY_MS, turn, failed);
      turnSafely();
    },
    stop: async () => {
      ticking?.stop();
      ticking = null;
      await turning.catch(() => undefined);
    },
  };
}
