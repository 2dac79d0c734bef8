import { expect, test } from 'vitest';
import { openApiDocument } from '#server/rest/openapi.ts';
import { routes } from '#server/rest/rest.ts';
import { readReference } from './api-reference.ts';

const groups = readReference(JSON.parse(JSON.stringify(openApiDocument(routes))));
const calls = groups.flatMap((group) => group.calls);

test('every call of the API is on the page, once', () => {
  expect(calls.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    routes.map(({ method, path }) => `${method} /api/v1${path}`).sort(),
  );
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
});

test('every field that a call takes has its type and whether it must be there', () => {
  const mints = calls.find(({ method, path }) => method === 'POST' && path === '/api/v1/mints');
  expect(mints).toMatchObject({ access: 'write' });
  expect(mints?.fields).toContainEqual(expect.objectContaining({ path: 'reference_id', type: 'string', isRequired: true }));
  expect(mints?.fields).toContainEqual(expect.objectContaining({ path: 'mode', type: '"atomic" | "per_item"', isRequired: false }));
  expect(mints?.fields.map(({ path }) => path)).toContain('rows[].class_ref');
});

test('and every field that it answers with, of each form that the answer has', () => {
  const answerOf = (wanted: string) => calls.find(({ method, path }) => `${method} ${path}` === wanted)?.answer ?? [];
  expect(answerOf('GET /api/v1/item-classes')).toContainEqual({
    path: 'rows[].class_ref',
    type: 'string',
    isRequired: true,
    text: expect.any(String),
  });
  expect(answerOf('POST /api/v1/item-classes').length).toBeGreaterThan(3);
  for (const call of calls) expect(call.answer.length > 0 || call.answerType !== null, call.id).toBe(true);
});
