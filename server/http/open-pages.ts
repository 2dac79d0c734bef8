/** Next answers pages; requests that come while it prepares wait for it. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export type PagesOptions = {
  readonly dir: string;
  readonly isDev: boolean;
  readonly httpServer: Server;
  readonly host: string;
  readonly port: number;
};

export function openPages({
  dir,
  isDev,
  httpServer,
  host,
  port,
}: PagesOptions): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  // Loaded here, so that a member's process that has no pages does not carry it.
  const ready = import('next').then(async ({ default: next }) => {
    const app = next({ dev: isDev, dir, httpServer, hostname: host, port });
    await app.prepare();
    return app.getRequestHandler();
  });
  // The first request reports it; without one it would end the program.
  ready.catch(() => undefined);
  return async (req, res) => {
    const handle = await ready;
    await handle(req, res);
  };
}
