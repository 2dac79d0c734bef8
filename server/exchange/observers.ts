/** What the market tells those who count: after the commit, never before, and nothing that they do comes back. */
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Group } from '#server/settlement/group.ts';
import type { CancelOrderAnswer, PlaceOrderAnswer, TradeState } from '#server/trpc/views.ts';
import type { SettledTx } from './save-trades.repo.ts';

export interface MarketObserver {
  /** From the arrival of a signed order to its answer. */
  orderAnswered(seconds: number): void;
  /** From the wish to the answer of the workers, for the signatures of one order or cancel. */
  signaturesVerified(seconds: number): void;
  /** Of the matched book: `new`, `partially_filled`, `filled`, `canceled` or `rejected`. */
  matchAnswered(result: string): void;
  cancelAnswered(outcome: CancelOrderAnswer['kind']): void;
  /** `code` of the first reason; empty where nothing speaks against it. */
  decided(decision: string, code: string): void;
  tradesReached(state: TradeState, count: number): void;
  /** From settlement to finality of one trade. */
  certified(seconds: number): void;
}

export interface Observers {
  add(observer: MarketObserver): () => void;
  tell(act: (observer: MarketObserver) => void): void;
}

export function createObservers(): Observers {
  const all = new Set<MarketObserver>();
  return {
    add: (observer) => {
      all.add(observer);
      return () => all.delete(observer);
    },
    tell: (act) => {
      for (const observer of all) act(observer);
    },
  };
}

export function tellGroup({ tell }: Observers, group: Group, settled: readonly SettledTx[]): void {
  const fresh = settled.filter(({ settled: { isNew } }) => isNew).length;
  tell((observer) => {
    observer.tradesReached('reserved', fresh + group.waiting.length);
    observer.tradesReached('publicity', group.waiting.filter(({ trade }) => trade.state === 'publicity').length);
    observer.tradesReached('settled', settled.length);
    observer.tradesReached('failed', group.failed.length);
    for (const { decided } of group.decisions) observer.decided(decided.decision.kind, decided.decision.reasons[0]?.code ?? '');
  });
}

export function tellCertified({ tell }: Observers, trades: readonly { readonly settledAt: Instant }[], now: Instant): void {
  tell((observer) => {
    observer.tradesReached('certified', trades.length);
    observer.tradesReached('protected', trades.length);
    for (const { settledAt } of trades) observer.certified((now - settledAt) / 1_000);
  });
}

export function tellPlaced({ tell }: Observers, intent: string, answer: PlaceOrderAnswer, seconds: number): void {
  if (answer.replayed) return;
  tell((observer) => {
    observer.orderAnswered(seconds);
    if (intent === 'matched') observer.matchAnswered(answer.kind === 'placed' ? answer.order.state : 'rejected');
  });
}

export function tellCanceled({ tell }: Observers, answer: CancelOrderAnswer): void {
  if (answer.replayed) return;
  tell((observer) => {
    observer.cancelAnswered(answer.kind);
    if (answer.kind === 'canceled' && answer.order.mechanism === 'price_time') observer.matchAnswered('canceled');
  });
}
