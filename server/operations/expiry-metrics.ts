/** Time left of what ends by its date (product O-10), for `/metrics`: the operator's and any member's say it alike. */
import { Gauge, type Registry } from 'prom-client';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { StateView } from '#ledger/state/view.ts';
import { findActivePack } from '#server/exchange/active-pack.ts';
import type { Expiry } from '#server/pki/watch-certificates.ts';

export interface ExpiryMetrics {
  /** Before the registry is written out. */
  refresh(source: { readonly pending: StateView; readonly expiries: readonly Expiry[]; readonly now: Instant }): void;
}

export function openExpiryMetrics(registry: Registry): ExpiryMetrics {
  const registers = [registry];
  const pack = new Gauge({
    name: 'daoju_pack_expiry_seconds',
    help: 'Time left of the rule pack in force; negative once it has expired',
    labelNames: ['pack'] as const,
    registers,
  });
  const certificates = new Gauge({
    name: 'daoju_certificate_expiry_seconds',
    help: 'Time left of each certificate in use; negative once it has expired',
    labelNames: ['subject', 'kind'] as const,
    registers,
  });
  return {
    refresh: ({ pending, expiries, now }) => {
      pack.reset();
      const active = findActivePack(pending, now);
      if (active !== null) {
        const { id, version, effectiveTo } = active.pack;
        pack.set({ pack: `${id} ${version}` }, (Date.parse(effectiveTo) - now) / 1_000);
      }
      certificates.reset();
      for (const { subject, kind, secondsLeft } of expiries) certificates.set({ subject, kind }, secondsLeft);
    },
  };
}
