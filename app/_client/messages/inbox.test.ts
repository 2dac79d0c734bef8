import { createTranslator } from 'use-intl/core';
import { describe, expect, test } from 'vitest';
import { INBOX_SOURCES, NOTICE_FAMILIES } from '#server/inbox/read-notice.ts';
import { LOCALES } from '../format.ts';
import { MESSAGES } from './catalogue.ts';

describe.each(LOCALES)('the inbox in %s', (locale) => {
  const words: Readonly<Record<string, string>> = MESSAGES[locale].inbox.code;
  const families: Readonly<Record<string, string>> = MESSAGES[locale].inbox.family;

  test('every code that the product writes to a player has words, and no other has', () => {
    expect(Object.keys(words).sort()).toEqual(INBOX_SOURCES.map(({ code }) => code).sort());
    expect(Object.keys(families).sort()).toEqual([...NOTICE_FAMILIES].sort());
  });

  test('each sentence says its facts in words, on whichever side the reader stands', () => {
    const translate = createTranslator({ locale, messages: MESSAGES[locale], timeZone: 'Asia/Shanghai' });
    for (const { code } of INBOX_SOURCES) {
      for (const side of ['seller', 'buyer', 'giver', 'recipient', 'none']) {
        const text = translate(`inbox.code.${code}`, { name: 'NAME', amount: '1.00 元', side, outcome: 'granted' });
        expect(text, code).not.toMatch(/[{}]|undefined|inbox\.code/);
      }
    }
  });
});
