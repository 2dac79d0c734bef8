/** Virtual time: acts in order of their due time, then of their planning. Nothing here knows the real clock. */
interface Planned {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

const before = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Timeline {
  /** Milliseconds since the beginning. */
  now = 0;
  #count = 0;
  /** A binary heap. */
  readonly #heap: Planned[] = [];

  after(delayMs: number, act: () => void): void {
    const planned = { at: this.now + delayMs, order: this.#count++, act };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || before(parent, planned)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = planned;
  }

  /** Runs everything due until then. */
  runUntil(end: number): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      this.#removeFirst();
      this.now = next.at;
      next.act();
    }
    this.now = end;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      const left = heap[down];
      if (left === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && before(right, left)) down++;
      const child = heap[down];
      if (child === undefined || before(last, child)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}
