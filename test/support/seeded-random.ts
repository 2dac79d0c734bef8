/** Randomness that a failing test can replay: the seed is the whole state. */
import { createHash } from 'node:crypto';
import type { Random } from '#server/random.ts';

export function seededRandom(seed: string): Random {
  let block = 0;
  let rest = new Uint8Array(0);
  return {
    bytes: (count) => {
      const out = new Uint8Array(count);
      for (let filled = 0; filled < count; ) {
        if (rest.length === 0) {
          rest = new Uint8Array(createHash('sha256').update(`${seed}/${block}`).digest());
          block += 1;
        }
        const part = rest.subarray(0, count - filled);
        out.set(part, filled);
        rest = rest.subarray(part.length);
        filled += part.length;
      }
      return out;
    },
  };
}
