/** Fetches what is certified and not kept yet, newest first; the rest comes with the next look. */
import { api } from './api.ts';
import { keepReceipt, listKeptReceipts } from './receipt-store.ts';

const AT_ONCE = 20;
/** From `certified` on a receipt exists, and nothing takes it away again. */
const PROVEN: ReadonlySet<string> = new Set(['certified', 'protected', 'paid_out', 'disputed']);

/** @returns how many receipts of the account this browser keeps now */
export async function keepReceipts(acct: string): Promise<number> {
  const [{ rows }, kept] = await Promise.all([api.trade.list({}), listKeptReceipts()]);
  const known = new Set(kept.map(({ tradeId }) => tradeId));
  const missing = rows.filter(({ tradeId, state }) => PROVEN.has(state) && !known.has(tradeId)).slice(0, AT_ONCE);
  for (const { tradeId, names, stateSince } of missing) {
    const { file } = await api.receipt.get(tradeId);
    await keepReceipt({ tradeId, acct, nameZh: names.zh, nameEn: names.en, certifiedAt: stateSince, file });
  }
  return kept.filter((receipt) => receipt.acct === acct).length + missing.length;
}
