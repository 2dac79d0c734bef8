/** An outside party over HTTP: signed, in bounded time, once for each request, and nothing of what is asked in a log. */
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { instant } from '#ledger/primitives/instant.ts';
import { parseEnvironment } from '#server/env.ts';
import type { Log } from '#server/log.ts';
import { gatewaySignature, openGatewayLine } from './gateway-line.ts';
import { openGateways } from './gateways.ts';
import { httpRealNameProvider } from './http-real-name-provider.ts';
import { httpSmsGateway } from './sms-gateway.ts';

const SECRET = 'a secret of two parties';
const CODE = '493021';
const PHONE = '13912345678';

type Asked = { readonly headers: Readonly<Record<string, unknown>>; readonly body: string };
let server: Server | null = null;
const asked: Asked[] = [];
const lines: string[] = [];
const keep = (facts: object, sentence: string) => void lines.push(`${sentence} ${JSON.stringify(facts)}`);
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  asked.length = 0;
  lines.length = 0;
});

/** Answers in turn, the last one for ever; null: never. */
async function gateway(...answers: readonly ({ readonly status?: number; readonly text: string } | null)[]) {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ headers: request.headers, body });
    const given = answers[Math.min(asked.length, answers.length) - 1];
    if (given === null || given === undefined) return;
    response.writeHead(given.status ?? 200).end(given.text);
  });
  const opened = server;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  const address = opened.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn) };
  const patience = { timeoutMs: 150, pauseMs: 1 };
  return openGatewayLine({
    setting: { url, secret: SECRET },
    name: 'sms',
    clock: { now: () => instant(1_700_000_000_000) },
    random,
    log,
    patience,
  });
}

test('a code goes out once, signed, and stands in no log', async () => {
  const sms = httpSmsGateway(await gateway({ status: 503, text: `try later, ${CODE}` }, { text: '{"outcome":"accepted"}' }));
  expect(await sms.sendCode(PHONE, CODE, 5)).toBe('sent');
  expect(asked.map(({ body }) => JSON.parse(body))).toEqual(
    [1, 2].map(() => ({ kind: 'registration_code', phone: `+86${PHONE}`, code: CODE, validMinutes: 5 })),
  );
  const [first, second] = asked.map(({ headers }) => headers);
  // Both tries are one request: the gateway sends one message.
  expect(first?.['x-daoju-request-id']).toBe(second?.['x-daoju-request-id']);
  const given = { timestamp: '1700000000000', requestId: String(first?.['x-daoju-request-id']), text: asked[0]?.body ?? '' };
  expect(first?.['x-daoju-timestamp']).toBe(given.timestamp);
  expect(first?.['x-daoju-signature']).toBe(`hmac-sm3=${gatewaySignature(SECRET, given)}`);
  expect(lines.join()).toContain('status_503');
  for (const secret of [CODE, PHONE, SECRET]) expect(lines.join()).not.toContain(secret);
});

test('a number that is refused is told as that, and silence ends in bounded time', async () => {
  const refusing = httpSmsGateway(await gateway({ text: '{"outcome":"refused"}' }));
  expect(await refusing.sendCode(PHONE, CODE, 5)).toBe('refused');
  expect(asked).toHaveLength(1);
  server?.close();
  asked.length = 0;
  const silent = httpSmsGateway(await gateway(null));
  expect(await silent.sendCode(PHONE, CODE, 5)).toBe('unavailable');
  expect(asked).toHaveLength(3);
  expect(lines.join()).toContain('timeout');
});

test('an answer that is none, and a request that is refused for good, are not asked again', async () => {
  for (const answer of [{ text: 'ok' }, { text: '{"outcome":"perhaps"}' }, { status: 401, text: '{"outcome":"accepted"}' }]) {
    asked.length = 0;
    expect(await httpSmsGateway(await gateway(answer)).sendCode(PHONE, CODE, 5)).toBe('unavailable');
    expect(asked).toHaveLength(1);
    server?.closeAllConnections();
    server?.close();
  }
});

test('real name, card and lists are one question each, and a party that is silent confirms nobody', async () => {
  const party = httpRealNameProvider(
    await gateway({ text: '{"outcome":"mismatch"}' }, { text: '{"outcome":"match"}' }, { text: '{"outcome":"listed"}' }),
    'checks.example',
  );
  expect(await party.verify('王小明', '110105199005010015', PHONE)).toBe('mismatch');
  expect(await party.matchCard('王小明', '110105199005010015', '6222020200112233')).toBe('match');
  expect(await party.screen('王小明', '110105199005010015')).toBe('listed');
  expect(asked.map(({ body }) => Object.keys(JSON.parse(body)).join())).toEqual([
    'kind,name,idNumber,phone',
    'kind,name,idNumber,cardNumber',
    'kind,name,idNumber',
  ]);
  server?.closeAllConnections();
  server?.close();
  const silent = httpRealNameProvider(await gateway({ status: 500, text: '王小明' }), 'checks.example');
  expect(await silent.verify('王小明', '110105199005010015', PHONE)).toBe('unavailable');
  expect(lines.join()).not.toContain('王小明');
});

test('what is asked in confidence leaves by https or not at all, with a secret that is one', () => {
  const open = (variables: Record<string, string>) =>
    openGateways({
      environment: parseEnvironment({ DEMONSTRATION: 'off', ...variables }),
      ...{ clock: { now: () => instant(0) }, random: { bytes: (length) => new Uint8Array(length) }, log },
    });
  expect(open({})).toEqual({});
  expect(lines.join()).toContain('nobody can join');
  expect(() => open({ SMS_GATEWAY_URL: 'https://sms.example/v1' })).toThrow('belong together');
  const secretFile = { SMS_GATEWAY_SECRET_FILE: 'package.json', IDENTITY_SECRET_FILE: 'package.json' };
  const both = (base: string) => ({ SMS_GATEWAY_URL: `${base}/sms`, IDENTITY_URL: `${base}/people`, ...secretFile });
  expect(() => open(both('http://sms.example'))).toThrow('must be https');
  // The first line of that file is one bracket.
  expect(() => open(both('https://sms.example'))).toThrow('16 characters');
});
