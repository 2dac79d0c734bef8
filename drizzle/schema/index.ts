/** Every table, in the one module that Drizzle wants. The migrations are the truth; `test/integration/schema.test.ts` holds these to them. */
export * from './cases.ts';
export * from './catalogue.ts';
export * from './compliance.ts';
export * from './custody.ts';
export * from './evidence.ts';
export * from './experiments.ts';
export * from './identity.ts';
export * from './journal.ts';
export * from './ledger.ts';
export * from './market.ts';
export * from './outbox.ts';
export * from './payments.ts';
export * from './pki.ts';
export * from './reports.ts';
export * from './studio.ts';
export * from './surveillance.ts';
export * from './takeover.ts';
