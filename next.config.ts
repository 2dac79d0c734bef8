import type { NextConfig } from 'next';

/** The pages only: the API, the feed and the ledger's files are mounted before Next by `server/main.ts`. */
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Item art is one sprite of our own; nothing needs resizing, so `sharp` is not needed either.
  images: { unoptimized: true },
  // `npm run check` proves the types of the whole repository; a second pass here would only delay the first start.
  typescript: { ignoreBuildErrors: true },
  turbopack: {
    root: import.meta.dirname,
    // Messages arrive compiled (`app/_client/messages/compile-messages.ts`), so the ICU parser stays on the server.
    resolveAlias: { 'use-intl/format-message': 'use-intl/format-message/format-only' },
  },
};

export default config;
