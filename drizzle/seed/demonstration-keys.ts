/**
 * Who exists on a demonstration chain (O-22). The keys behind these names are PUBLISHED: `demonstrationKeys(name)` of
 * `ledger/node/demonstration-keys.ts` derives them from the name alone, so anyone can sign as anyone of these. A chain whose
 * genesis is not marked as a demonstration refuses them.
 */
export interface DemonstrationPlayer {
  readonly name: string;
  readonly displayName: string;
  readonly isAdult: boolean;
}

export const DEMONSTRATION_PLAYERS = [
  { name: 'lin-yue', displayName: '林月 Lin Yue', isAdult: true },
  { name: 'chen-hai', displayName: '陈海 Chen Hai', isAdult: true },
  { name: 'zhou-ning', displayName: '周宁 Zhou Ning', isAdult: true },
  { name: 'xiao-he', displayName: '小禾 Xiao He', isAdult: false },
] as const satisfies readonly DemonstrationPlayer[];

/** Traders that give the demonstration market its listings and orders. */
export const DEMONSTRATION_MARKET_MAKERS: readonly DemonstrationPlayer[] = Array.from({ length: 20 }, (_, index) => {
  const name = `demo-${String(index + 1).padStart(2, '0')}`;
  return { name, displayName: name, isAdult: true };
});

/** Organisations with an account in genesis; the operator's own keys are not published but made at the first start. */
export const DEMONSTRATION_ORGANISATIONS = ['supervisor', 'notary', 'court'] as const;

/** The studio's issuing account, hosted by the operator, and the key its REST client signs requests with. */
export const DEMONSTRATION_STUDIO = { account: 'studio', restKey: 'studio-rest' } as const;

/** Personal signing keys of people at the supervisor, the operator and the notary. */
export const DEMONSTRATION_STAFF = ['staff-tax', 'staff-market', 'staff-finance', 'staff-operator', 'staff-notary'] as const;
