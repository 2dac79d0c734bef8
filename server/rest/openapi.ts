/** OpenAPI 3.1 of the REST API, made from the routes and the schemas that parse them. */
import { z } from 'zod';
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOverride, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ART_TYPES } from '../studio/art-format.ts';
import { problemAnswer } from './answers.schema.ts';
import type { Route } from './router.ts';

const PICTURE = {
  required: true,
  content: Object.fromEntries(ART_TYPES.map((type) => [type, { schema: { type: 'string' as const, format: 'binary' } }])),
};

/** What is sent is exact; what is answered may grow (T-10: additions are announced), so that no client may call an addition a fault. */
const openAnswers: ZodOpenApiOverride = ({ jsonSchema, io }) => {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

const FILE = { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } };

export function openApiDocument(routes: readonly Route[]) {
  const paths: Record<string, ZodOpenApiPathsObject[string]> = {};
  for (const { method, path, summary, access, schema, answer, takes, query } of routes) {
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
        '2XX': { description: 'Answer', content: answer === null ? FILE : { 'application/json': { schema: answer } } },
        default: {
          description: 'Problem (RFC 9457)',
          content: { 'application/problem+json': { schema: problemAnswer } },
        },
      },
    };
    paths[`/api/v1${path}`] = { ...paths[`/api/v1${path}`], [method.toLowerCase()]: operation };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Daoju studio API',
      version: '1',
      description: 'Ids and fen are strings; every write is idempotent for ever by reference_id.',
    },
    paths,
    components: {
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
  };
  return createDocument(document, { override: openAnswers });
}
