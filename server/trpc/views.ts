/** What procedures answer, by area: the one surface of types that pages and the server's folders import. A type lives in the file of its
 *  area; nothing is declared here. */
export type * from './views/alerts.ts';
export type * from './views/cases.ts';
export type * from './views/catalogue.ts';
export type * from './views/certificates.ts';
export type * from './views/claims.ts';
export type * from './views/clock.ts';
export type * from './views/desk.ts';
export type * from './views/evidence.ts';
export type * from './views/experiments.ts';
export type * from './views/funds.ts';
export type * from './views/gifts.ts';
export type * from './views/inquiries.ts';
export type * from './views/look-through.ts';
export type * from './views/market.ts';
export type * from './views/my-data.ts';
export type * from './views/offers.ts';
export type * from './views/orders.ts';
export type * from './views/oversight.ts';
export type * from './views/packs.ts';
export type * from './views/people.ts';
export type * from './views/reserves.ts';
export type * from './views/studio.ts';
export type * from './views/studio-join.ts';
export type * from './views/trades.ts';
export type * from './views/transparency.ts';
export type * from './views/words.ts';
