/** `/metrics` of a member without a market (product O-14): its ledger, what it knows of the others, and what ends when. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import type { Instant } from '#ledger/primitives/instant.ts';
import { openConsortiumMetrics } from '#server/operations/consortium-metrics.ts';
import { openExpiryMetrics } from '#server/operations/expiry-metrics.ts';
import type { Expiry } from '#server/pki/watch-certificates.ts';

export interface MemberMetrics {
  readonly contentType: string;
  text(node: FollowerNode, expiries: readonly Expiry[], now: Instant): Promise<string>;
}

export function openMemberMetrics(): MemberMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const height = new Gauge({
    name: 'daoju_ledger_height',
    help: 'Height of the last block by stage',
    labelNames: ['stage'] as const,
    registers,
  });
  const waiting = new Gauge({ name: 'daoju_ledger_waiting', help: 'LedgerTx that wait here for a block', registers });
  const halted = new Gauge({
    name: 'daoju_ledger_halted',
    help: '1: this node signs nothing until its staff has found the cause',
    registers,
  });
  const consortium = openConsortiumMetrics(registry);
  const expiry = openExpiryMetrics(registry);
  return {
    contentType: registry.contentType,
    text: (node, expiries, now) => {
      const health = node.health();
      height.set({ stage: 'certified' }, Number(node.certified.height));
      waiting.set(health.waiting);
      halted.set(health.halted === null ? 0 : 1);
      consortium.refresh(node);
      expiry.refresh({ pending: node.pending, expiries, now });
      return registry.metrics();
    },
  };
}
