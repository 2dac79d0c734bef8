/** Writes a group's assessments, the sellers' days and the crossings of their line. */
import { toIso } from '#ledger/primitives/instant.ts';
import type { Tx } from '#server/db.ts';
import { bytea, insertRows, query } from '#server/journal/rows.repo.ts';
import { inputDocument } from '#server/settlement/assessment-document.ts';
import type { AssessmentWrite, Group } from '#server/settlement/group.ts';

export async function saveAssessments(tx: Tx, group: Group): Promise<void> {
  const first = group.assessments.filter((write) => write.version !== 'next');
  const again = group.assessments.filter((write) => write.version === 'next');
  await Promise.all([
    insertRows(
      tx,
      'compliance.assessments',
      first.map((write) => assessmentColumns(group, write, 1)),
    ),
    insertRows(
      tx,
      'compliance.windows',
      [...group.changedWindows].map((acct) => {
        const window = group.window(acct);
        return {
          acct,
          day: group.day,
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
      group.crossings.map((crossing) => ({
        acct: crossing.acct,
        day: crossing.day,
        at: toIso(group.now),
        gross_fen: String(crossing.grossFen),
        sales_fen: String(crossing.salesFen),
        by_trade_id: crossing.byTradeId,
        reassessed: crossing.reassessed,
      })),
    ),
  ]);
  if (again.length === 0) return;
  const versions = await query<{ trade_id: string; version: number }>(
    tx,
    'select trade_id, max(version) as version from compliance.assessments where trade_id = any($1) group by trade_id',
    [again.map((write) => write.tradeId)],
  );
  const latest = new Map<string, number>(versions.map((row) => [row.trade_id, row.version]));
  await insertRows(
    tx,
    'compliance.assessments',
    again.map((write) => {
      const version = (latest.get(write.tradeId) ?? 0) + 1;
      latest.set(write.tradeId, version);
      return assessmentColumns(group, write, version);
    }),
  );
}

function assessmentColumns(group: Group, { tradeId, cause, seller, day, assessment, hash }: AssessmentWrite, version: number) {
  return {
    trade_id: tradeId,
    version,
    at: toIso(group.now),
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
