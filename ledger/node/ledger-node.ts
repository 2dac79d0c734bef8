/** The member node's surface. `openLedger` starts one on a database and a folder of keys. */
export type * from './types.ts';
