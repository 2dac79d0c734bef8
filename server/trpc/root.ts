/** Every procedure of the pages, by noun. Engineers of an area add their router here in one line. */
import { router } from './init.ts';
import { accountRouter } from './routers/account.ts';
import { orderRouter } from './routers/order.ts';
import { quoteRouter } from './routers/quote.ts';
import { sessionRouter } from './routers/session.ts';
import { staffRouter } from './routers/staff.ts';

export const appRouter = router({
  account: accountRouter,
  order: orderRouter,
  quote: quoteRouter,
  session: sessionRouter,
  staff: staffRouter,
});
export type AppRouter = typeof appRouter;
