/** States of the market, asked for when somebody reads `/metrics` (product O-14). One reading serves every gauge of one scrape. */
import { Gauge, type Registry } from 'prom-client';
import type { Instant } from '#ledger/primitives/instant.ts';
import type { Services } from '#server/context.ts';
import type { BreakKind } from '#server/journal/breaks.repo.ts';
import { openConsortiumMetrics } from './consortium-metrics.ts';
import { openExpiryMetrics } from './expiry-metrics.ts';
import { readTableFigures, type TableFigures } from './gauges.repo.ts';

export type GaugeSource = {
  readonly services: Services;
  /** Open sockets by room; rooms of one kind, person or studio together. */
  readonly clients: ReadonlyMap<string, number>;
};

const CUSTODY_BREAKS: readonly BreakKind[] = [
  'custody_differs',
  'custody_missing',
  'custody_hop_differs',
  'item_hold_missing',
  'item_hold_stray',
  'gift_hold_differs',
  'gift_not_given',
];
const PROVIDER_BREAKS: readonly BreakKind[] = [
  'provider_differs',
  'provider_unbalanced',
  'instruction_missing',
  'transfer_entry_differs',
  'transfer_overdue',
];

export interface Gauges {
  /** Before the registry is written out. */
  refresh(source: GaugeSource): Promise<void>;
}

export function openGauges(registry: Registry): Gauges {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const waiting = gauge('daoju_ledger_waiting', 'LedgerTx that are sequenced and not yet sealed');
  const height = gauge('daoju_ledger_height', 'Height of the last block by stage', ['stage']);
  const seq = gauge('daoju_feed_seq', 'Number of the last message of a room', ['room']);
  const lag = gauge('daoju_feed_lag_seconds', 'Age of the oldest message that no signed head covers yet', ['room']);
  const clients = gauge('daoju_feed_clients', 'Open sockets by room', ['room']);
  const custody = gauge(
    'daoju_custody_mismatches',
    'Differences between custody and the ledger at the last comparison; NaN before the first',
  );
  const breaks = gauge('daoju_provider_breaks', "Differences from the institution's books at the last comparison; NaN before the first");
  const imbalance = gauge('daoju_journal_imbalance_fen', 'Sum of all balances of the journal: zero, or the books are wrong');
  const held = gauge('daoju_held_fen', 'Money set aside for open orders', ['asset']);
  const payouts = gauge('daoju_payouts_due', 'Trades whose protection is over and whose seller has not been paid');
  const caps = gauge('daoju_experiment_cap_used_ratio', 'Used and reserved share of an experiment-wide cap', ['experiment', 'cap']);
  const alerts = gauge('daoju_alerts_open', 'Alerts of a detector that nobody has dismissed or made a case of', ['detector']);
  const backup = gauge('daoju_backup_age_seconds', 'Since the moment of the newest backup; infinite before the first');
  const consortium = openConsortiumMetrics(registry);
  const expiry = openExpiryMetrics(registry);

  function setTables(figures: TableFigures, now: Instant): void {
    height.set({ stage: 'sealed' }, figures.sealedHeight);
    imbalance.set(figures.imbalanceFen);
    held.set({ asset: 'cny' }, figures.heldFen);
    payouts.set(figures.payoutsDue);
    alerts.reset();
    for (const { detector, open } of figures.alerts) alerts.set({ detector }, open);
    backup.set(figures.backedUpAt === null ? Number.POSITIVE_INFINITY : Math.max(0, now - figures.backedUpAt) / 1_000);
    for (const room of figures.rooms) {
      seq.set({ room: room.room }, room.seq);
      lag.set({ room: room.room }, room.lagSeconds);
    }
  }

  function setMemory({ services, clients: sockets }: GaugeSource): void {
    const { ledger, clock, market, books } = services;
    const now = clock.now();
    waiting.set(ledger.health().waiting);
    height.set({ stage: 'certified' }, Number(ledger.certified.height));
    consortium.refresh(ledger);
    clients.reset();
    for (const [room, count] of sockets) clients.set({ room }, count);
    const last = books.last();
    const count = (kinds: readonly BreakKind[]) => (last === null ? Number.NaN : last.filter(({ kind }) => kinds.includes(kind)).length);
    custody.set(count(CUSTODY_BREAKS));
    breaks.set(count(PROVIDER_BREAKS));
    caps.reset();
    for (const { experimentId, code, ratio } of market.capsUsed()) caps.set({ experiment: experimentId, cap: code }, ratio);
    expiry.refresh({ pending: ledger.pending, expiries: services.certificates.expiries(), now });
  }

  return {
    refresh: async (source) => {
      setMemory(source);
      const now = source.services.clock.now();
      setTables(await readTableFigures(source.services.sql, now), now);
    },
  };
}
