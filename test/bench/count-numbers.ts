/** What a screen counts of the numbers that it is given: each must come, and be shown, once. */

export type Counted = {
  lastSeq: number;
  /** Messages shown. */
  applied: number;
  lost: number;
  duplicatesDelivered: number;
};

export const nothingCounted = (): Counted => ({ lastSeq: 0, applied: 0, lost: 0, duplicatesDelivered: 0 });

/** A number that is not above the last one is not shown again; one that leaves others out has lost them, also if they come later. */
export function seeNumbers(counted: Counted, seqs: readonly number[]): void {
  for (const seq of seqs) {
    if (seq <= counted.lastSeq) {
      counted.duplicatesDelivered += 1;
      continue;
    }
    counted.lost += seq - counted.lastSeq - 1;
    counted.lastSeq = seq;
    counted.applied += 1;
  }
}
