/** Orders: writes here, reads from server/market. */
import { orderListProcedure } from '#server/market/orders.ts';
import { router } from '../init.ts';
import { orderWrites } from './order-write.ts';

export const orderRouter = router({ list: orderListProcedure, ...orderWrites });
