import compile from 'icu-minify/compile';
import { _createCache, _createIntlFormatters, createTranslator } from 'use-intl/core';
import formatMessage from 'use-intl/format-message';
import formatCompiled from 'use-intl/format-message/format-only';
import { describe, expect, test } from 'vitest';
import { LOCALES } from '../format.ts';
import { MESSAGES } from './catalogue.ts';

type Tree = { readonly [key: string]: string | Tree };
function flatten(tree: Tree, prefix = ''): readonly (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${prefix}${key}`, value] as const] : flatten(value, `${prefix}${key}.`),
  );
}

// Product Q-05: what player screens in pack CN never say, in any form of the word.
const FORBIDDEN = /\b(tokens?|coins?|mint(s|ed|ing)?|gas|nfts?|rwa|crypto\w*|blockchain)\b|代币|铸造|挖矿|虚拟货币|币价|升值|保值|稳赚/i;

describe.each(LOCALES)('messages in %s', (locale) => {
  const rows = flatten(MESSAGES[locale]);
  test('none is empty', () => expect(rows.filter(([, text]) => text.trim() === '')).toEqual([]));
  test('no forbidden word (Q-05)', () => expect(rows.filter(([, text]) => FORBIDDEN.test(text))).toEqual([]));
  test('every message is well-formed ICU', () => {
    const broken: string[] = [];
    const translate = createTranslator({
      locale,
      messages: MESSAGES[locale],
      timeZone: 'Asia/Shanghai',
      onError: () => {},
      getMessageFallback: ({ key }) => key,
    });
    for (const [key, text] of rows) {
      const names = new Set([...text.matchAll(/\{(\w+)/g)].map(([, name = '']) => name));
      const values = Object.fromEntries([...names].map((name) => [name, 1]));
      // The key set is only known at run time here, so the typed translator is asked through its loose signature.
      if (Reflect.apply(translate, undefined, [key, values]) === key) broken.push(key);
    }
    expect(broken).toEqual([]);
  });
});

test.each(LOCALES)('messages in %s say the same compiled as they do as ICU', (locale) => {
  const cache = _createCache();
  const options = { locale, cache, formatters: _createIntlFormatters(cache), timeZone: 'Asia/Shanghai' };
  for (const count of [0, 1, 2, 7]) {
    for (const [key, text] of flatten(MESSAGES[locale])) {
      const names = new Set([...text.matchAll(/\{(\w+)/g)].map(([, name = '']) => name));
      const values = Object.fromEntries([...names].map((name) => [name, count]));
      expect(formatCompiled(key, compile(text), values, options)).toEqual(formatMessage(key, text, values, options));
    }
  }
});

test('both languages have the same keys', () => {
  const [zh, en] = LOCALES.map((locale) => flatten(MESSAGES[locale]).map(([key]) => key));
  expect(en).toEqual(zh);
});
