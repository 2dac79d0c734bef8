/** Finding kinds (product P-10). */
import { searchInput } from '#server/market/input.ts';
import { searchKinds } from '#server/market/search.ts';
import { readSnapshot } from '#server/market/snapshot.ts';
import { publicProcedure, router } from '../init.ts';
import type { SearchPage } from '../views.ts';

export const searchRouter = router({
  list: publicProcedure
    .input(searchInput)
    .query(
      ({ ctx, input }): Promise<SearchPage> => readSnapshot(ctx.services, null, (snapshot) => searchKinds(ctx.services, snapshot, input)),
    ),
});
