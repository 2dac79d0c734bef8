/** The one log: JSON lines on stderr, so that stdout belongs to the command. Never a key, a name, an ID number or a phone number. */
import pino from 'pino';

export type LogFacts = Readonly<Record<string, unknown>>;

export interface Log {
  debug(facts: LogFacts, sentence: string): void;
  info(facts: LogFacts, sentence: string): void;
  warn(facts: LogFacts, sentence: string): void;
  error(facts: LogFacts, sentence: string): void;
}

/** Field names whose values must not reach a log line, wherever they occur one or two levels deep. */
const SECRET_FIELDS = ['idNumber', 'name', 'phone', 'token', 'cookie', 'authorization', 'privateKey', 'password'];

export function openLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Log {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[withheld]' },
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
