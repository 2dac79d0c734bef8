/** Import mapping (product T-24): a source row becomes a row of the batch call. Pure. Zero, blank and absent are three things: a rule says
 *  what a blank (null, missing or empty text) means; zero is a value. */
import type { ImportMapping } from './rows.schema.ts';

type Rule = ImportMapping[string];
type Json = unknown;

export type MappedRow =
  | { readonly kind: 'mapped'; readonly row: Record<string, Json> }
  | { readonly kind: 'refused'; readonly code: 'field_blank'; readonly field: string };

const ABSENT = Symbol('absent');
const REFUSE = Symbol('refuse');

export function applyMapping(source: Record<string, Json>, mapping: ImportMapping): MappedRow {
  const row: Record<string, Json> = {};
  for (const [target, rule] of Object.entries(mapping)) {
    const value = evaluate(source, rule);
    if (value === REFUSE) return { kind: 'refused', code: 'field_blank', field: target };
    if (value !== ABSENT) assign(row, target.split('.'), value);
  }
  return { kind: 'mapped', row };
}

function evaluate(source: Json, rule: Rule): Json | typeof ABSENT | typeof REFUSE {
  if ('constant' in rule) return rule.constant;
  if ('first' in rule) {
    for (const candidate of rule.first) {
      const value = evaluate(source, candidate as Rule);
      if (value !== ABSENT) return value;
    }
    return ABSENT;
  }
  if ('object' in rule) {
    const value = lookUp(source, rule.object);
    return isRecord(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, part]) => (isBlank(part) ? [] : [[key, typeof part === 'string' ? tidyText(part) : part]])),
        )
      : ABSENT;
  }
  if ('list' in rule) {
    const value = lookUp(source, rule.list);
    if (!Array.isArray(value)) return ABSENT;
    return value.map((part: Json) => Object.fromEntries(Object.entries(rule.fields).map(([field, path]) => [field, lookUp(part, path)])));
  }
  const value = 'template' in rule ? fillTemplate(source, rule.template) : lookUp(source, rule.path);
  if (isBlank(value)) return rule.blank === 'absent' ? ABSENT : rule.blank === 'refuse' ? REFUSE : rule.blank.default;
  if (rule.table !== undefined) return Object.hasOwn(rule.table, String(value)) ? (rule.table[String(value)] ?? null) : ABSENT;
  return typeof value === 'string' ? tidyText(value) : value;
}

function fillTemplate(source: Json, template: string): string | null {
  let isWhole = true;
  const text = template.replace(/\{([^{}]+)\}/g, (_, path: string) => {
    const value = lookUp(source, path);
    if (isBlank(value)) isWhole = false;
    return String(value);
  });
  return isWhole ? text : null;
}

/** Line breaks and tags of a source never reach a name. */
function tidyText(text: string): string {
  return text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function isBlank(value: Json): boolean {
  return value === null || value === undefined || (typeof value === 'string' && tidyText(value) === '');
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(source: Json, path: string): Json {
  let value: Json = source;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function assign(row: Record<string, Json>, path: readonly string[], value: Json): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    row[head] = value;
    return;
  }
  const inner = isRecord(row[head]) ? row[head] : {};
  row[head] = inner;
  assign(inner, rest, value);
}
