/** Every procedure of the pages, by noun. Engineers of an area add their router here in one line. */
import { router } from './init.ts';
import { accountRouter } from './routers/account.ts';
import { alertRouter } from './routers/alert.ts';
import { caseRouter } from './routers/case.ts';
import { certificateRouter } from './routers/certificate.ts';
import { checkoutRouter } from './routers/checkout.ts';
import { claimRouter } from './routers/claim.ts';
import { clockRouter } from './routers/clock.ts';
import { deskRouter, objectionRouter } from './routers/desk.ts';
import { evidenceRouter } from './routers/evidence.ts';
import { experimentRouter } from './routers/experiment.ts';
import { experimentDeskRouter } from './routers/experiment-desk.ts';
import { explorerRouter } from './routers/explorer.ts';
import { feedRouter } from './routers/feed.ts';
import { fundsRouter } from './routers/funds.ts';
import { giftRouter } from './routers/gift.ts';
import { homeRouter } from './routers/home.ts';
import { inboxRouter } from './routers/inbox.ts';
import { inquiryRouter } from './routers/inquiry.ts';
import { itemRouter } from './routers/item.ts';
import { itemClassRouter } from './routers/item-class.ts';
import { listingRouter } from './routers/listing.ts';
import { lookRouter } from './routers/look.ts';
import { marketRouter } from './routers/market.ts';
import { moneyRouter } from './routers/money.ts';
import { myDataRouter } from './routers/my-data.ts';
import { nodeRouter } from './routers/node.ts';
import { notaryRouter } from './routers/notary.ts';
import { offerRouter } from './routers/offer.ts';
import { orderRouter } from './routers/order.ts';
import { packsRouter } from './routers/packs.ts';
import { passportRouter } from './routers/passport.ts';
import { portfolioRouter } from './routers/portfolio.ts';
import { quoteRouter } from './routers/quote.ts';
import { receiptRouter } from './routers/receipt.ts';
import { replayRouter } from './routers/replay.ts';
import { reportRouter } from './routers/report.ts';
import { reserveRouter } from './routers/reserve.ts';
import { restrictionRouter } from './routers/restriction.ts';
import { rulesRouter } from './routers/rules.ts';
import { searchRouter } from './routers/search.ts';
import { sellerRouter } from './routers/seller.ts';
import { sessionRouter } from './routers/session.ts';
import { staffRouter } from './routers/staff.ts';
import { studioRouter } from './routers/studio.ts';
import { studioJoinRouter } from './routers/studio-join.ts';
import { supervisorRouter } from './routers/supervisor.ts';
import { taxRouter } from './routers/tax.ts';
import { tradeRouter } from './routers/trade.ts';
import { transparencyRouter } from './routers/transparency.ts';
import { watchRouter } from './routers/watch.ts';

export const appRouter = router({
  alert: alertRouter,
  case: caseRouter,
  inbox: inboxRouter,
  inquiry: inquiryRouter,
  claim: claimRouter,
  desk: deskRouter,
  objection: objectionRouter,
  certificate: certificateRouter,
  clock: clockRouter,
  restriction: restrictionRouter,
  evidence: evidenceRouter,
  notary: notaryRouter,
  studio: studioRouter,
  studioJoin: studioJoinRouter,
  supervisor: supervisorRouter,
  explorer: explorerRouter,
  node: nodeRouter,
  packs: packsRouter,
  passport: passportRouter,
  receipt: receiptRouter,
  look: lookRouter,
  market: marketRouter,
  item: itemRouter,
  seller: sellerRouter,
  tax: taxRouter,
  trade: tradeRouter,
  transparency: transparencyRouter,
  search: searchRouter,
  portfolio: portfolioRouter,
  money: moneyRouter,
  myData: myDataRouter,
  itemClass: itemClassRouter,
  feed: feedRouter,
  funds: fundsRouter,
  gift: giftRouter,
  home: homeRouter,
  experiment: experimentRouter,
  experimentDesk: experimentDeskRouter,
  account: accountRouter,
  checkout: checkoutRouter,
  listing: listingRouter,
  offer: offerRouter,
  order: orderRouter,
  quote: quoteRouter,
  report: reportRouter,
  replay: replayRouter,
  reserve: reserveRouter,
  rules: rulesRouter,
  session: sessionRouter,
  staff: staffRouter,
  watch: watchRouter,
});
export type AppRouter = typeof appRouter;
