import { expect, test } from 'vitest';
import { PACK_CN_2026_1 } from '#sandbox/packs/cn/pack-2026-1.ts';
import { citationIn } from './citation-words.ts';

test.each([
  ['VAT Law art. 10(3), 11; Cai Shui [2016] 36 annex', '《增值税法》第10条第3项、第11条；财税〔2016〕36号附件'],
  ['IIT Law art. 6(5); IIT Regulations art. 16, 17', '《个人所得税法》第6条第5项；《个人所得税法实施条例》第16条、第17条'],
  [
    'MOF/STA Announcement 12 of 2023; STA Announcement 16 of 2025 item 1',
    '财政部 税务总局公告2023年第12号；国家税务总局公告2025年第16号第1条',
  ],
  ['PBoC Order 3 of 2016 as amended; AML Law art. 35', '中国人民银行令〔2016〕第3号（经修订）；《反洗钱法》第35条'],
  ['Minors Protection Law art. 75 para 1', '《未成年人保护法》第75条第1款'],
  ['State Council [2011] 38; General Office [2012] 37', '国发〔2011〕38号；国办发〔2012〕37号'],
  ['Stamp Duty Law, table of tax items, art. 5, 10', '《印花税法》税目税率表第5条、第10条'],
  ['VAT Law art. 23, wording at the boundary', '《增值税法》第23条，临界处的条文表述'],
  ['Victor, Weintraud (WWW 2021)', 'Victor, Weintraud (WWW 2021)'],
])('%s', (english, chinese) => {
  expect(citationIn('zh-CN', english)).toBe(chinese);
  expect(citationIn('en', english)).toBe(english);
});

test('no law of the pack in force stays in English', () => {
  const cited: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, each] of Object.entries(value)) {
      if (name === 'citation' && typeof each === 'string') cited.push(each);
      else walk(each);
    }
  };
  walk(PACK_CN_2026_1);
  expect(cited.length).toBeGreaterThan(100);
  const english = cited
    .map((text) => citationIn('zh-CN', text))
    .filter((text) => /\b(?:Law|art\.|Announcement|Decree|Order|Shui|Council)\b/.test(text));
  expect([...new Set(english)]).toEqual([]);
});
