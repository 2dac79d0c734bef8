/** What a node knows of the members, for `/metrics` (product O-14): the operator's and any member's say the same of themselves. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { LedgerReader } from '#ledger/node/types.ts';

export interface ConsortiumMetrics {
  /** Before the registry is written out. */
  refresh(ledger: LedgerReader): void;
}

export function openConsortiumMetrics(registry: Registry): ConsortiumMetrics {
  const registers = [registry];
  const endorsements = new Counter({
    name: 'daoju_endorsements_total',
    help: 'Blocks that each member endorsed or refused, as far as this node has heard since it started',
    labelNames: ['member', 'result'] as const,
    registers,
  });
  const lag = new Gauge({
    name: 'daoju_member_lag_blocks',
    help: 'Blocks between a member and the highest that any has certified; absent until it has said where it stands',
    labelNames: ['member'] as const,
    registers,
  });
  const clock = new Gauge({
    name: 'daoju_clock_behind_seconds',
    help: "How far this node's clock is behind the newest certified block, by which it refuses blocks of now",
    registers,
  });
  const signer = new Gauge({
    name: 'daoju_signer_up',
    help: "Whether the signer that holds this node's key answers, by its form",
    labelNames: ['form'] as const,
    registers,
  });
  const signatures = new Counter({
    name: 'daoju_signatures_total',
    help: 'Signatures with the node key since this node started, and records that the signer refused',
    labelNames: ['result'] as const,
    registers,
  });
  return {
    refresh: (ledger) => {
      const held = ledger.health().signer;
      signer.reset();
      signer.set({ form: held?.form ?? 'file' }, held === null || held.failure === null ? 1 : 0);
      signatures.reset();
      signatures.inc({ result: 'signed' }, held?.signed ?? 0);
      signatures.inc({ result: 'refused' }, held?.refused ?? 0);
      clock.set(ledger.health().clockBehind.ms / 1_000);
      const view = ledger.consortium();
      endorsements.reset();
      lag.reset();
      if (view === null) return;
      const top = view.members.reduce((highest, { height }) => (height !== null && height > highest ? height : highest), 0n);
      for (const { id, org, height } of view.members) {
        if (height !== null) lag.set({ member: org }, Number(top - height));
        const { endorsed, refused } = view.answered.get(id) ?? { endorsed: 0, refused: 0 };
        endorsements.inc({ member: org, result: 'endorsed' }, endorsed);
        endorsements.inc({ member: org, result: 'refused' }, refused);
      }
    },
  };
}
