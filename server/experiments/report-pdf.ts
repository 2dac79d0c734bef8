/** The exit report on paper: the same figures as its JSON, whose hash stands at the foot. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { ExitReport } from '#sandbox/experiments/exit-report.ts';
import { type Line, writePdf } from '#server/reports/pdf.ts';

export function reportPdf(report: ExitReport, bodyHash: string): Promise<Bytes> {
  return writePdf(`${report.experimentId} exit report`, linesOf(report, bodyHash));
}

function linesOf(report: ExitReport, bodyHash: string): readonly Line[] {
  const lines: Line[] = [];
  const title = (text: string) => lines.push({ size: 13, text: '' }, { size: 13, text });
  const line = (text: string) => lines.push({ size: 9, text });
  lines.push(
    { size: 18, text: `退出报告 Exit report ${report.experimentId}` },
    { size: 12, text: `${report.title.zh} ${report.title.en}` },
  );
  if (report.simulatedAuthorization !== null) line(`${report.simulatedAuthorization.zh} ${report.simulatedAuthorization.en}`);
  line(`${report.outcome} · ${report.exit} · ${report.period.start} – ${report.period.end}`);
  line(report.hypothesis);
  title('分组 Arms');
  for (const { id, share, people, overrides } of report.arms) {
    line(`${id} ${share} · ${people} · ${overrides.map(({ path, value }) => `${path} = ${String(value)}`).join(', ')}`);
  }
  title('结果 Results');
  for (const { kpi, arm, n, value, low, high, target, guardrail } of report.results) {
    const interval = low === null || high === null ? '' : ` [${low}; ${high}]`;
    const bounds = [target, guardrail].flatMap((each) => (each === null ? [] : [`${each.bound}: ${each.judgement}`])).join(' · ');
    line(`${kpi} · ${arm} · n = ${n} · ${value ?? '—'}${interval} · ${bounds}`);
  }
  line(report.note.zh);
  line(report.note.en);
  title('警报与停止 Alerts and stops');
  for (const { detector, count, confirmed } of report.alerts) line(`${detector}: ${count} (${confirmed})`);
  for (const { when, action, value, bound, unit } of report.stops) line(`${when} · ${action} · ${value} / ${bound} ${unit}`);
  for (const { when, action, at } of report.fired) line(`${at} ${when} · ${action}`);
  title('资金（分）与订单 Money (fen) and orders');
  for (const [name, value] of [...Object.entries(report.money), ...Object.entries(report.orders)]) line(`${name}: ${value}`);
  title('投诉 Complaints');
  const { received, answeredInTime, answeredLate, open, openLate, slaWorkingDays } = report.complaints;
  line(
    `收到 ${received} · ${slaWorkingDays} 个工作日内答复 ${answeredInTime} · 逾期答复 ${answeredLate} · 未答复 ${open}（已逾期 ${openLate}）`,
  );
  line(
    `received ${received} · answered within ${slaWorkingDays} working days ${answeredInTime} · late ${answeredLate} · open ${open} (overdue ${openLate})`,
  );
  title('经过 Steps');
  for (const { at, from, to, reason, txId } of report.transitions) line(`${at} ${from ?? ''} → ${to} ${reason} ${txId ?? ''}`);
  title('数据 Data');
  for (const { name, rows, sm3 } of report.data.digests) line(`${name}: ${rows} · SM3 ${sm3}`);
  line(`SM3 ${bodyHash}`);
  return lines;
}
