/** The checkpoint that this browser keeps, and what contradicted it: small, since an alarm of before is read on every page at once. */
import { browserStore, settled } from './browser-store.ts';

export type LogAlarmCode = 'forked' | 'other_chain' | 'behind' | 'withheld' | 'unproven';
/** Both texts together are the evidence: each is certified by itself. */
export type LogAlarm = { readonly code: LogAlarmCode; readonly kept: string; readonly served: string };

export type HeadRow = { readonly id: 'head'; readonly kept: string; readonly alarm: LogAlarm | null };
const openStore = browserStore({ database: 'daoju-ledger', store: 'heads', key: 'id' });

/** What was found on another page or day. */
export const storedAlarm = async (): Promise<LogAlarm | null> => (await findRow())?.alarm ?? null;

export async function save(row: HeadRow): Promise<void> {
  await settled((await openStore('readwrite')).put(row));
}

export async function findRow(): Promise<HeadRow | null> {
  const row: unknown = await settled((await openStore('readonly')).get('head'));
  return isRow(row) ? row : null;
}

/** The browser's storage is input like any other. */
function isRow(row: unknown): row is HeadRow {
  return typeof row === 'object' && row !== null && typeof Reflect.get(row, 'kept') === 'string';
}
