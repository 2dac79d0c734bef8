import type { api } from '#app/_client/api.ts';
import type { StaffMe } from '#server/trpc/views.ts';

export type NodeData = Awaited<ReturnType<typeof api.node.get>>;
export type Proposal = Awaited<ReturnType<typeof api.node.proposals>>['rows'][number];
/** An official who may propose and vote, and in the name of which member. */
export type Speaker = { readonly staff: StaffMe; readonly member: number; readonly chain: string };
