/** A studio's client that holds every answer against the published OpenAPI document (product T-10): what is answered is described, and nothing
 *  is answered that is not. Clients accept more than is described; the tests of this repository do not. */
import { expect } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '#server/rest/openapi.ts';
import { routes } from '#server/rest/rest.ts';
import type { Answer, StudioClient } from '#server/sdk/studio-client.ts';

type Json = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? Object(value) : {});

/** As it is published, but with objects closed and references that a JSON Schema alone can follow. */
function readDocument(): Json {
  const text = JSON.stringify(openApiDocument(routes)).replaceAll('#/components/schemas/', '#/$defs/');
  return objectOf(closed(JSON.parse(text)));
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member)]));
  return 'properties' in inside && !('additionalProperties' in inside) ? { ...inside, additionalProperties: false } : inside;
}

const document = readDocument();
const $defs = objectOf(document.components).schemas;
const patterns = Object.keys(objectOf(document.paths)).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));
const known = new Map<string, z.ZodType>();

function schemaOf(path: string, method: string, isDone: boolean): z.ZodType {
  const key = `${method} ${path} ${isDone}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const operation = objectOf(objectOf(objectOf(document.paths)[path])[method.toLowerCase()]);
  const content = objectOf(objectOf(objectOf(operation.responses)[isDone ? '2XX' : 'default']).content);
  const { schema } = objectOf(content[isDone ? 'application/json' : 'application/problem+json']);
  const made = z.fromJSONSchema({ ...objectOf(schema), $defs: objectOf($defs) } as Parameters<typeof z.fromJSONSchema>[0]);
  known.set(key, made);
  return made;
}

export function expectDescribed(method: string, address: string, { status, body }: Answer): void {
  const [asked = ''] = address.split('?');
  const path = patterns.find(({ pattern }) => pattern.test(asked))?.path;
  if (path === undefined || objectOf(objectOf(document.paths)[path])[method.toLowerCase()] === undefined) return;
  const { success, error } = schemaOf(path, method, status < 300).safeParse(body);
  expect(success, `${method} ${path} answered ${status}: ${JSON.stringify(body)}\n${error?.message}`).toBe(true);
}

export function describedStudio(client: StudioClient): StudioClient {
  return {
    ...client,
    write: async (method, path, body, headers) => {
      const answer = await client.write(method, path, body, headers);
      expectDescribed(method, path, answer);
      return answer;
    },
    putArt: async (classId, art, headers) => {
      const answer = await client.putArt(classId, art, headers);
      expectDescribed('PUT', `/api/v1/item-classes/${classId}/art`, answer);
      return answer;
    },
    read: async (path) => {
      const answer = await client.read(path);
      expectDescribed('GET', path, answer);
      return answer;
    },
  };
}
