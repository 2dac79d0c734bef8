/** The OpenAPI document of the studio API as a page reads it (product T-10): calls in groups, their fields by name. Pure. */
export type FieldRow = {
  /** `rows[].class_ref` */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly text: string;
};
export type Call = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly access: 'write' | 'read' | 'public';
  readonly fields: readonly FieldRow[];
  /** What it answers when it went well; empty where the answer has no fields. */
  readonly answer: readonly FieldRow[];
  /** Of an answer without fields; null: it has some, or no content. */
  readonly answerType: string | null;
};
export type CallGroup = { readonly name: string; readonly calls: readonly Call[] };

type Json = Readonly<Record<string, unknown>>;
const MAX_DEPTH = 5;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function readReference(document: unknown): readonly CallGroup[] {
  const root = objectOf(document);
  const groups = new Map<string, Call[]>();
  for (const [path, methods] of Object.entries(objectOf(root.paths))) {
    for (const [method, operation] of Object.entries(objectOf(methods))) {
      const call = readCall(root, method, path, objectOf(operation));
      const name = path.split('/')[3] ?? '';
      groups.set(name, [...(groups.get(name) ?? []), call]);
    }
  }
  return [...groups].map(([name, calls]) => ({ name, calls }));
}

function readCall(root: Json, method: string, path: string, operation: Json): Call {
  const [scheme] = listOf(operation.security).flatMap((each) => Object.keys(objectOf(each)));
  const parameters = listOf(operation.parameters)
    .map(objectOf)
    .flatMap((parameter) => fieldsOf(root, textOf(parameter.name), resolve(root, parameter.schema), parameter.required === true));
  const content = objectOf(objectOf(operation.requestBody).content);
  const body = resolve(root, objectOf(content['application/json']).schema);
  const answered = objectOf(objectOf(objectOf(operation.responses)['2XX']).content);
  const [answerType] = Object.keys(answered);
  const answer = membersOf(root, '', resolve(root, objectOf(answered['application/json']).schema), 0);
  return {
    id: `${method}-${path.slice('/api/v1/'.length).replaceAll(/[^a-z]+/g, '-')}`,
    method: method.toUpperCase(),
    path,
    summary: textOf(operation.summary),
    access: scheme === undefined ? 'public' : scheme === 'readKey' ? 'read' : 'write',
    fields: [...parameters, ...membersOf(root, '', body, 0)],
    answer,
    answerType: answer.length > 0 ? null : (answerType ?? null),
  };
}

function resolve(root: Json, schema: unknown): Json {
  const found = objectOf(schema);
  const name = textOf(found.$ref).replace('#/components/schemas/', '');
  return name === '' ? found : { ...objectOf(objectOf(objectOf(root.components).schemas)[name]), ...found };
}

/** Of a choice between objects: whatever one of them has, required where all of them ask for it. */
function membersOf(root: Json, prefix: string, schema: Json, depth: number): readonly FieldRow[] {
  const choices = [...listOf(schema.anyOf), ...listOf(schema.oneOf)].map((each) => resolve(root, each));
  const rows = [schema, ...choices].flatMap((each) => {
    const required = listOf(each.required);
    const inside = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
    const open = resolve(root, each.additionalProperties);
    return [
      ...Object.entries(objectOf(each.properties)).flatMap(([name, member]) =>
        fieldsOf(root, inside(name), resolve(root, member), required.includes(name), depth),
      ),
      // A table whose names are its keys.
      ...(Object.keys(open).length === 0 ? [] : fieldsOf(root, inside('{key}'), open, true, depth)),
    ];
  });
  return [...new Map(rows.map((row) => [row.path, row])).values()].map((row) => ({
    ...row,
    isRequired: rows.filter(({ path }) => path === row.path).every(({ isRequired }) => isRequired),
  }));
}

function fieldsOf(root: Json, path: string, schema: Json, isRequired: boolean, depth = 0): readonly FieldRow[] {
  const row = { path, type: typeOf(root, schema), isRequired, text: describe(schema) };
  if (depth >= MAX_DEPTH) return [row];
  const items = resolve(root, schema.items);
  const inside = schema.type === 'array' ? membersOf(root, `${path}[]`, items, depth + 1) : membersOf(root, path, schema, depth + 1);
  return [row, ...inside];
}

function typeOf(root: Json, schema: Json): string {
  const choices = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  if (choices.length > 0) return [...new Set(choices.map((each) => typeOf(root, resolve(root, each))))].join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const values = listOf(schema.enum);
  if (values.length > 0) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return `${typeOf(root, resolve(root, schema.items))}[]`;
  return listOf(schema.type).join(' | ') || textOf(schema.type) || 'object';
}

/** What the schema says beside its type: sentence, default and limits. */
function describe(schema: Json): string {
  const limits = (
    [
      ['minLength', '≥ {} chars'],
      ['maxLength', '≤ {} chars'],
      ['minimum', '≥ {}'],
      ['maximum', '≤ {}'],
      ['minItems', '≥ {} rows'],
      ['maxItems', '≤ {} rows'],
      ['format', '{}'],
      // A format says the same in a word.
      ...(schema.format === undefined ? ([['pattern', '{}']] as const) : []),
    ] as const
  ).flatMap(([key, words]) => (schema[key] === undefined ? [] : [words.replace('{}', String(schema[key]))]));
  const preset = schema.default === undefined ? [] : [`= ${JSON.stringify(schema.default)}`];
  return [textOf(schema.description), ...preset, ...limits].filter((text) => text !== '').join(' · ');
}
