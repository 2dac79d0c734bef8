/** Both languages whole. The second is typed by the first, so a missing key fails the build. */
import type { Locale } from '../format.ts';
import { accountEn, accountZh } from './account.ts';
import { alertsEn, alertsZh } from './alerts.ts';
import { casesEn, casesZh } from './cases.ts';
import { claimsEn, claimsZh } from './claims.ts';
import { coSignEn, coSignZh } from './co-sign.ts';
import { codesEn, codesZh } from './codes.ts';
import { commonEn, commonZh } from './common.ts';
import { deskEn, deskZh } from './desk.ts';
import { detectorParametersEn, detectorParametersZh } from './detector-parameters.ts';
import { experimentsEn, experimentsZh } from './experiments.ts';
import { fundsEn, fundsZh } from './funds.ts';
import { giftsEn, giftsZh } from './gifts.ts';
import { haltsEn, haltsZh } from './halts.ts';
import { inboxEn, inboxZh } from './inbox.ts';
import { inquiriesEn, inquiriesZh } from './inquiries.ts';
import { kindPageEn, kindPageZh } from './kind.ts';
import { ledgerAlarmEn, ledgerAlarmZh } from './ledger-alarm.ts';
import { lookEn, lookZh } from './look.ts';
import { marketEn, marketZh } from './market.ts';
import { moneyEn, moneyZh } from './money.ts';
import { myDataEn, myDataZh } from './my-data.ts';
import { nodeEn, nodeZh } from './node.ts';
import { notaryEn, notaryZh } from './notary.ts';
import { offersEn, offersZh } from './offers.ts';
import { operationsEn, operationsZh } from './operations.ts';
import { orderSheetEn, orderSheetZh } from './order-sheet.ts';
import { packsEn, packsZh } from './packs.ts';
import { protectionEn, protectionZh } from './protection.ts';
import { publicPagesEn, publicPagesZh } from './public.ts';
import { refusalFactsEn, refusalFactsZh } from './refusal-facts.ts';
import { refusalsEn, refusalsZh } from './refusals.ts';
import { reportsEn, reportsZh } from './reports.ts';
import { reservesEn, reservesZh } from './reserves.ts';
import { reviewsEn, reviewsZh } from './reviews.ts';
import { sellerCheckEn, sellerCheckZh } from './seller-check.ts';
import type { Shape } from './shape.ts';
import { staffEn, staffZh } from './staff.ts';
import { studioKindsEn, studioKindsZh } from './studio.ts';
import { studioJoinEn, studioJoinZh } from './studio-join.ts';
import { sunsetEn, sunsetZh } from './sunset.ts';
import { taxEn, taxZh } from './tax.ts';
import { tradingEn, tradingZh } from './trading.ts';
import { transparencyEn, transparencyZh } from './transparency.ts';

const zh = {
  ...commonZh,
  ...marketZh,
  ...kindPageZh,
  ...tradingZh,
  ...moneyZh,
  ...myDataZh,
  ...sellerCheckZh,
  ...sunsetZh,
  ...taxZh,
  ...orderSheetZh,
  ...accountZh,
  ...staffZh,
  ...publicPagesZh,
  ...studioKindsZh,
  ...studioJoinZh,
  ...coSignZh,
  ...packsZh,
  ...operationsZh,
  ...nodeZh,
  ...reportsZh,
  ...refusalFactsZh,
  ...reviewsZh,
  ...experimentsZh,
  ...fundsZh,
  ...transparencyZh,
  ...casesZh,
  ...inboxZh,
  ...inquiriesZh,
  ...reservesZh,
  ...protectionZh,
  ...claimsZh,
  ...giftsZh,
  ...haltsZh,
  ...ledgerAlarmZh,
  ...deskZh,
  ...lookZh,
  ...offersZh,
  ...notaryZh,
  alerts: alertsZh,
  detectorParameter: detectorParametersZh,
  code: codesZh,
  refusal: refusalsZh,
};
export type Messages = Shape<typeof zh>;
const en: Messages = {
  ...commonEn,
  ...marketEn,
  ...kindPageEn,
  ...tradingEn,
  ...moneyEn,
  ...myDataEn,
  ...sellerCheckEn,
  ...sunsetEn,
  ...taxEn,
  ...orderSheetEn,
  ...accountEn,
  ...staffEn,
  ...publicPagesEn,
  ...studioKindsEn,
  ...studioJoinEn,
  ...coSignEn,
  ...packsEn,
  ...operationsEn,
  ...nodeEn,
  ...reportsEn,
  ...refusalFactsEn,
  ...reviewsEn,
  ...experimentsEn,
  ...fundsEn,
  ...transparencyEn,
  ...casesEn,
  ...inboxEn,
  ...inquiriesEn,
  ...reservesEn,
  ...protectionEn,
  ...claimsEn,
  ...giftsEn,
  ...haltsEn,
  ...ledgerAlarmEn,
  ...deskEn,
  ...lookEn,
  ...offersEn,
  ...notaryEn,
  alerts: alertsEn,
  detectorParameter: detectorParametersEn,
  code: codesEn,
  refusal: refusalsEn,
};

export const MESSAGES = { 'zh-CN': zh, en } as const satisfies Record<Locale, Messages>;

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
