/** One table in a database of this browser. Keys and receipts have a database each, so that neither can spoil the other. */
export type BrowserStore = (mode: IDBTransactionMode) => Promise<IDBObjectStore>;

export const browserStore =
  (facts: { readonly database: string; readonly store: string; readonly key: string }): BrowserStore =>
  async (mode) => {
    const opening = indexedDB.open(facts.database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(facts.store, { keyPath: facts.key });
    return (await settled(opening)).transaction(facts.store, mode).objectStore(facts.store);
  };

/** @throws what the browser's storage says, or that it refused */
export function settled<T>(made: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    made.onsuccess = () => resolve(made.result);
    made.onerror = () => reject(made.error ?? new Error('the browser storage refused'));
  });
}
