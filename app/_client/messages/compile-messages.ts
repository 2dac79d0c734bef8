/** Messages with their ICU taken apart, once, on the server: the browser gets the words of its language with the page and no parser.
 *  `next.config.ts` gives it the formatter that reads this form. */
import compile from 'icu-minify/compile';
import type { Locale } from '../format.ts';
import { MESSAGES, type Messages } from './catalogue.ts';

type Tree = { readonly [key: string]: string | Tree };

function compileTree(tree: Tree): unknown {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, typeof value === 'string' ? compile(value) : compileTree(value)]),
  );
}

/** Plain objects all the way down: what goes from a server component to the browser may have no other prototype. */
function toPlain(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree));
}

// The provider's types know the texts alone; the formatter that is built in reads what `compile` made of them.
const COMPILED = {
  'zh-CN': toPlain(compileTree(MESSAGES['zh-CN'])),
  en: toPlain(compileTree(MESSAGES.en)),
} as const as unknown as Readonly<Record<Locale, Messages>>;

export function compiledMessages(locale: Locale): Messages {
  return COMPILED[locale];
}
