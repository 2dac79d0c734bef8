/** The environment, parsed once at the start: a wrong value ends the program with a sentence that names it. */
import { z } from 'zod';

const driverCommand = z.array(z.string().min(1)).min(1);

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** The address people type, when a proxy stands before us; writes must come from it. */
  PUBLIC_ORIGIN: z.url().optional(),
  /** Holds the passphrase of the key files, for instance a mounted secret; without it one is drawn and lies beside them. */
  KEY_PASSPHRASE_FILE: z.string().min(1).optional(),
  /** `local`: a demonstration starts its other members beside it. `alone`: one member seals. Else the path of a site file. */
  MEMBERS: z.string().min(1).default('local'),
  /** Where the simulated payment institution keeps its books, when not beside ours: they then outlive this installation. */
  INSTITUTION_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** `off` starts a chain of our own without published keys, accounts or catalogue. */
  DEMONSTRATION: z.enum(['on', 'off']).default('on'),
  /** Takes the code for a phone, signed with HMAC-SM3 by the secret in the file. */
  SMS_GATEWAY_URL: z.url({ protocol: /^https?$/ }).optional(),
  SMS_GATEWAY_SECRET_FILE: z.string().min(1).optional(),
  /** Checks real names, bank cards and lists, signed in the same way. */
  IDENTITY_URL: z.url({ protocol: /^https?$/ }).optional(),
  IDENTITY_SECRET_FILE: z.string().min(1).optional(),
  /** What the operator has on record about the platform, for the tax authority (`server/reports/platform-facts.ts`). */
  PLATFORM_FILE: z.string().min(1).optional(),
  /** Of a signer (`--role signer`): its key lies in a cryptographic device (GM/T 0018), and this program drives it: a JSON array of words. */
  SDF_DRIVER: z
    .string()
    .transform((text, context) => {
      const parsed = driverCommand.safeParse(jsonOf(text));
      if (parsed.success) return parsed.data;
      context.addIssue('a JSON array of words, the program first');
      return z.NEVER;
    })
    .optional(),
  /** Index of the signing key in the device. */
  SDF_KEY: z.coerce.number().int().min(1).max(65_535).default(1),
  SDF_PIN_FILE: z.string().min(1).optional(),
});

/** An outside party over HTTP. */
export type GatewayPlace = { readonly url: string; readonly secretFile: string };

export type Environment = {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly publicOrigin: string | null;
  readonly keyPassphraseFile: string | null;
  readonly institutionUrl: string | null;
  readonly isDemonstration: boolean;
  readonly members: string;
  readonly sms: GatewayPlace | null;
  readonly identity: GatewayPlace | null;
  readonly platformFile: string | null;
  readonly sdf: { readonly command: readonly string[]; readonly key: number; readonly pinFile: string } | null;
};

/** @throws {Error} a sentence per wrong variable */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) throw new Error(`environment: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    port: data.PORT,
    host: data.HOST,
    dataDir: data.DATA_DIR,
    databaseUrl: data.DATABASE_URL ?? null,
    logLevel: data.LOG_LEVEL,
    publicOrigin: data.PUBLIC_ORIGIN ?? null,
    keyPassphraseFile: data.KEY_PASSPHRASE_FILE ?? null,
    institutionUrl: data.INSTITUTION_URL ?? null,
    isDemonstration: data.DEMONSTRATION === 'on',
    members: data.MEMBERS,
    sms: placeOf('SMS_GATEWAY', data.SMS_GATEWAY_URL, data.SMS_GATEWAY_SECRET_FILE),
    platformFile: data.PLATFORM_FILE ?? null,
    identity: placeOf('IDENTITY', data.IDENTITY_URL, data.IDENTITY_SECRET_FILE),
    sdf: sdfOf(data.SDF_DRIVER, data.SDF_KEY, data.SDF_PIN_FILE),
  };
}

function sdfOf(command: readonly string[] | undefined, key: number, pinFile: string | undefined): Environment['sdf'] {
  if (command === undefined && pinFile === undefined) return null;
  if (command === undefined || pinFile === undefined) throw new Error('environment: SDF_DRIVER and SDF_PIN_FILE belong together');
  return { command, key, pinFile };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function placeOf(name: string, url: string | undefined, secretFile: string | undefined): GatewayPlace | null {
  if (url === undefined && secretFile === undefined) return null;
  if (url === undefined || secretFile === undefined) throw new Error(`environment: ${name}_URL and ${name}_SECRET_FILE belong together`);
  return { url, secretFile };
}
