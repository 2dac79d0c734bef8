/** Members of a demonstration have an English name on the ledger; pages say it in Chinese where they speak Chinese. Any other organisation is
 *  called as it stands there. */
import type { Locale } from './format.ts';

const ZH: Readonly<Record<string, string>> = {
  Operator: '平台运营方',
  'Studio (demonstration)': '演示厂商',
  'Supervisor (demonstration)': '演示监管方',
  'Notary (demonstration)': '演示公证处',
  'Court (demonstration)': '演示法院',
};

export const orgName = (org: string, locale: Locale): string => (locale === 'en' ? org : (ZH[org] ?? org));
