/** A rule's source in the reader's language. Packs name laws in English, under their hash; a Chinese official looks for the law's own title and
 *  number, so here each is put back to what the gazette says. Pure. What is not known stays as it is written. */
import type { Locale } from './format.ts';

/** Longest first, so that a law's regulations are not taken for the law. */
const TITLES = [
  ['VAT implementing regulations (State Council Decree 826)', '《增值税法实施条例》（国务院令第826号）'],
  ['General Office of the State Council, holiday arrangements for', '国务院办公厅节假日安排'],
  ['State Council rules on the education surcharge', '《征收教育费附加的暂行规定》'],
  ['Blockchain information service rules (CAC)', '《区块链信息服务管理规定》'],
  ['STA announcement on threshold standards 2026', '国家税务总局2026年起征点标准公告'],
  ['Measures for Online Trading Supervision', '《网络交易监督管理办法》'],
  ['draft Measures for Online Games 2023', '《网络游戏管理办法（草案征求意见稿）》（2023年）'],
  ['draft Measures for Online Games', '《网络游戏管理办法（草案征求意见稿）》'],
  ['Stamp Duty Law, table of tax items', '《印花税法》税目税率表'],
  ['Tax Administration rules', '《税收征收管理法实施细则》'],
  ['Tax Administration Law', '《税收征收管理法》'],
  ['Minors Protection Law', '《未成年人保护法》'],
  ['IIT Law, rate table', '《个人所得税法》税率表'],
  ['E-Commerce Law', '《电子商务法》'],
  ['Stamp Duty Law', '《印花税法》'],
  ['IIT Regulations', '《个人所得税法实施条例》'],
  ['Auction Law', '《拍卖法》'],
  ['NPPA notice 2019', '国家新闻出版署2019年通知'],
  ['UMCT Law', '《城市维护建设税法》'],
  ['AML Law', '《反洗钱法》'],
  ['VAT Law', '《增值税法》'],
  ['IIT Law', '《个人所得税法》'],
  ['CIT Law', '《企业所得税法》'],
  ['State Council rules', '国务院规定'],
  ['Beijing procedure 2008', '北京市2008年办法'],
] as const;

const NUMBERED: Readonly<Record<string, string>> = {
  'Cai Shui': '财税',
  'Cai Zong': '财综',
  'Guo Shui Han': '国税函',
  'Guo Shui Fa': '国税发',
  'Fa Shi': '法释',
  'Wen Shi Fa': '文市发',
  'State Council': '国发',
  'General Office': '国办发',
};
const ISSUERS: Readonly<Record<string, string>> = {
  'MOF/STA ': '财政部 税务总局公告',
  'STA ': '国家税务总局公告',
  '': '财政部 税务总局公告',
};

const PHRASES = [
  ['a known cost may not be hidden', '已知成本不得隐匿'],
  ['fee schedule shown before the order', '下单前公示的收费标准'],
  ['no computing with expired relief', '优惠期满不得再据以计算'],
  ['practice for per-transaction individuals', '按次纳税个人的实务做法'],
  ['practice of some offices', '部分税务机关的做法'],
  ['wording at the boundary', '临界处的条文表述'],
  ['silent on earned items', '未提及游戏内获得的道具'],
  ['no rule for items', '对道具尚无规定'],
  ['cautious audit choice', '审计上从严选取'],
  ['no numeric rule exists', '现行规定无数值标准'],
  ['extension to items', '类推至道具'],
  ['six months: practice', '六个月为实务做法'],
  ['terms of the item class, on the ledger', '道具种类条款（已登记于账本）'],
  ['terms of the item class', '道具种类条款'],
  ['together with the VAT', '与增值税同时缴纳'],
  ['a closed list', '税目为封闭列举'],
  ['sales contracts', '买卖合同'],
  ['loan contracts', '借款合同'],
  ['ladder for abuse', '虚假申报分级处理'],
  ['ledger op 11', '账本操作 11'],
  ['as amended', '（经修订）'],
  ['analogy to ', '比照'],
  ['after ', '参照'],
  ['at most', '最长'],
  ['annex', '附件'],
  ['law:', '法定：'],
  ['days', '天'],
] as const;

const ARTICLE = /(\d+)(?:\((\d+)\))?/g;

/** `10(3), 11`: `第10条第3项、第11条`. */
function articles(list: string): string {
  return [...list.matchAll(ARTICLE)].map(([, article, item]) => `第${article}条${item === undefined ? '' : `第${item}项`}`).join('、');
}

export function citationIn(locale: Locale, text: string): string {
  if (locale !== 'zh-CN') return text;
  return text.split('; ').map(inChinese).join('；');
}

function inChinese(clause: string): string {
  let said = clause;
  for (const [english, chinese] of TITLES) said = said.replaceAll(english, chinese);
  for (const [english, chinese] of PHRASES) said = said.replaceAll(english, chinese);
  return said
    .replace(/PBoC Order (\d+) of (\d{4})/g, '中国人民银行令〔$2〕第$1号')
    .replace(/State Council Decree (\d+)/g, '国务院令第$1号')
    .replace(
      /(MOF\/STA |STA |)Announcement (\d+) of (\d{4})/g,
      (_, by: string, no: string, year: string) => `${ISSUERS[by]}${year}年第${no}号`,
    )
    .replace(/([A-Z][a-z]+(?: [A-Z][a-z]+)*) \[(\d{4})\] (\d+)/g, (all, by: string, year: string, no: string) =>
      NUMBERED[by] === undefined ? all : `${NUMBERED[by]}〔${year}〕${no}号`,
    )
    .replace(/ ?,? ?art\. (\d+(?:\(\d+\))?(?:, \d+(?:\(\d+\))?)*)/g, (_, list: string) => articles(list))
    .replace(/ para (\d+)/g, '第$1款')
    .replace(/ item (\d+)/g, '第$1条')
    .replace(/rulebook:/g, '规则手册：')
    .replace(/rulebook /g, '规则手册 ')
    .replace(/product /g, '产品说明 ')
    .replace(/(?<=[\u3000-\u9fff）]),? (?=[\u3000-\u9fff（])/g, (gap) => (gap.startsWith(',') ? '，' : ''))
    .replace(/: (?=[\u3000-\u9fff])/g, '：')
    .replace(/, (?=[\u3000-\u9fff])/g, '，')
    .replace(/(?<=财政部)(?=税务总局)/g, ' ');
}
