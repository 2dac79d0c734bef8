/** Where each kind of data lies and when it can go (product P-46, rulebook 4.7). Why, and in what words, is told by the page and the README. */
import type { DataDeletion, DataGroup, DataPlace } from '#server/trpc/views.ts';

type Fate = { readonly places: readonly DataPlace[]; readonly deletion: DataDeletion };

export const DATA_GROUPS = {
  identity: { places: ['database', 'sealed'], deletion: 'term' },
  account: { places: ['database', 'ledger'], deletion: 'closing' },
  orders: { places: ['database', 'ledger'], deletion: 'term' },
  trades: { places: ['database', 'ledger', 'sealed'], deletion: 'term' },
  items: { places: ['database', 'ledger'], deletion: 'never' },
  money: { places: ['database', 'institution'], deletion: 'term' },
  tax: { places: ['database', 'sealed'], deletion: 'term' },
  disputes: { places: ['database'], deletion: 'term' },
  experiments: { places: ['database'], deletion: 'term' },
  messages: { places: ['database'], deletion: 'never' },
  packages: { places: ['database'], deletion: 'term' },
  watchList: { places: ['database'], deletion: 'now' },
  access: { places: ['database', 'ledger'], deletion: 'never' },
} as const satisfies Record<DataGroup, Fate>;

const NAMES: Readonly<Record<string, unknown>> = DATA_GROUPS;
export const isDataGroup = (name: string): name is DataGroup => Object.hasOwn(NAMES, name);
