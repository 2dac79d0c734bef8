/** What the operator has put on record about the platform (rulebook CN-RPT-02, CN-BC-01). A demonstration's is made up and says so; any other chain
 *  reads the file that `PLATFORM_FILE` names, and without one the form stays away rather than being guessed. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { PlatformFacts } from '#sandbox/reports/decree-810.ts';
import { isCreditCode } from '#sandbox/studios/credit-code.ts';

/** `filingNo`: of the filing as a blockchain information service (CN-BC-01), shown on every page and in evidence packages. */
export type PlatformRecord = { readonly facts: PlatformFacts; readonly filingNo: string | null };

export const DEMONSTRATION_PLATFORM: PlatformFacts = {
  creditCode: 'demonstration operator',
  name: '道具（演示平台，未登记）',
  domainNames: ['127.0.0.1'],
  appNames: ['道具 Daoju'],
  businessTypes: ['游戏休闲'],
  operatingEntities: [{ creditCode: 'demonstration operator', name: '道具（演示平台，未登记）', role: '交易撮合与信息服务' }],
  licenceNo: null,
  icpNo: null,
  startDate: '2026-11-01',
  endDate: null,
  contactName: '演示',
  contactPhone: '',
};

/** The shop of a seller (Decree 810, `shopUrl`): whole where the operator has put its domain on record, else as it stands on this site. */
export function shopUrl(platform: PlatformFacts | null, acct: string): string {
  const path = `/sellers/${acct}`;
  const domain = platform === null || platform === DEMONSTRATION_PLATFORM ? undefined : platform.domainNames[0];
  return domain === undefined ? path : `https://${domain}${path}`;
}

const words = z.string().min(1).max(200);
const creditCode = z.string().refine(isCreditCode, 'no unified social credit code');
const date = z.iso.date();
const platform = z.strictObject({
  creditCode,
  name: words,
  domainNames: z.array(words).min(1),
  appNames: z.array(words),
  businessTypes: z.array(words).min(1),
  operatingEntities: z.array(z.strictObject({ creditCode, name: words, role: words })).min(1),
  licenceNo: words.nullable(),
  icpNo: words.nullable(),
  startDate: date,
  endDate: date.nullable(),
  contactName: words,
  contactPhone: words,
  /** Absent: not filed yet. */
  filingNo: words.nullable().optional(),
});

/** @throws {Error} a sentence that names file and place */
export function readPlatformFile(file: string): PlatformRecord {
  const parsed = platform.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`PLATFORM_FILE ${file}: ${z.prettifyError(parsed.error)}`);
  const { filingNo, ...facts } = parsed.data;
  return { facts, filingNo: filingNo ?? null };
}
