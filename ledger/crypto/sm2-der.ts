/** `r‖s` ↔ DER `SEQUENCE { INTEGER r, INTEGER s }`, strictly: one encoding per signature. DER exists at the OpenSSL boundary and in certificates only. */
import { type Bytes, concat } from '#ledger/primitives/bytes.ts';

/** DER of 64 bytes `r‖s`. */
export function signatureToDer(signature: Uint8Array): Bytes {
  const body = concat(integerToDer(signature.subarray(0, 32)), integerToDer(signature.subarray(32, 64)));
  return concat(Uint8Array.of(0x30, body.length), body);
}

/** 64 bytes `r‖s`, or `null` for any other DER than `signatureToDer` writes. */
export function signatureFromDer(der: Uint8Array): Bytes | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const r = integerFromDer(der, 2);
  const s = r === null ? null : integerFromDer(der, r.end);
  if (r === null || s === null || s.end !== der.length) return null;
  return concat(r.value, s.value);
}

function integerToDer(value: Uint8Array): Bytes {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const digits = value.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return concat(Uint8Array.of(0x02, sign.length + digits.length), sign, digits);
}

function integerFromDer(der: Uint8Array, offset: number): { readonly value: Bytes; readonly end: number } | null {
  const length = der[offset + 1] ?? 0;
  const start = offset + 2;
  const end = start + length;
  if (der[offset] !== 0x02 || length < 1 || length > 33 || end > der.length) return null;
  const first = der[start] ?? 0;
  const second = der[start + 1] ?? 0;
  const isNegative = first >= 0x80;
  const isPadded = length > 1 && first === 0 && second < 0x80;
  if (isNegative || isPadded || (length === 33 && first !== 0)) return null;
  const digits = der.subarray(length === 33 ? start + 1 : start, end);
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return { value, end };
}
