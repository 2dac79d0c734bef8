/** The tax reserve as its owner sees it, and as the tax supervisor does. */

import type { LedgerNode } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import type { AccountId } from '#ledger/primitives/ids.ts';
import { type Instant, toIso } from '#ledger/primitives/instant.ts';
import { filingDueOn, keepsReserve, RESERVED_TAXES, taxOf, triesReserve } from '#sandbox/experiments/tax-reserve.ts';
import { findPackByHash } from '#sandbox/packs/pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import type { Experiments } from '#server/exchange/experiments.ts';
import type { Snapshot } from '#server/market/snapshot.ts';
import type { ComplaintView, DueReturn, FilingProofView, ReserveDesk, ReserveView } from '#server/trpc/views.ts';
import { type ComplaintRow, listComplaints } from './complaints.repo.ts';
import { complaintDueAt } from './complaints.ts';
import { listAllProofs, listProofs, type ProofRow } from './filing-proofs.repo.ts';
import { reserveTrials } from './filing-proofs.ts';
import { listParts, listTrialSales, readSubAccounts, sumReserves, type TrialSale } from './reserve-views.repo.ts';

const PARTS = 200;
const PROOFS = 100;
/** How the simulated office signs its answers. */
const SIMULATED = 'simulated';

type Trials = Pick<Experiments, 'all'>;

export async function getReserves(
  { tx, now }: Snapshot,
  experiments: Trials,
  acct: AccountId,
  { hasSimulatedOffice, pack }: { readonly hasSimulatedOffice: boolean; readonly pack: RulePack | null },
): Promise<ReserveView> {
  const [parts, proofs, sales, complaints] = await Promise.all([
    listParts(tx, acct, PARTS),
    listProofs(tx, acct, PROOFS),
    listTrialSales(tx, acct, reserveTrials(experiments)),
    listComplaints(tx, acct, PARTS),
  ]);
  const kept = parts.reduce((sum, { freedAt, amountFen }) => (freedAt === null ? sum + BigInt(amountFen) : sum), 0n);
  return {
    keptFen: String(kept),
    parts: parts.map(({ sellerRef, ...part }) => part),
    complaints: complaints.map((row) => complaintView(row, pack, now)),
    proofs: proofs.map(proofView),
    returns: returnsOf(sales, proofs),
    trials: experiments.all().flatMap(({ experiment, joined }) => {
      const mine = joined.get(acct);
      if (mine === undefined || !triesReserve(experiment)) return [];
      const { id: experimentId, title, status } = experiment;
      return [{ experimentId, title, status, keeps: keepsReserve(experiment, mine.arm) }];
    }),
    hasSimulatedOffice,
  };
}

function proofView({
  proofId,
  tax,
  month,
  receiptNo,
  filedOn,
  presentedAt,
  state,
  decidedAt,
  decidedBy,
  reason,
}: ProofRow): FilingProofView {
  return {
    ...{ proofId, tax, month, receiptNo, filedOn, state, reason },
    presentedAt: toIso(presentedAt),
    decidedAt: decidedAt === null ? null : toIso(decidedAt),
    by: decidedBy === null ? null : decidedBy === SIMULATED ? 'simulated_office' : 'supervisor',
  };
}

/** By month and return what was sold inside a trial; proven: a confirmed return covers the last sale of it. */
function returnsOf(sales: readonly TrialSale[], proofs: readonly ProofRow[]): readonly DueReturn[] {
  return [...Map.groupBy(sales, ({ month }) => month)].flatMap(([month, own]) =>
    RESERVED_TAXES.flatMap((tax): readonly DueReturn[] => {
      const owing = own.filter((sale) => owedOf(sale, tax) > 0n);
      const last = owing.at(-1);
      const pack = last === undefined ? null : findPackByHash(last.packHash);
      if (last === undefined || pack === null) return [];
      const covers = (proof: ProofRow) =>
        proof.state === 'confirmed' && proof.tax === tax && proof.month === month && proof.filedOn >= last.soldOn;
      return [
        {
          tax,
          month,
          dueOn: filingDueOn(pack, tax, month),
          taxFen: String(owing.reduce((sum, sale) => sum + owedOf(sale, tax), 0n)),
          isProven: proofs.some(covers),
        },
      ];
    }),
  );
}

function owedOf({ packHash, lines }: TrialSale, tax: DueReturn['tax']): bigint {
  const pack = findPackByHash(packHash);
  if (pack === null) return 0n;
  return lines.reduce((sum, { id, amountFen }) => (taxOf(pack, id) === tax ? sum + BigInt(amountFen) : sum), 0n);
}

function complaintView(
  { tradeId, experimentId, at, text, slaWorkingDays, answer }: ComplaintRow,
  pack: RulePack | null,
  now: Instant,
): ComplaintView {
  const dueAt = complaintDueAt(pack, at, slaWorkingDays);
  return {
    ...{ tradeId, experimentId, text, at: toIso(at), dueAt: toIso(dueAt) },
    isLate: (answer?.at ?? now) > dueAt,
    answer: answer === null ? null : { at: toIso(answer.at), text: answer.text },
  };
}

export async function getReserveDesk({ tx, now }: Snapshot, ledger: Pick<LedgerNode, 'chain' | 'pending'>): Promise<ReserveDesk> {
  const pack = findActivePack(ledger.pending, now)?.pack ?? null;
  const [parts, proofs, sums, complaints, figures] = await Promise.all([
    listParts(tx, null, PARTS),
    listAllProofs(tx, PROOFS),
    sumReserves(tx),
    listComplaints(tx, null, PROOFS),
    readSubAccounts(tx),
  ]);
  return {
    chain: toHex(ledger.chain),
    keptFen: sums.find(({ cause }) => cause === null)?.fen ?? '0',
    providerFen: figures.theirs,
    differenceFen: String(BigInt(figures.theirs) + BigInt(figures.waiting) - BigInt(figures.ours)),
    sums,
    parts,
    proofs: proofs.map((row) => ({ ...proofView(row), sellerRef: row.acct })),
    complaints: complaints.map((row) => ({ ...complaintView(row, pack, now), sellerRef: row.acct, by: row.answer?.by ?? null })),
  };
}
