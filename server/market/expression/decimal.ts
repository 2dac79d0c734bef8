/** Decimals compared as they are written: no binary fraction stands between an attribute and a limit. Pure. */

/** The same numbers as the SQL evaluator takes: longer ones are no attribute of ours. */
const PLAIN = /^-?[0-9]{1,30}(?:\.[0-9]{1,30})?$/;

export function plainDecimal(value: string | number): string | null {
  const text = typeof value === 'number' ? withoutExponent(String(value)) : value;
  return PLAIN.test(text) ? text : null;
}

export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const [left, right] = [unitsOf(a, scale), unitsOf(b, scale)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `-00.50` is `-0.5`, `-0` is `0`. */
export function canonicalDecimal(text: string): string {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const cut = fraction.replace(/0+$/, '');
  const plain = `${whole.replace(/^0+(?=\d)/, '')}${cut === '' ? '' : `.${cut}`}`;
  return text.startsWith('-') && plain !== '0' ? `-${plain}` : plain;
}

const scaleOf = (text: string): number => text.split('.')[1]?.length ?? 0;

function unitsOf(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

/** JavaScript writes very large and very small numbers with an exponent, PostgreSQL writes all digits. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', first = '', rest = '', power = '0'] = match;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
