/** `/schemas/`: the published schemas of our own report documents, and their list. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findSchema, REPORT_SCHEMAS, SCHEMAS_PREFIX, schemaPath } from '#server/reports/report-schemas.ts';

export async function schemasHandler(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return false;
  const path = (req.url ?? '').split('?', 1)[0] ?? '';
  const found =
    path === SCHEMAS_PREFIX ? { schemas: Object.keys(REPORT_SCHEMAS).map((name) => ({ name, path: schemaPath(name) })) } : findSchema(path);
  if (found === null) return false;
  res.writeHead(200, {
    'content-type': `${path === SCHEMAS_PREFIX ? 'application/json' : 'application/schema+json'}; charset=utf-8`,
    'cache-control': 'public, max-age=3600',
    'access-control-allow-origin': '*',
  });
  res.end(req.method === 'HEAD' ? undefined : JSON.stringify(found, null, 2));
  return true;
}
