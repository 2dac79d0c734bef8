/** What the rest of the program may use of the ledger's pure core. */

export * from './block/block.ts';
export * from './block/genesis.ts';
export * from './block/lint.ts';
export { satisfies } from './block/policy.ts';
export * from './block/vote.ts';
export * from './codec/auth-policy.ts';
export * from './codec/config.ts';
export * from './codec/genesis.ts';
export * from './codec/header.ts';
export * from './codec/leaves.ts';
export * from './codec/op-types.ts';
export * from './codec/order.ts';
export * from './codec/tx.ts';
export * from './codec/tx-sig.ts';
export * from './state/state.ts';
export * from './tx/codes.ts';
export * from './tx/ids.ts';
export * from './tx/parse.ts';
export * from './tx/sign.ts';
