/** `/api/v1`: the studios' API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { documentAnswer } from './answers.schema.ts';
import { openApiDocument } from './openapi.ts';
import { restHandler as handlerOf, type RestServices, type Route, readRoute } from './router.ts';
import { classChangeRoutes } from './routes/class-changes.ts';
import { gameRoutes } from './routes/games.ts';
import { importRoutes } from './routes/imports.ts';
import { issueRoutes } from './routes/issue.ts';
import { itemAttributeRoutes } from './routes/item-attributes.ts';
import { readRoutes } from './routes/read.ts';
import { sunsetRoutes } from './routes/sunset.ts';

const calls: readonly Route[] = [
  ...gameRoutes,
  ...issueRoutes,
  ...classChangeRoutes,
  ...itemAttributeRoutes,
  ...sunsetRoutes,
  ...importRoutes,
  ...readRoutes,
];
const document = openApiDocument(calls);
export const routes: readonly Route[] = [
  ...calls,
  readRoute({
    path: '/openapi.json',
    summary: 'This document',
    access: 'public',
    answer: documentAnswer,
    run: () => Promise.resolve({ status: 200, body: { ...document } }),
  }),
];

/** Answers true when the request was for `/api/v1`. */
export function restHandler(services: RestServices): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  return handlerOf(services, routes);
}
