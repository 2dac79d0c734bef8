/** One at a time, in the order of asking. */
export class SerialLock {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // The next in line does not care how this one ended.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
