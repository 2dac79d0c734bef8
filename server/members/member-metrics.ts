/** `/metrics` of a member without a market (product O-14): its ledger and what it knows of the others. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { LedgerReader } from '#ledger/node/types.ts';
import { openConsortiumMetrics } from '#server/operations/consortium-metrics.ts';

export interface MemberMetrics {
  readonly contentType: string;
  text(ledger: LedgerReader): Promise<string>;
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
  return {
    contentType: registry.contentType,
    text: (ledger) => {
      const health = ledger.health();
      height.set({ stage: 'certified' }, Number(ledger.certified.height));
      waiting.set(health.waiting);
      halted.set(health.halted === null ? 0 : 1);
      consortium.refresh(ledger);
      return registry.metrics();
    },
  };
}
