/** Where each of the thirty disaster tests of `ledger.md` 22 runs: a drill on real processes, seeded simulation, or a test beside them. */
export interface Disaster {
  readonly no: number;
  readonly what: string;
  /** `drill NAME`, or the file that holds it; null: it does not run anywhere yet. */
  readonly where: string | null;
}

const SIM = 'npm run sim';
const SCENARIOS = 'test/simulation/scenarios.test.ts';

export const DISASTERS: readonly Disaster[] = [
  { no: 1, what: 'kill −9 of the leader at each step', where: `${SIM}, drill operator-deleted, test/integration/ledger-crash.test.ts` },
  { no: 2, what: 'a member killed between persist and send', where: SIM },
  { no: 3, what: 'a power cut drops unsynced writes', where: SIM },
  { no: 4, what: 'torn rows and bit flips in each table', where: 'drill bit-flip, test/integration/ledger-store.test.ts' },
  { no: 5, what: 'a leader in the minority partition goes on proposing', where: SIM },
  { no: 6, what: 'the engine changes its leader during decide', where: `${SIM}, test/conformance/ordering-engine.test.ts` },
  { no: 7, what: 'the engine loses its majority; is lost for ever', where: 'test/conformance/ordering-engine.test.ts; drill engine-lost' },
  { no: 8, what: 'the engine is restored from an old copy', where: `${SIM}, drill engine-rewound` },
  { no: 9, what: 'the engine shows different slots to different members', where: SIM },
  { no: 10, what: 'a bad leader', where: `${SIM}, drill byzantine-leader` },
  { no: 11, what: 'a bad member', where: `${SIM}, drill byzantine-leader` },
  { no: 12, what: 'clocks that lie', where: `${SIM}, drill tamper, test/integration/ledger-sequence.test.ts` },
  { no: 13, what: 'lost, doubled, reordered messages', where: SIM },
  { no: 14, what: 'disk full, database restart', where: 'drill disk-full, test/integration/ledger-crash.test.ts' },
  { no: 15, what: 'a signer restored from an old dump abstains', where: `${SIM}, drill member-restored-from-old-backup` },
  { no: 16, what: 'two processes with one node key', where: `${SIM}, test/integration/signer.test.ts` },
  { no: 17, what: 'key rotation under load, a revoked key votes', where: `${SIM}, drill key-rotated` },
  { no: 18, what: 'join, leave, join', where: `${SIM}, test/integration/snapshots.test.ts, drill two-down` },
  { no: 19, what: 'operator deleted, notary promoted, verified offline', where: 'drill operator-deleted' },
  { no: 20, what: 'recovery with every choice of seals, one lying', where: `npm run model, ${SCENARIOS}` },
  { no: 21, what: 'last resort, moved by a receipt', where: `${SCENARIOS}, drill last-resort` },
  { no: 22, what: 'successor chain from a snapshot, old receipts still verify', where: 'drill successor-chain' },
  { no: 23, what: 'a full audit equals the live state', where: 'test/integration/ledger-store.test.ts' },
  { no: 24, what: 'a snapshot with one altered leaf is refused', where: 'test/integration/snapshots.test.ts' },
  { no: 25, what: 'a censoring leader is removed', where: SCENARIOS },
  { no: 26, what: '48 h soak with random faults', where: null },
  { no: 27, what: 'mixed versions, suite 2 refused cleanly', where: 'test/integration/ledger-store.test.ts' },
  { no: 28, what: '10 M entries: proof size and time flat', where: 'npm run bench -- receipt (1 M)' },
  { no: 29, what: 'a supervisor refuses a wrong tax', where: `${SCENARIOS}, test/integration/refused-trades.test.ts` },
  { no: 30, what: 'batches of signatures', where: `${SCENARIOS}, test/integration/ledger-sequence.test.ts` },
];
