/** OpenAPI 3.1 of the REST API, made from the routes and the schemas that parse them. */
import { z } from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ART_TYPES } from '../studio/art-format.ts';
import type { Route } from './router.ts';

const PICTURE = {
  required: true,
  content: Object.fromEntries(ART_TYPES.map((type) => [type, { schema: { type: 'string' as const, format: 'binary' } }])),
};

export function openApiDocument(routes: readonly Route[]): unknown {
  const paths: Record<string, ZodOpenApiPathsObject[string]> = {};
  for (const { method, path, summary, access, schema, takes, query } of routes) {
    const operation = {
      summary,
      security: access === 'public' ? [] : [access === 'write' ? { messageSignature: [] } : { readKey: [] }],
      parameters: [...path.matchAll(/\{(\w+)\}/g)].map((found) => ({
        name: found[1] ?? '',
        in: 'path' as const,
        required: true,
        schema: { type: 'string' as const },
      })),
      ...(schema === null || takes === 'picture' ? {} : { requestBody: { required: true, content: { 'application/json': { schema } } } }),
      ...(query === undefined ? {} : { requestParams: { query } }),
      ...(takes === 'picture' && schema instanceof z.ZodObject ? { requestParams: { query: schema }, requestBody: PICTURE } : {}),
      responses: {
        '2XX': { description: 'Answer', content: { 'application/json': { schema: { type: 'object' as const } } } },
        default: {
          description: 'Problem (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    };
    paths[`/api/v1${path}`] = { ...paths[`/api/v1${path}`], [method.toLowerCase()]: operation };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Daoju studio API',
      version: '1',
      description: 'Ids and fen are strings; every write is idempotent for ever by reference_id.',
    },
    paths,
    components: {
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'trace_id'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { type: 'string' },
            trace_id: { type: 'string' },
          },
        },
      },
      securitySchemes: {
        messageSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'signature',
          description: 'RFC 9421 with alg sm2-sm3 over @method, @path, @query and content-digest (sm3).',
        },
        readKey: { type: 'http', scheme: 'bearer' },
      },
    },
  });
}
