/** What is stored contradicts itself. The node names it and signs nothing until it is repaired (`ledger.md` 10.5, 22). */
export class LedgerDamage extends Error {
  /** `entries 17`, `items 4`, `blocks 12`, … */
  readonly where: string;
  constructor(where: string, what: string) {
    super(`the ledger's store is damaged at ${where}: ${what}`);
    this.name = 'LedgerDamage';
    this.where = where;
  }
}
