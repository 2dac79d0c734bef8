/** Orders: writes here, reads from server/market. */
import { router } from '../init.ts';
import { orderWrites } from './order-write.ts';

export const orderRouter = router({ ...orderWrites });
