/** Opens everything with state, in the order in which one thing needs the other, and closes it in the opposite order. */
import path from 'node:path';
import { EXPERIMENT_CLASS_REFS } from '#drizzle/seed/demonstration-catalogue.ts';
import { DEMONSTRATION_MARKET_MAKERS } from '#drizzle/seed/demonstration-keys.ts';
import type { GenesisAccount } from '#ledger/codec/genesis.ts';
import type { ConsortiumOptions } from '#ledger/node/consortium/options.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { loadNodeKeys } from '#ledger/node/keys.ts';
import { isTakenFromMembers } from '#ledger/node/ledger-http.ts';
import { type OrgKeys, openLedger } from '#ledger/node/ledger-node.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { parseClassId } from '#ledger/primitives/ids.ts';
import { awaitedAct } from '#server/cases/awaited-acts.ts';
import { openCaseClocks } from '#server/cases/case-clocks.ts';
import { endHalts } from '#server/cases/halt.ts';
import { turnListReviews } from '#server/cases/list-reviews.ts';
import { turnClaims } from '#server/claims/claim-clocks.ts';
import { turnTakeovers } from '#server/claims/declare-takeover.ts';
import type { Clock, MovableClock } from '#server/clock.ts';
import { openCoSigns } from '#server/co-sign/co-signs.ts';
import { confirmByMember } from '#server/compliance/confirm-replays.ts';
import { followActivations, isKnownActivation } from '#server/compliance/follow-activation.ts';
import { awaitedActivation, rememberStoredPacks } from '#server/compliance/packs.ts';
import { openReplays } from '#server/compliance/replays.ts';
import { watchSellers } from '#server/compliance/seller-years.ts';
import { watchMarket } from '#server/compliance/watch-market.ts';
import type { Ground, Services } from '#server/context.ts';
import { followDisplaced } from '#server/custody/displaced.ts';
import { sequenceOutside } from '#server/custody/sequence.ts';
import type { Sql } from '#server/db.ts';
import { turnObjections } from '#server/desk/objections.ts';
import { openEvidence } from '#server/evidence/open-evidence.ts';
import { readEnvironment } from '#server/evidence/read-environment.ts';
import { simulatedTimeStampAuthority, type TimeStampAuthority } from '#server/evidence/time-stamp-authority.ts';
import { clocksAt, findActivePack } from '#server/exchange/active-pack.ts';
import { openMarket } from '#server/exchange/open-market.ts';
import { awaitedStep } from '#server/experiments/awaited-step.ts';
import { openExperiments } from '#server/experiments/open-experiments.ts';
import { turnGuarantee } from '#server/guarantee/guarantee.ts';
import { endAccessLog } from '#server/identity/access-log-end.ts';
import { demonstrationPlayerAcct, ensureDemonstrationPlayers } from '#server/identity/demonstration.ts';
import { missingRealNameProvider } from '#server/identity/http-real-name-provider.ts';
import { openIdentity } from '#server/identity/open-identity.ts';
import { type RealNameProvider, simulatedRealNameProvider } from '#server/identity/real-name-provider.ts';
import { watchSellerChecks } from '#server/identity/seller-checks.ts';
import { missingSmsGateway, type SmsGateway, simulatedSmsGateway } from '#server/identity/sms-gateway.ts';
import type { Break, BreakKind } from '#server/journal/breaks.repo.ts';
import { reconcile } from '#server/journal/reconcile.ts';
import { openStatementDesk } from '#server/journal/statement-desk.ts';
import { watchBooks } from '#server/journal/watch-books.ts';
import { ledgerLog } from '#server/ledger-log.ts';
import type { Log } from '#server/log.ts';
import { openArtHolders } from '#server/market/art-holders.ts';
import { findLedgerDocument } from '#server/market/ledger-documents.ts';
import { openTransparency } from '#server/market/transparency.ts';
import { type GameArchives, openGameArchives } from '#server/members/game-archives.ts';
import { openProposals, type ProposalDesk } from '#server/members/proposals.ts';
import { eraseNames } from '#server/my-data/erase-names.ts';
import { type ClockFollowers, openClockPanel } from '#server/operations/move-clock.ts';
import { type OutboxOptions, openOutbox } from '#server/outbox/open-outbox.ts';
import { TIME_STAMPER_KEY, timeStamperCertificate } from '#server/pki/demonstration-seed.ts';
import { openGroundPki } from '#server/pki/open-ground-pki.ts';
import { watchCertificates } from '#server/pki/watch-certificates.ts';
import type { Random } from '#server/random.ts';
import { openReports } from '#server/reports/open-reports.ts';
import type { PlatformRecord } from '#server/reports/platform-facts.ts';
import { openReserves } from '#server/reserves/reserves.ts';
import { simulatedTaxOffice } from '#server/reserves/simulated-tax-office.ts';
import { announceBlocks } from '#server/sealing/announce-blocks.ts';
import { findArtFile } from '#server/studio/class-changes.repo.ts';
import { awaitedOpening, recheckStudios } from '#server/studio/join/join.ts';
import { openStudio } from '#server/studio/studio.ts';
import { watchSilence } from '#server/studio/watch-silence.ts';
import { windowAt } from '#server/studio/write-plan.ts';
import { demonstrationStudioAcct, ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';

export type StartOptions = {
  /** Migrated. */
  readonly sql: Sql;
  readonly clock: Clock;
  /** Where business time can be moved: with which clock, and who follows. */
  readonly movable?: { readonly clock: MovableClock; readonly machine: Clock; readonly followers: ClockFollowers };
  readonly random: Random;
  readonly log: Log;
  /** Keys under `keys`, the ledger's static files under `ledger-export`. */
  readonly dataDir: string;
  readonly isDemonstration: boolean;
  readonly passphraseFile?: string;
  /** Only for tests: a shorter time between blocks. */
  readonly blockMs?: number;
  readonly workers?: number;
  readonly outbox?: OutboxOptions;
  /** In place of the simulated ones of a demonstration; any other chain has none without. */
  readonly realNameProvider?: RealNameProvider;
  readonly smsGateway?: SmsGateway;
  /** What the operator has on record about the platform; a demonstration's is made up. */
  readonly platform?: PlatformRecord | null;
  /** In place of the simulated time stamper of a demonstration. */
  readonly stamper?: TimeStampAuthority;
  /** The other members; without them the operator's node seals alone. */
  readonly consortium?: Omit<ConsortiumOptions, 'door'>;
  /** Further accounts of a chain that begins now. */
  readonly genesisAccounts?: readonly GenesisAccount[];
  /** The organisation that has taken over as operator (O-05); absent: the one that began the chain. */
  readonly operator?: OrgKeys;
  /** Of the simulated payment institution, where it keeps its books apart from ours. */
  readonly institutionSql?: Sql;
};

export type Started = {
  readonly services: Services;
  readonly exportDir: string;
  stop(): Promise<void>;
};

export async function startServices(options: StartOptions): Promise<Started> {
  const { sql, clock, random, log, isDemonstration } = options;
  const keysDir = path.join(options.dataDir, 'keys');
  const exportDir = path.join(options.dataDir, 'ledger-export');
  let door: NonNullable<ConsortiumOptions['door']> = async () => [];
  const ledger = await openLedger({
    sql,
    now: () => clock.now(),
    random: (length) => random.bytes(length),
    keysDir,
    exportDir,
    snapshotDir: path.join(options.dataDir, 'ledger-snapshots'),
    demonstration: isDemonstration,
    log: ledgerLog(log),
    onDisplaced: followDisplaced,
    ...(options.passphraseFile === undefined ? {} : { passphraseFile: options.passphraseFile }),
    ...(options.blockMs === undefined ? {} : { blockMs: options.blockMs }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.genesisAccounts === undefined ? {} : { genesisAccounts: options.genesisAccounts }),
    ...(options.operator === undefined ? {} : { operator: options.operator }),
    ...(options.consortium === undefined ? {} : { consortium: { ...options.consortium, door: (envs) => door(envs) } }),
  });
  const machineClock = options.movable?.machine ?? clock;
  const ground: Ground = { sql, clock, machineClock, random, log, ledger };
  const filingNo = options.platform?.filingNo ?? null;
  // What the market keeps books about comes through the market alone, whoever else took it.
  door = (envs) =>
    sequenceOutside(
      ground,
      envs.filter(({ body: { op } }) => isTakenFromMembers(op) && isKnownActivation(op)),
    );
  const pki = openGroundPki(ground);
  const certificates = watchCertificates({ sql, clock, log, pki });
  const identity = openIdentity(ground, {
    ...{ keysDir, pki },
    provider: options.realNameProvider ?? (isDemonstration ? simulatedRealNameProvider : missingRealNameProvider),
    sms: options.smsGateway ?? (isDemonstration ? simulatedSmsGateway : missingSmsGateway),
  });
  const outbox = openOutbox(ground, options.outbox);
  const hostedSigners = new Map<string, Awaited<ReturnType<typeof ensureDemonstrationStudio>>>();
  if (isDemonstration) {
    await ensureDemonstrationPlayers(identity.ground);
    hostedSigners.set(demonstrationStudioAcct(), await ensureDemonstrationStudio(ground));
  }
  // Assessments and the ledger name packs by hash: their documents are known before anything is traded.
  await rememberStoredPacks(sql);
  const market = await openMarket(
    { ...ground, identity, outbox },
    {
      pilotClassRefs: EXPERIMENT_CLASS_REFS,
      ...(options.institutionSql === undefined ? {} : { payments: { institutionSql: options.institutionSql } }),
    },
  );
  const studio = openStudio(ground, {
    outbox,
    hostedSigners,
    onClassChanged: (classId) => market.forgetClass(classId === null ? null : parseClassId(classId)),
  });
  const reports = openReports({ ...ground, identity, outbox }, { platform: options.platform?.facts ?? null });
  const replays = openReplays(ground);
  const sellers = watchSellers({ sql, clock, outbox, pack: () => findActivePack(ledger.pending, clock.now())?.pack ?? null });
  const sellerChecks = watchSellerChecks({
    ...{ sql, clock, outbox, identity },
    clocks: () => clocksAt(ledger, clock.now()),
    skip: isDemonstration ? DEMONSTRATION_MARKET_MAKERS.map(({ name }) => demonstrationPlayerAcct(ledger, name)) : [],
  });
  const accessLog = endAccessLog({ sql, clock, clocks: () => clocksAt(ledger, clock.now()) });
  const blocks = announceBlocks(ground, outbox);
  const surveillance = watchMarket({ sql, clock, log, outbox, pack: () => findActivePack(ledger.pending, clock.now())?.pack ?? null });
  const evidence = openEvidence(
    { ...ground, identity, pki, provider: market.provider },
    {
      dir: path.join(options.dataDir, 'evidence'),
      stamper: isDemonstration ? (options.stamper ?? simulatedStamper(ground)) : null,
      environment: { ...(await readEnvironment(sql)), filingNo },
    },
  );
  const findBreaks = async () => {
    const breaks = await reconcile({ sql, clock, random, ledger, provider: market.provider });
    await market.followBooks(breaks);
    return breaks;
  };
  const books = watchBooks({ log, find: findBreaks });
  const statements = openStatementDesk({ sql, clock, log, outbox, compareBooks: () => books.turn() });
  const silence = watchSilence({ ...ground, outbox }, () => recheckStudios({ sql, clock, pki }));
  const archives = archivesOf(ground, exportDir);
  const experiments = openExperiments({ ...ground, outbox, market, ledgerBreaks: () => countLedgerBreaks(books.last()) });
  const coSigns = openCoSigns(ground, {
    experiment_step: awaitedStep({ ...ground, outbox, market }, () => experiments.watch.soon()),
    pack_activation: awaitedActivation({ ...ground, outbox }),
    studio_account: awaitedOpening({ ...ground, pki }),
    case_act: awaitedAct({ ...ground, outbox, market, identity }),
  });
  const office = isDemonstration ? simulatedTaxOffice({ sql, random }) : null;
  const reserves = openReserves({ ...ground, outbox, experiments: market.experiments }, office);
  const cases = openCaseClocks({ ...ground, outbox }, [
    () => turnClaims({ ...ground, outbox }),
    () => turnTakeovers({ ...ground, outbox, identity, market }),
    () => endHalts({ ...ground, outbox, market }),
    () => turnObjections({ ...ground, outbox }),
    () => turnGuarantee({ ...ground, outbox }),
    () => reserves.turn(),
    () => sellers.turn(),
    () => sellerChecks.turn(),
    () => turnListReviews({ ...ground, outbox }),
    // Nothing of a case: no step that a turn counts.
    () => accessLog.turn().then(() => 0),
    () => eraseNames({ ...ground, recordKey: identity.ground.recordKey }),
    followActivations({ ...ground, outbox }),
    () => coSigns.turn(),
  ]);
  ledger.start();
  await outbox.start();
  await blocks.start();
  await market.start();
  await studio.start();
  surveillance.start();
  replays.start();
  books.start();
  statements.start();
  certificates.start();
  evidence.start();
  reports.start();
  cases.start();
  silence.start();
  archives.start();
  experiments.watch.start();
  const stop = async () => {
    await experiments.watch.stop();
    await archives.stop();
    await silence.stop();
    await cases.stop();
    await reports.stop();
    await evidence.stop();
    await certificates.stop();
    await statements.stop();
    await books.stop();
    await surveillance.stop();
    await replays.stop();
    await studio.stop();
    await market.stop();
    await blocks.stop();
    await outbox.stop();
    await ledger.stop();
  };
  return {
    services: {
      ...ground,
      filingNo,
      identity,
      pki,
      certificates,
      evidence,
      outbox,
      market,
      artHolders: openArtHolders({
        ...{ sql, ledger },
        endpointOf: options.consortium?.endpointOf ?? (() => null),
        elapsed: options.consortium?.elapsed ?? (() => 0),
      }),
      confirmReplay: (staff, replayId) =>
        confirmByMember({ ...ground, endpointOf: options.consortium?.endpointOf ?? (() => null) }, staff, replayId),
      books,
      statements,
      transparency: openTransparency({ ...ground, outbox }),
      studio,
      archives,
      reports,
      replays,
      reserves,
      cases,
      coSigns,
      experiments,
      clockPanel: openClockPanel({
        ...{ sql, log, ledger, machine: machineClock },
        clock: options.movable?.clock ?? null,
        followers: options.movable?.followers ?? null,
      }),
      proposals: proposalsOf(options, { ...ground, pki }, keysDir),
    },
    exportDir,
    stop,
  };
}

/** The operator's copy: it has the art and the documents, and states the SM3 of what it wrote. */
function archivesOf(ground: Ground, exportDir: string): GameArchives {
  const { sql, ledger, clock, random, log } = ground;
  return openGameArchives({
    ...{ ledger, clock, exportDir, log },
    document: (sm3, cls) => findLedgerDocument(sql, sm3, cls),
    art: async (sm3) => {
      const found = await findArtFile(sql, sm3);
      return found === null ? null : new Uint8Array(found.bytes);
    },
    attest: async (op) => {
      const body = { chain: ledger.chain, salt: random.bytes(16), ...windowAt(clock.now()), op };
      const [result] = await sequenceOutside(ground, ledger.operator.batchSign([body]));
      assert(result?.kind === 'sequenced', `the operator may attest an archive: ${result?.kind === 'rejected' ? result.code : ''}`);
      return result.txId;
    },
  });
}

/** With the governance key of this program's own member, read once; a site that keeps it offline decides by `cli config`. */
function proposalsOf(
  { consortium, passphraseFile }: StartOptions,
  ground: Ground & Pick<Services, 'pki'>,
  dir: string,
): ProposalDesk | null {
  if (consortium === undefined) return null;
  const { governance } = loadNodeKeys({
    ...{ dir, sm2: ground.ledger.sm2, random: (length) => ground.random.bytes(length), create: false },
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
  });
  return openProposals({ ...ground, self: { id: consortium.member, governance }, endpointOf: consortium.endpointOf });
}

/** What the market keeps and what the ledger says differ. */
const LEDGER_BREAKS: readonly BreakKind[] = [
  'custody_differs',
  'custody_missing',
  'custody_hop_differs',
  'trade_not_on_ledger',
  'trade_entry_differs',
  'trade_items_differ',
];
function countLedgerBreaks(breaks: readonly Break[] | null): number | null {
  return breaks === null ? null : breaks.filter(({ kind }) => LEDGER_BREAKS.includes(kind)).length;
}

/** Its key is published like every other of a demonstration; its certificate is of the year it is asked in. */
function simulatedStamper({ sql, clock, ledger }: Ground): TimeStampAuthority {
  const { privateKey } = demonstrationKeys(TIME_STAMPER_KEY);
  return simulatedTimeStampAuthority({
    sql,
    clock,
    sm2: ledger.sm2,
    key: () => ({ privateKey, certificate: timeStamperCertificate(clock.now()) }),
  });
}
