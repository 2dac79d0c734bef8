/** Everything a call may use, built once by `main.ts` (or by a test) and handed down. */
import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import type { CaseClocks } from '#server/cases/case-clocks.ts';
import type { Clock } from '#server/clock.ts';
import type { CoSigns } from '#server/co-sign/co-signs.ts';
import type { Replays } from '#server/compliance/replays.ts';
import type { Sql } from '#server/db.ts';
import type { Evidence } from '#server/evidence/evidence.ts';
import type { Market } from '#server/exchange/market.ts';
import type { ExperimentDesk } from '#server/experiments/open-experiments.ts';
import type { Identity, StaffSession } from '#server/identity/identity.ts';
import type { StatementDesk } from '#server/journal/statement-desk.ts';
import type { BooksWatch } from '#server/journal/watch-books.ts';
import type { Log } from '#server/log.ts';
import type { ArtHolders } from '#server/market/art-holders.ts';
import type { GameArchives } from '#server/members/game-archives.ts';
import type { ProposalDesk } from '#server/members/proposals.ts';
import type { ClockPanel } from '#server/operations/move-clock.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { Pki } from '#server/pki/pki.ts';
import type { CertificateWatch } from '#server/pki/watch-certificates.ts';
import type { Random } from '#server/random.ts';
import type { Reports } from '#server/reports/reports.ts';
import type { Reserves } from '#server/reserves/reserves.ts';
import type { Studio } from '#server/studio/studio.ts';
import type { Transparency } from '#server/trpc/views.ts';

/** What exists before the services that use it: a service is built from these. */
export interface Ground {
  readonly sql: Sql;
  /** Business time. */
  readonly clock: Clock;
  /** The machine's time: how fresh a request is, how long a session idles. Left out where business time was never moved. */
  readonly machineClock?: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly ledger: LedgerNode;
}

export interface Services extends Ground {
  /** Of the filing as a blockchain information service (rulebook CN-BC-01); `null`: none on record. */
  readonly filingNo: string | null;
  readonly identity: Identity;
  readonly pki: Pki;
  readonly certificates: CertificateWatch;
  readonly evidence: Evidence;
  readonly outbox: Outbox;
  readonly market: Market;
  readonly artHolders: ArtHolders;
  readonly books: Pick<BooksWatch, 'last' | 'turn'>;
  readonly statements: Pick<StatementDesk, 'compare'>;
  /** What everybody may know, kept for a moment. */
  readonly transparency: () => Promise<Transparency>;
  readonly studio: Studio;
  readonly archives: Pick<GameArchives, 'of' | 'turn'>;
  readonly reports: Reports;
  readonly replays: Replays;
  /** Has a member run one again. @throws {RefusalError} */
  readonly confirmReplay: (staff: Pick<StaffSession, 'staffId'>, replayId: string) => Promise<unknown>;
  readonly reserves: Reserves;
  readonly clockPanel: ClockPanel;
  readonly cases: Pick<CaseClocks, 'turn'>;
  /** Signatures that supervisors give elsewhere. */
  readonly coSigns: CoSigns;
  readonly experiments: ExperimentDesk;
  /** Changes of the consortium; null while one member seals alone. */
  readonly proposals: ProposalDesk | null;
}
