/** The state of the ledger: its view, its memory, its one transition function. */

export type { Applied, ApplyContext } from './applied.ts';
export { apply } from './apply.ts';
export { LedgerState } from './ledger-state.ts';
export { OverlayState } from './overlay-state.ts';
export type { StateView } from './view.ts';
