/** The two reports about supervision on paper, Chinese and English in one line: the same figures as their JSON, whose SM3 stands at the foot. */
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { AccessSummary, FeedSpan, SurveillanceSummary } from '#sandbox/reports/oversight-report.ts';
import { type Block, writePdf } from './pdf.ts';

const WORDS: Readonly<Record<string, string>> = {
  abuse: '市场操纵 Market abuse',
  laundering: '洗钱 Laundering',
  theft: '盗窃 Theft',
  dispute: '争议 Dispute',
  tax: '税务 Tax',
  other: '其他 Other',
  no_breach: '未发现违规 No breach',
  breach: '认定违规 Breach',
  referred: '已移送 Referred',
  settled: '已化解 Settled',
  item: '道具 Item',
  class: '道具种类 Kind',
  account: '账户 Account',
  payout: '到账 Payout',
  game: '游戏 Game',
  market: '全市场 Market',
  over: '到期 Over',
  lifted: '解除 Lifted',
  replaced: '替换 Replaced',
  withdrawn: '撤回 Withdrawn',
  self_trade: '自成交 Self-trade',
  wash: '对敲 Wash',
  circular: '循环 Circular',
  sup_tax: '税务监管 Tax office',
  sup_market: '市场监管 Market office',
  sup_finance: '金融监管 Finance office',
  auditor: '审计 Auditor',
  operator: '运营方 Operator',
  notary: '公证 Notary',
  studio: '工作室 Studio',
  sign_in: '登录 Sign-in',
  name: '姓名 Name',
  id_number: '证件号码 ID number',
  phone: '电话 Phone',
};
const word = (code: string) => WORDS[code] ?? code;

const FIGURE_WIDTH = 62;
const WIDE = 90;

class Sheet {
  readonly blocks: Block[] = [];
  title(text: string): this {
    this.blocks.push({ size: 13, text: '' }, { size: 13, text });
    return this;
  }
  line(text: string, size = 9): this {
    this.blocks.push({ size, text });
    return this;
  }
  row(width: number, ...cells: readonly [string, ...string[]]): this {
    this.blocks.push({ width, cells });
    return this;
  }
  counts<Row extends { readonly count: number }>(title: string, rows: readonly Row[], nameOf: (row: Row) => string): this {
    this.title(title);
    if (rows.length === 0) return this.line('无 None');
    for (const row of rows) this.row(FIGURE_WIDTH, nameOf(row), String(row.count));
    return this;
  }
  head(title: string, period: string): this {
    return this.line(title, 18).line(`期间 Period ${period}`, 12);
  }
  foot(feed: FeedSpan, twin: string, sm3: string): this {
    this.title('完整性声明 Completeness');
    if (feed.first === null) this.line(`频道 Room ${feed.room}：该期间没有消息 silent in this period`);
    else this.line(`频道 Room ${feed.room}：第 no. ${feed.first} – ${feed.last}，共 messages ${feed.count}`);
    return this.line(
      '签名在清单上，清单列出本文件与其数据文件的 SM3。The signature covers the manifest, which lists the SM3 of this file and of its data.',
    ).line(`${twin} · SM3 ${sm3}`);
  }
}

const percent = (text: string | null) => (text === null ? '–' : `${text} %`);

export function surveillancePdf(report: SurveillanceSummary, twin: string, sm3: string): Promise<Bytes> {
  const { totals } = report;
  const sheet = new Sheet().head('监测季报 Surveillance summary', report.period);
  sheet.title('警报 Alerts');
  sheet.row(
    FIGURE_WIDTH,
    '监测模型 Detector',
    '新增 raised',
    '已核 triaged',
    '立案 case',
    '排除 dismissed',
    '待核 waiting',
    '准确率 prec.',
  );
  for (const { detector, title, raised, triaged, toCase, dismissed, waiting, precision } of report.detectors) {
    sheet.row(FIGURE_WIDTH, `${detector} ${title.zh}`, ...[raised, triaged, toCase, dismissed, waiting].map(String), percent(precision));
    sheet.row(FIGURE_WIDTH, `　${title.en}`);
  }
  const figures = [totals.raised, totals.triaged, totals.toCase, totals.dismissed, totals.waiting].map(String);
  sheet.row(FIGURE_WIDTH, '合计 Total', ...figures, percent(totals.precision));
  sheet.line(`本期成交 Trades of the period: ${totals.trades}`);
  sheet.counts('剔除出过滤行情的成交 Trades left out of the filtered series', report.labels, ({ label }) => word(label));
  sheet.counts('立案 Cases opened', report.cases.opened, ({ topic }) => word(topic));
  sheet.counts('结案 Cases closed', report.cases.closed, ({ outcome }) => word(outcome));
  sheet.line(`期末未结 Open at the end: ${report.cases.openAtEnd}`);
  sheet.counts('冻结 Freezes set', report.freezes.set, ({ scope }) => word(scope));
  sheet.counts('冻结终止 Freezes ended', report.freezes.ended, (row) => word(row.as));
  sheet.counts('停牌 Halts', report.halts.set, ({ scope }) => word(scope));
  return writePdf(`surveillance ${report.period}`, sheet.foot(report.feed, twin, sm3).blocks);
}

export function accessPdf(report: AccessSummary, twin: string, sm3: string): Promise<Bytes> {
  const { totals } = report;
  const sheet = new Sheet().head('监管访问记录季报 Records of supervisors’ access', report.period);
  sheet.counts('进入系统 Entries', report.acts, ({ role, act }) => `${word(role)} · ${word(act)}`);
  sheet.title('身份开示 Openings of identities');
  sheet.row(WIDE, '部门 Office', '申请 asked', '开示 opened', '查阅 reads');
  for (const { role, asked, opened, reads } of report.byRole) sheet.row(WIDE, word(role), ...[asked, opened, reads].map(String));
  sheet.row(WIDE, '合计 Total', ...[totals.asked, totals.opened, totals.reads].map(String));
  sheet.line(`已告知本人 Subjects told: ${totals.told} · 延长保密 Sealings extended: ${totals.sealings}`);
  for (const opening of report.openings) {
    sheet.line('').line(`${opening.openingId} · ${word(opening.topic)} · ${opening.caseId}`);
    sheet.line(`依据 Ground: ${opening.legalGround} · 范围 Scope: ${opening.scope.map(word).join('、')}`);
    const approval = opening.approvedAt === null ? '未批准 not approved' : `${word(opening.approvedRole ?? '')} ${opening.approvedAt}`;
    sheet.line(`申请 Asked: ${word(opening.askedRole)} ${opening.askedAt} · 批准 Approved: ${approval}`);
    sheet.line(`查阅 Reads: ${opening.reads} · 账本 Ledger: ${opening.txId ?? '–'}`);
  }
  return writePdf(`access ${report.period}`, sheet.foot(report.feed, twin, sm3).blocks);
}
