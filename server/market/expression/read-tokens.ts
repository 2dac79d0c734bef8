/** The words of an attribute expression, each with its place. Pure. */
export type Token =
  | { readonly kind: 'name' | 'text' | 'number' | 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const NEXT =
  /\s*(?:(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![0-9A-Za-z_.]))|"(?<text>(?:[^"\\\p{Cc}]|\\["\\])*)"|(?<sign>!=|<=|>=|[=<>(),]))/uy;

/** Null tokens: nothing can be read from `at` on. */
export function readTokens(source: string): { readonly tokens: readonly Token[]; readonly faultAt: number | null } {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  let place = 0;
  while (place < end) {
    NEXT.lastIndex = place;
    const match = NEXT.exec(source);
    const start = source.length - source.slice(place).trimStart().length;
    if (match === null) return { tokens, faultAt: start };
    const { name, number, text, sign } = match.groups ?? {};
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at: start });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at: start });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(["\\])/g, '$1'), at: start });
    else tokens.push({ kind: 'sign', text: sign ?? '', at: start });
    place = NEXT.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: end });
  return { tokens, faultAt: null };
}
