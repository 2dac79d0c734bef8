/** Writes a day's assessments, the sellers' days and the crossings of their line. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, query } from '#server/journal/rows.repo.ts';
import { inputDocument } from '#server/settlement/assessment-document.ts';
import type { AssessmentWrite, SalesDay } from '#server/settlement/group.ts';

export async function saveAssessments(tx: Tx, salesDay: SalesDay): Promise<void> {
  const first = salesDay.assessments.filter((write) => write.version !== 'next');
  const again = salesDay.assessments.filter((write) => write.version === 'next');
  await Promise.all([
    insertRows(
      tx,
      'compliance.assessments',
      first.map((write) => assessmentColumns(salesDay, write, 1)),
    ),
    insertRows(
      tx,
      'compliance.windows',
      [...salesDay.changedWindows].map((acct) => {
        const window = salesDay.window(acct);
        return {
          acct,
          day: salesDay.day,
          gross_fen: String(window.grossFen),
          turnover_fen: String(window.turnoverFen),
          is_taxable: window.isTaxable,
        };
      }),
      'on conflict (acct, day) do update set gross_fen = excluded.gross_fen, turnover_fen = excluded.turnover_fen, is_taxable = excluded.is_taxable',
    ),
    insertRows(
      tx,
      'compliance.crossings',
      salesDay.crossings.map((crossing) => ({
        acct: crossing.acct,
        day: crossing.day,
        at: toIso(salesDay.now),
        gross_fen: String(crossing.grossFen),
        sales_fen: String(crossing.salesFen),
        by_trade_id: crossing.bySaleId,
        reassessed: crossing.reassessed,
      })),
    ),
  ]);
  if (again.length === 0) return;
  const versions = await query<{ trade_id: string; version: number }>(
    tx,
    'select trade_id, max(version) as version from compliance.assessments where trade_id = any($1) group by trade_id',
    [again.map((write) => write.saleId)],
  );
  const latest = new Map<string, number>(versions.map((row) => [row.trade_id, row.version]));
  await insertRows(
    tx,
    'compliance.assessments',
    again.map((write) => {
      const version = (latest.get(write.saleId) ?? 0) + 1;
      latest.set(write.saleId, version);
      return assessmentColumns(salesDay, write, version);
    }),
  );
}

function assessmentColumns(salesDay: SalesDay, { saleId, cause, seller, day, assessment, hash }: AssessmentWrite, version: number) {
  return {
    trade_id: saleId,
    version,
    at: toIso(salesDay.now),
    cause,
    seller,
    day,
    gross_fen: String(assessment.input.grossFen),
    is_taxable: assessment.isTaxable,
    total_fen: String(assessment.taxTotalFen),
    pack_hash: `\\x${assessment.packHash}`,
    assessment_hash: bytea(hash),
    input: inputDocument(assessment.input),
    lines: assessment.lines.map((line) => ({ id: line.id, amountFen: String(line.amountFen) })),
  };
}
