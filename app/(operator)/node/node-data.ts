import type { api } from '#app/_client/api.ts';

export type NodeData = Awaited<ReturnType<typeof api.node.get>>;
