import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { NOTICE_CODES, noticeTo } from '#server/outbox/notices.ts';
import { INBOX_SOURCES, INBOX_TYPES, readNotice } from './read-notice.ts';

const SERVER = path.resolve(import.meta.dirname, '..');

function* sources(folder: string): Generator<readonly [string, string]> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/(?<!\.test)\.ts$/.test(entry.name)) yield [path.relative(SERVER, file), readFileSync(file, 'utf8')];
  }
}

test('nobody writes a notice past the closed list', () => {
  const writers = [...sources(SERVER)].filter(([, text]) => /'notice'/.test(text)).map(([file]) => file);
  expect(writers.sort()).toEqual(['inbox/read-notice.ts', 'outbox/notices.ts']);
});

test('every code of the list is written somewhere, and stands in the inbox', () => {
  const texts = [...sources(SERVER)].filter(([file]) => !/^(?:inbox\/|outbox\/notices)/.test(file)).map(([, text]) => text);
  const built = /noticeTo\([^`']*`(\w+)_\$\{/g;
  const stems = texts.flatMap((text) => [...text.matchAll(built)].map(([, stem = '']) => `${stem}_`));
  const unwritten = NOTICE_CODES.filter(
    (code) => !texts.some((text) => text.includes(`'${code}'`)) && !stems.some((stem) => code.startsWith(stem)),
  );
  expect(unwritten).toEqual([]);
  for (const code of NOTICE_CODES) {
    const { type, body } = noticeTo('a'.repeat(64), code, instant(0), {});
    expect(readNotice(type, body), code).toMatchObject({ code, link: expect.stringMatching(/^\//) });
  }
});

test('what only says look again is news where it says that something happened', () => {
  const id = `trd_${'1'.repeat(32)}`;
  expect(readNotice('trade.updated', { id, from: 'protected', to: 'paid_out' })).toMatchObject({
    code: 'trade_paid_out',
    link: `/trades/${id}`,
    aboutId: id,
  });
  expect(readNotice('trade.updated', { id, from: 'settled', to: 'protected' })).toBeNull();
  expect(readNotice('order.updated', { id, to: 'filled' })).toBeNull();
  expect(readNotice('money.updated', { kinds: ['fee'] })).toBeNull();
  expect(readNotice('notice', { code: 'never_heard_of' })).toBeNull();
  const body = { freezeId: 'frz_1', scope: 'item', targetId: 'itm_1', until: '2026-12-01T00:00:00.000Z', reasonCode: 'theft' };
  expect(readNotice('freeze.set', body)).toMatchObject({ code: 'freeze_set', family: 'case', link: '/i/itm_1', dueAt: body.until });
  expect(readNotice('freeze.lifted', body)).toMatchObject({ code: 'freeze_lifted', dueAt: null });
  expect(readNotice('freeze.set', { ...body, scope: 'account' })).toMatchObject({ link: '/portfolio' });
  expect(readNotice('notice', { code: 'objection_opened', subjectId: id, dueAt: body.until })).toMatchObject({
    link: `/trades/${id}`,
    dueAt: body.until,
  });
});

test('one message, one code: no key stands twice, and the index of migration 0465 names the same types', () => {
  expect(new Set(INBOX_SOURCES.map(({ key }) => key)).size).toBe(INBOX_SOURCES.length);
  const migration = readFileSync(path.resolve(SERVER, '../drizzle/migrations/0465_inbox.sql'), 'utf8');
  const named = [...(/where type in \(([^)]+)\)/.exec(migration)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, type]) => type);
  expect(named.sort()).toEqual([...INBOX_TYPES].sort());
});
