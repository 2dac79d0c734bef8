/** Values of attributes against the schema of their game. Pure. */
import type { AttributeKind } from './catalogue.repo.ts';

export type AttributeValues = Readonly<Record<string, string | number | boolean>>;

/** Whether a value is of the attribute's type, and keeps to its decimals (T-05). */
export function fitsAttribute(kind: AttributeKind | undefined, value: string | number | boolean): boolean {
  switch (kind?.type) {
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value);
    case 'decimal':
      return typeof value === 'number' && (kind.scale === null || decimalsOf(value) <= kind.scale);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
    case 'enum':
    case 'text':
      return typeof value === 'string';
    default:
      return false;
  }
}

/** As many as its shortest text has: `1e-7` has seven. */
function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
}
