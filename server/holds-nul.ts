/** Text with a NUL is refused at the door: PostgreSQL does not take it, and nothing of ours needs it. A loop and no recursion, for what
 *  arrives may be nested deeper than the stack. */
export function holdsNul(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') {
      if (next.includes('\0')) return true;
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, inner] of Object.entries(next)) open.push(name, inner);
    }
  }
  return false;
}
