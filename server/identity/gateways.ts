/** Which outside parties this installation asks: those that its environment names, simulated ones in a demonstration, otherwise none. */
import { readFileSync } from 'node:fs';
import type { Clock } from '#server/clock.ts';
import type { Environment } from '#server/env.ts';
import type { Log } from '#server/log.ts';
import type { Random } from '#server/random.ts';
import { type GatewaySetting, openGatewayLine } from './gateway-line.ts';
import { httpRealNameProvider } from './http-real-name-provider.ts';
import type { RealNameProvider } from './real-name-provider.ts';
import { httpSmsGateway, type SmsGateway } from './sms-gateway.ts';

export type Gateways = { readonly smsGateway?: SmsGateway; readonly realNameProvider?: RealNameProvider };

type GatewaysGround = {
  readonly environment: Pick<Environment, 'sms' | 'identity' | 'isDemonstration'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

const SECRET_LENGTH = 16;

/** @throws {Error} with a sentence, when a secret is missing or short */
export function openGateways({ environment, ...ground }: GatewaysGround): Gateways {
  const { sms, identity, isDemonstration } = environment;
  const { log } = ground;
  if (sms === null && !isDemonstration)
    log.warn({ gateway: 'sms' }, 'nobody can join: SMS_GATEWAY_URL names no gateway for the code to the phone');
  if (identity === null && !isDemonstration)
    log.warn({ gateway: 'identity' }, 'nobody can join: IDENTITY_URL names nobody who checks real names');
  return {
    ...(sms === null
      ? {}
      : { smsGateway: httpSmsGateway(openGatewayLine({ ...ground, name: 'sms', setting: settingOf('SMS_GATEWAY', sms) })) }),
    ...(identity === null
      ? {}
      : {
          realNameProvider: httpRealNameProvider(
            openGatewayLine({ ...ground, name: 'identity', setting: settingOf('IDENTITY', identity) }),
            new URL(identity.url).host,
          ),
        }),
  };
}

/** The secret is the first line of a file: an environment is shown by too many tools. */
function settingOf(name: string, { url, secretFile }: NonNullable<Environment['sms']>): GatewaySetting {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw new Error(`environment: ${name}_URL must be https, or on this machine: it carries what people told us in confidence`);
  const [secret = ''] = readFileSync(secretFile, 'utf8').split(/\r?\n/);
  if (secret.length < SECRET_LENGTH)
    throw new Error(`environment: the first line of ${name}_SECRET_FILE needs ${SECRET_LENGTH} characters or more`);
  return { url, secret };
}
