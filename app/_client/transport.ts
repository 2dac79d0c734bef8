/** The way to the server's procedures: what is heard of it on the way, its clock and its trace ids. */
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '#server/trpc/root.ts';
import { followMarketClock } from './clock.ts';
import { logHead } from './log-head.ts';
import { reach } from './reach.ts';

/** The trace id of the last answer of each procedure: a refusal that is an answer carries none of its own. */
const traceIds = new Map<string, string>();
export const traceIdOf = (procedure: string): string => traceIds.get(procedure) ?? '';

async function ask(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init);
    if (response.status < 500) reach.answered('requests');
    else reach.fellSilent('requests');
    return response;
  } catch (error) {
    // Somebody left the page: nothing is known about the market.
    if (init.signal?.aborted !== true) reach.fellSilent('requests');
    throw error;
  }
}

export const client = createTRPCClient<AppRouter>({
  links: [
    httpLink({
      url: '/api/trpc',
      transformer: superjson,
      fetch: async (input, init) => {
        const { signal, ...rest } = init ?? {};
        const seen = logHead.due();
        const withSeen = new Headers(rest.headers);
        if (seen !== null) withSeen.set('x-daoju-log', seen);
        const response = await ask(input, { ...rest, headers: withSeen, signal: signal ?? null });
        if (response.headers.get('x-daoju-log') === 'differs') logHead.differs();
        const procedure = new URL(response.url).pathname.split('/').at(-1) ?? '';
        followMarketClock(response.headers.get('x-daoju-clock'));
        traceIds.set(procedure, response.headers.get('x-trace-id') ?? '');
        return response;
      },
    }),
  ],
});
