/** The outside parties of a chain that is no demonstration, in one small server: brings codes to phones, and knows people (product P-01). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnvironment } from '#server/env.ts';
import { gatewaySignature } from '#server/identity/gateway-line.ts';
import { type Gateways, openGateways } from '#server/identity/gateways.ts';
import { silentLog } from '#server/log.ts';
import type { Random } from '#server/random.ts';
import { fakeClock } from './fake-clock.ts';

export interface OutsideParty {
  readonly gateways: Gateways;
  /** The newest code that a phone has got. */
  codeOf(phone: string): string | null;
  /** While false it answers nobody. */
  isOpen: boolean;
  /** The one number that takes no messages. */
  deafPhone: string | null;
  stop(): Promise<void>;
}

const SECRET = 'what both parties were told';

export async function openOutsideParty(random: Random): Promise<OutsideParty> {
  const codes = new Map<string, string>();
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-party-'));
  const secretFile = path.join(folder, 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const header = (name: string) => String(request.headers[`x-daoju-${name}`] ?? '');
    const expected = gatewaySignature(SECRET, { timestamp: header('timestamp'), requestId: header('request-id'), text });
    if (header('signature') !== `hmac-sm3=${expected}`) return void response.writeHead(401).end();
    if (!party.isOpen) return void response.writeHead(400).end();
    const body = JSON.parse(text);
    if (body.kind === 'registration_code' && body.phone === `+86${party.deafPhone}`) return void response.end('{"outcome":"refused"}');
    if (body.kind === 'registration_code') codes.set(String(body.phone).replace('+86', ''), String(body.code));
    const outcome = { registration_code: 'accepted', real_name: 'match', bank_card: 'match', screening: 'clear' }[String(body.kind)];
    response.end(JSON.stringify({ outcome }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
  const environment = parseEnvironment({
    ...{
      DEMONSTRATION: 'off',
      SMS_GATEWAY_URL: url,
      SMS_GATEWAY_SECRET_FILE: secretFile,
      IDENTITY_URL: url,
      IDENTITY_SECRET_FILE: secretFile,
    },
  });
  const party: OutsideParty = {
    gateways: openGateways({ environment, clock: fakeClock(), random, log: silentLog }),
    codeOf: (phone) => codes.get(phone) ?? null,
    isOpen: true,
    deafPhone: null,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return party;
}
