/** The outside party that knows people, over HTTP: real name, bank card and lists, one question each (product P-01, P-02). */
import type { GatewayLine } from './gateway-line.ts';
import type { RealNameProvider } from './real-name-provider.ts';

const MATCHES = ['match', 'mismatch'] as const;

/** `name` is stored beside what it confirmed. */
export const httpRealNameProvider = (line: GatewayLine, name: string): RealNameProvider => ({
  name,
  verify: async (realName, idNumber, phone) =>
    (await line.ask({ kind: 'real_name', name: realName, idNumber, phone }, MATCHES)) ?? 'unavailable',
  matchCard: async (realName, idNumber, cardNumber) =>
    (await line.ask({ kind: 'bank_card', name: realName, idNumber, cardNumber }, MATCHES)) ?? 'unavailable',
  screen: async (realName, idNumber) =>
    (await line.ask({ kind: 'screening', name: realName, idNumber }, ['clear', 'listed'])) ?? 'unavailable',
});

/** A chain that is no demonstration, before its operator has named one: a simulated party would confirm anybody. */
export const missingRealNameProvider: RealNameProvider = {
  name: 'none',
  verify: async () => 'unavailable',
  matchCard: async () => 'unavailable',
  screen: async () => 'unavailable',
};
