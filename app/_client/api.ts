/** Every procedure that pages call, in one place: what goes in, what comes back. Transport and errors live here and nowhere else. */
import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { DemonstrationAccount, PolicyTemplate } from '#server/identity/identity.ts';
import type * as V from '#server/trpc/views.ts';

const client = createTRPCUntypedClient({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });

async function ask<T>(path: string, input?: unknown): Promise<T> {
  return (await client.query(path, input)) as T;
}
async function tell<T>(path: string, input?: unknown): Promise<T> {
  return (await client.mutation(path, input)) as T;
}

export type QuoteInput = {
  readonly intent: V.OrderIntent;
  readonly classId: string;
  readonly itemIds?: readonly string[];
  readonly targetOrderId?: string;
  readonly priceFen: V.FenText;
  readonly quantity: number;
  readonly side?: 'sell' | 'buy';
  readonly timeInForce?: V.TimeInForce;
};
export type Challenge = { readonly chain: V.Hex; readonly challenge: string; readonly issuedAt: V.IsoText; readonly expiresAt: V.IsoText };
export type CandleRange = '24h' | '7d' | '30d' | '90d' | '1y' | 'all';

export const api = {
  home: { get: () => ask<V.Home>('home.get') },
  search: { list: (query: V.SearchQuery) => ask<V.SearchPage>('search.list', query) },
  itemClass: { get: (classId: string) => ask<V.ClassPage>('itemClass.get', { classId }) },
  item: { get: (itemId: string) => ask<V.ItemPage>('item.get', { itemId }) },
  market: {
    listCandles: (input: { classId: string; interval: V.CandlePage['interval']; range: CandleRange }) =>
      ask<V.CandlePage>('market.listCandles', input),
    getDepth: (classId: string) => ask<V.Depth>('market.getDepth', { classId }),
  },
  quote: { get: (input: QuoteInput) => ask<V.Quote>('quote.get', input) },
  order: {
    place: (input: V.PlaceOrderInput) => tell<V.PlaceOrderAnswer>('order.place', input),
    placeMany: (orders: readonly V.PlaceOrderInput[]) => tell<readonly V.PlaceOrderAnswer[]>('order.placeMany', { orders }),
    cancel: (input: V.CancelOrderInput) => tell<V.CancelOrderAnswer>('order.cancel', input),
    list: (input: { open?: boolean; cursor?: string }) =>
      ask<{ readonly rows: readonly V.OrderView[]; readonly nextCursor: string | null }>('order.list', input),
  },
  trade: {
    get: (tradeId: string) => ask<V.TradeView>('trade.get', { tradeId }),
    list: (input: { cursor?: string }) =>
      ask<{ readonly rows: readonly V.TradeRow[]; readonly nextCursor: string | null }>('trade.list', input),
  },
  portfolio: { list: (input: { cursor?: string }) => ask<V.Portfolio>('portfolio.list', input) },
  money: {
    get: () => ask<V.MoneyView>('money.get'),
    deposit: (input: { referenceId: string; amountFen: V.FenText }) => tell<V.Transfer>('money.deposit', input),
    withdraw: (input: { referenceId: string; amountFen: V.FenText }) => tell<V.Transfer>('money.withdraw', input),
  },
  passport: { get: (itemId: string) => ask<{ readonly file: string }>('passport.get', { itemId }) },
  receipt: { get: (tradeId: string) => ask<{ readonly file: string }>('receipt.get', { tradeId }) },
  experiment: {
    get: (experimentId: string) => ask<V.ExperimentView>('experiment.get', { experimentId }),
    list: () => ask<readonly V.ExperimentView[]>('experiment.list'),
    join: (experimentId: string) => tell<V.ExperimentView>('experiment.join', { experimentId }),
  },
  account: {
    me: () => ask<V.Me | null>('account.me'),
    policyTemplate: () => ask<PolicyTemplate>('account.policyTemplate'),
    requestCode: (phone: string) =>
      tell<{ readonly expiresAt: V.IsoText; readonly shownCode: string | null; readonly policy: PolicyTemplate }>('account.requestCode', {
        phone,
      }),
    verifyIdentity: (input: { phone: string; code: string; realName: string; idNumber: string }) =>
      tell<{ readonly registrationId: string; readonly kyc: V.Hex; readonly isAdult: boolean; readonly policy: PolicyTemplate }>(
        'account.verifyIdentity',
        input,
      ),
    register: (input: { registrationId: string; displayName: string; agreementVersion: string; accountOpen: V.Hex }) =>
      tell<V.Me>('account.register', input),
    bindCard: (cardNumber: string) => tell<V.Me>('account.bindCard', { cardNumber }),
    confirmRecovery: () => tell<V.Me>('account.confirmRecovery'),
  },
  session: {
    challenge: () => tell<Challenge>('session.challenge'),
    signIn: (input: { acct: string; challenge: string; issuedAt: string; signature: V.Hex }) => tell<V.Me>('session.signIn', input),
    demoAccounts: () => ask<readonly DemonstrationAccount[]>('session.demoAccounts'),
    signOut: () => tell<unknown>('session.signOut'),
    list: () => ask<readonly V.SessionView[]>('session.list'),
    revoke: (sessionId: string) => tell<unknown>('session.revoke', { sessionId }),
  },
  studio: {
    overview: () => ask<V.StudioOverview>('studio.overview'),
    job: (jobId: string) => ask<V.ImportProgress>('studio.job', { jobId }),
    pauseJob: (jobId: string) => tell<V.ImportProgress>('studio.pauseJob', { jobId }),
    resumeJob: (jobId: string) => tell<V.ImportProgress>('studio.resumeJob', { jobId }),
    cancelJob: (jobId: string) => tell<V.ImportProgress>('studio.cancelJob', { jobId }),
  },
  supervisor: {
    tiles: () => ask<V.SupervisorTiles>('supervisor.tiles'),
    taxDay: (day: string) => ask<V.TaxDay>('supervisor.taxDay', { day }),
    getTrade: (tradeId: string) => ask<V.TradeView>('supervisor.getTrade', { tradeId }),
  },
  staff: {
    challenge: () => tell<Challenge>('staff.challenge'),
    signIn: (input: { certificate: string; challenge: string; issuedAt: string; signature: V.Hex }) =>
      tell<V.StaffMe>('staff.signIn', input),
    me: () => ask<V.StaffMe | null>('staff.me'),
    signOut: () => tell<unknown>('staff.signOut'),
  },
  rules: { get: () => ask<V.RulesView>('rules.get') },
  explorer: {
    blocks: (input: { before?: number }) =>
      ask<{ readonly rows: readonly V.BlockRow[]; readonly nextBefore: number | null }>('explorer.blocks', input),
    block: (height: number) => ask<V.BlockPage>('explorer.block', { height }),
    entry: (index: number) => ask<V.EntryPage>('explorer.entry', { index }),
  },
} as const;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOf = (value: unknown, fallback: string): string => (typeof value === 'string' && value !== '' ? value : fallback);

/** Any failure as the refusal that screens show: the server's own where there is one, `offline` or `unknown_failure` otherwise. */
export function readRefusal(error: unknown): V.Refusal {
  if (error instanceof TRPCClientError) {
    const data: unknown = error.data;
    if (isRecord(data)) {
      const facts = isRecord(data.facts) ? Object.fromEntries(Object.entries(data.facts).map(([key, value]) => [key, String(value)])) : {};
      return {
        code: textOf(data.code, 'unknown_failure'),
        message: textOf(data.message, error.message),
        traceId: textOf(data.traceId, ''),
        facts,
      };
    }
    return { code: 'offline', message: '', traceId: '' };
  }
  if (isRecord(error) && typeof error.code === 'string') return { code: error.code, message: textOf(error.message, ''), traceId: '' };
  return { code: 'unknown_failure', message: error instanceof Error ? error.message : '', traceId: '' };
}
