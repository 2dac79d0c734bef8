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

/**
 * Names that begin with 拒 do not match, with 迟 find the provider silent, with 列 stand on a list, so that each way can be shown and tested. The
 * lists change and fail too: names with 后 come onto a list after the first look, those with 除 leave it after the second, and 断 finds the
 * party of the lists silent at every second look. How often it was asked about whom is its own state, forgotten when it ends.
 */
function simulatedParty(): RealNameProvider {
  const looks = new Map<string, number>();
  return {
    name: 'simulated',
    verify: async (name) => answerFor(name),
    matchCard: async (name) => answerFor(name),
    screen: async (name, idNumber) => {
      const look = (looks.get(idNumber) ?? 0) + 1;
      looks.set(idNumber, look);
      if (name.startsWith('迟') || (name.startsWith('断') && look % 2 === 0)) return 'unavailable';
      const isListed = name.startsWith('列') || (name.startsWith('后') && look > 1) || (name.startsWith('除') && look <= 2);
      return isListed ? 'listed' : 'clear';
    },
  };
}

export const simulatedRealNameProvider: RealNameProvider = simulatedParty();

function answerFor(name: string): ProviderAnswer {
  if (name.startsWith('拒')) return 'mismatch';
  return name.startsWith('迟') ? 'unavailable' : 'match';
}
