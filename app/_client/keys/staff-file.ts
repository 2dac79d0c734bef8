/** The file a supervisor signs in with: certificate in base64 DER and its private key, sealed like a recovery file. */
import { KeyError, parseSealedKeys, type SealedKeys } from './sealed-keys.ts';

/** @throws {KeyError} `recovery_file_malformed` */
export function readStaffFile(text: string): { readonly certificate: string; readonly keys: SealedKeys } {
  const keys = parseSealedKeys(text);
  const certificate: unknown = Reflect.get(Object(JSON.parse(text)), 'certificate');
  if (typeof certificate !== 'string') throw new KeyError('recovery_file_malformed');
  return { certificate, keys };
}
