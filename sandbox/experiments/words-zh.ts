/** Chinese beside what an experiment says in English. The document is one text, its hash stands on the ledger, so a translation stands outside
 *  of it and holds for exactly these words; anybody else's are shown as they were declared. */
const ZH: Readonly<Record<string, string>> = {
  'For interchangeable items, matching by price and time shortens the time to a sale by half and narrows the price spread, without more alerts per 10,000 trades':
    '对可互换道具按价格、时间优先撮合，可使售出所需时间缩短一半、买卖价差收窄，而每万笔成交的预警不增加',
  'Sellers whose estimated taxes are kept aside until they file do so in time more often than others, and few of them lack the money':
    '预留估算税款直至申报的卖家，按时申报者更多，且很少因此缺少资金',
  'A reserve of the estimated taxes ties up a share of the sellers’ money that is known before anybody is bound by it':
    '预留估算税款会占用卖家多少资金，可在任何人受其约束之前得知',
  'A longer cool-down halves short-cycle flips without cutting completed sales by more than a tenth':
    '延长转售等待期可使短期倒卖减半，而完成的销售减少不超过一成',
  'A price band moves less value away from the market price without more listings given up':
    '设置价格区间可减少偏离市价的价值转移，而不增加放弃的挂单',
  'Assessing by proven cost changes the tax by a figure that is known before anybody is bound by it':
    '按有凭证的成本计税所带来的税额变化，可在任何人受其约束之前得知',
  'A royalty earns the studio more than the volume that it costs': '厂商分成带来的收入高于其造成的成交额减少',
  'A second check above 100.00 would have found the purchases that guardians complain about':
    '对 100.00 元以上的购买作二次核验，本可发现监护人所投诉的购买',
  'A lower line finds more confirmed cases than it costs in reviews': '降低门槛所发现的属实案件，多于其带来的审核成本',
  'Seeing trades live shortens the time until an alert is confirmed': '实时查看交易可缩短预警得到确认的时间',
  'Demonstration supervisor (simulated)': '演示监管机构（模拟）',
};

/** Null: nobody has translated these words. */
export function experimentWordsZh(words: string): string | null {
  return ZH[words] ?? null;
}
