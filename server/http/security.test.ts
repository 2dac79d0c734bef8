import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { formatCookie, readCookie } from './cookies.ts';
import { openRateLimits } from './rate-limits.ts';
import { isForeignWrite } from './security.ts';

function request(method: string, headers: Readonly<Record<string, string>>): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  Object.assign(message.headers, headers);
  return message;
}

test.each([
  ['its own page', { origin: 'http://localhost:3000', host: 'localhost:3000' }, null, false],
  ['a program without a browser', { host: 'localhost:3000' }, null, false],
  ['another site', { origin: 'http://evil.example', host: 'localhost:3000' }, null, true],
  ['another port of the machine', { origin: 'http://localhost:3001', host: 'localhost:3000' }, null, true],
  ['an opaque origin', { origin: 'null', host: 'localhost:3000' }, null, true],
  ['a form of another site', { 'sec-fetch-site': 'cross-site', host: 'localhost:3000' }, null, true],
  ['the public origin behind a proxy', { origin: 'https://market.example', host: '127.0.0.1:3000' }, 'https://market.example', false],
  [
    'the inner address, when a public origin is set',
    { origin: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' },
    'https://market.example',
    true,
  ],
])('a write from %s', (_, headers, publicOrigin, isForeign) => {
  expect(isForeignWrite(request('POST', headers), publicOrigin)).toBe(isForeign);
  expect(isForeignWrite(request('GET', headers), publicOrigin)).toBe(false);
});

test('a cookie is read whole or not at all', () => {
  expect(readCookie('a=1; daoju_session=AbC-_9; b=2', 'daoju_session')).toBe('AbC-_9');
  expect(readCookie('daoju_session=x y', 'daoju_session')).toBeNull();
  expect(readCookie('xdaoju_session=1', 'daoju_session')).toBeNull();
  expect(formatCookie('daoju_session', 'abc', 60, true)).toBe('daoju_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure');
});

test('the twenty-first order in a row waits, other procedures and people do not', async () => {
  const limits = openRateLimits();
  const amy = { acct: 'a'.repeat(64), address: '127.0.0.1' };
  for (let n = 0; n < 20; n++) expect(await limits.take('order.place', amy)).toBeNull();
  expect(await limits.take('order.place', amy)).toBeGreaterThan(0);
  expect(await limits.take('order.cancel', amy)).toBeNull();
  expect(await limits.take('order.place', { ...amy, acct: 'b'.repeat(64) })).toBeNull();
});
