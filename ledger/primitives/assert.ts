/** A bug, never an input: throws when the program's own reasoning is wrong. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${sentence}`);
}

/** Ends an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unreachable value ${String(value)}`);
}
