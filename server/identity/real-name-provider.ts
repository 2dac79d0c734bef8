/** The outside party that knows people (product P-01). A real one is a network call: it can refuse, and it can fail to answer. */

export type ProviderAnswer = 'match' | 'mismatch' | 'unavailable';

export interface RealNameProvider {
  /** Stored beside what it confirmed. */
  readonly name: string;
  verify(name: string, idNumber: string, phone: string): Promise<ProviderAnswer>;
  matchCard(name: string, idNumber: string, cardNumber: string): Promise<ProviderAnswer>;
  /** Listed persons; the caller opens a case, nobody is told on screen. */
  screen(name: string, idNumber: string): Promise<'clear' | 'listed' | 'unavailable'>;
}

/** Names that begin with 拒 do not match, with 迟 find the provider silent, with 列 stand on a list, so that each way can be shown and tested. */
export const simulatedRealNameProvider: RealNameProvider = {
  name: 'simulated',
  verify: async (name) => answerFor(name),
  matchCard: async (name) => answerFor(name),
  screen: async (name) => {
    if (name.startsWith('列')) return 'listed';
    return name.startsWith('迟') ? 'unavailable' : 'clear';
  },
};

function answerFor(name: string): ProviderAnswer {
  if (name.startsWith('拒')) return 'mismatch';
  return name.startsWith('迟') ? 'unavailable' : 'match';
}
