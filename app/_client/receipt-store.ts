/** Receipts that this browser keeps by itself (P-31): a database of their own beside the keys, so that neither can spoil the other. */
import { browserStore, settled } from './browser-store.ts';

export type KeptReceipt = {
  readonly tradeId: string;
  readonly acct: string;
  readonly nameZh: string | null;
  readonly nameEn: string;
  readonly certifiedAt: string;
  /** The `.plproof` in base64. */
  readonly file: string;
};

const openStore = browserStore({ database: 'daoju-receipts', store: 'receipts', key: 'tradeId' });

export async function keepReceipt(receipt: KeptReceipt): Promise<void> {
  await settled((await openStore('readwrite')).put(receipt));
}

export async function findKeptReceipt(tradeId: string): Promise<KeptReceipt | null> {
  const row: unknown = await settled((await openStore('readonly')).get(tradeId));
  return isReceipt(row) ? row : null;
}

/** Newest first. */
export async function listKeptReceipts(): Promise<readonly KeptReceipt[]> {
  const rows: readonly unknown[] = await settled((await openStore('readonly')).getAll());
  return rows.filter(isReceipt).sort((a, b) => (a.certifiedAt < b.certifiedAt ? 1 : -1));
}

/** The browser's storage is input like any other. */
function isReceipt(row: unknown): row is KeptReceipt {
  if (typeof row !== 'object' || row === null) return false;
  const text = (name: string) => typeof Reflect.get(row, name) === 'string';
  return ['tradeId', 'acct', 'nameEn', 'certifiedAt', 'file'].every(text);
}
