/** The front page (product P-09): what there is, what is traded, what is new, what runs, what will change. */
import { toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseClassId } from '#ledger/primitives/ids.ts';
import { instant, toIso } from '#ledger/primitives/instant.ts';
import { listProposals } from '#server/compliance/packs.repo.ts';
import type { Services } from '#server/context.ts';
import { query } from '#server/journal/rows.repo.ts';
import type { Home } from '#server/trpc/views.ts';
import { listAnnounced } from './announced.repo.ts';
import { listCards } from './cards.repo.ts';
import { listExperimentViews } from './experiments.ts';
import { DAY_MS, daysBefore, VALID_TRADE } from './figures.repo.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';
import { listTape } from './tape.repo.ts';

const TAPE_SHOWN = 40;
const CARDS_SHOWN = 12;
const BLOCKS_READ = 3;

export async function getHome(services: Services, viewer: AccountId | null): Promise<Home> {
  const { ledger, studio } = services;
  const [imports, blocks] = await Promise.all([studio.listImports(null), ledger.blocks({ limit: BLOCKS_READ })]);
  // The chain in memory may be a block ahead of the disk: what is shown is the newest that is kept with its signatures.
  const signed = blocks.find(({ finality }) => finality !== null)?.signers.length ?? 0;
  return readSnapshot(services, viewer, (snapshot) => homeOf(services, snapshot, { imports, signed }));
}

type Beside = { readonly imports: Home['imports']; readonly signed: number };

async function homeOf({ ledger, filingNo }: Services, snapshot: Snapshot, { imports, signed: signers }: Beside): Promise<Home> {
  const { tx, height } = snapshot;
  const { certified, config } = ledger;
  const [counts, tape, newest, popular, games, experiments, announcements] = await Promise.all([
    countAll(snapshot),
    listTape(snapshot, { classId: null, limit: TAPE_SHOWN }),
    query<{ class_id: string }>(
      tx,
      `select class_id from catalogue.item_classes where certified_at is not null order by ledger_serial desc limit ${CARDS_SHOWN}`,
    ),
    listPopular(snapshot),
    listGames(snapshot),
    listExperimentViews(snapshot),
    listAnnouncements(snapshot),
  ]);
  const total = config.members.length;
  const signed = certified.height === 0n ? total : signers;
  return {
    chain: toHex(ledger.chain),
    isDemonstration: ledger.genesis.demonstration === 1,
    filingNo,
    height,
    members: {
      signed,
      total,
      note: {
        zh: total === 1 ? '第一阶段：运营方一个成员节点。' : `最新区块由 ${signed}/${total} 个成员签名。`,
        en: total === 1 ? 'Stage 1: one member node, the operator.' : `The newest block is signed by ${signed} of ${total} members.`,
      },
    },
    ...counts,
    imports,
    tape,
    newest: await listCards(
      snapshot,
      newest.map((row) => parseClassId(row.class_id)),
    ),
    popular: await listCards(snapshot, popular),
    games,
    experiments,
    announcements,
  };
}

async function countAll({ tx }: Snapshot): Promise<Pick<Home, 'classes' | 'items' | 'listings' | 'buyOrders'>> {
  const [row] = await query<{ classes: number; items: number; listings: number; buys: number }>(
    tx,
    `select (select count(*)::int from catalogue.item_classes where certified_at is not null) as classes,
       (select count(*)::int from custody.items where not is_burned) as items,
       count(*) filter (where intent = 'listing')::int as listings, count(*) filter (where intent = 'buy_order')::int as buys
     from market.orders where ended_at is null and intent in ('listing', 'buy_order')`,
  );
  return { classes: row?.classes ?? 0, items: row?.items ?? 0, listings: row?.listings ?? 0, buyOrders: row?.buys ?? 0 };
}

/** What can be bought now, most traded in seven days first, then most offered; a kind without a listing leads to nothing. */
async function listPopular({ tx, now }: Snapshot) {
  const rows = await query<{ class_id: string }>(
    tx,
    `select class_id from (
       select t.class_id, count(*) as trades, 0 as listings, 0 as offers from market.trades t
         where t.settled_at >= $1 and t.state <> 'reversed' group by t.class_id
       union all
       select o.class_id, 0, count(*) filter (where o.intent = 'listing'), count(*) from market.orders o
         where o.ended_at is null and o.named_buyer is null and o.intent in ('listing', 'buy_order') group by o.class_id
     ) k group by class_id order by sum(listings) > 0 desc, sum(trades) desc, sum(offers) desc, class_id limit ${CARDS_SHOWN}`,
    [daysBefore(now, 7)],
  );
  return rows.map((row) => parseClassId(row.class_id));
}

type GameColumns = {
  game_id: string;
  name_zh: string | null;
  name_en: string;
  classes: number;
  valid: string;
  raw: string;
};

/** Players' votes: turnover without what was undone, the raw figure beside it. */
async function listGames({ tx, now }: Snapshot): Promise<Home['games']> {
  const rows = await query<GameColumns>(
    tx,
    `select g.game_id, g.name_zh, g.name_en, (select count(*)::int from catalogue.item_classes c where c.game_id = g.game_id) as classes,
       coalesce(s.valid, 0)::text as valid, coalesce(s.raw, 0)::text as raw
     from catalogue.games g left join (
       select c.game_id, sum(t.gross_fen) filter (where t.state = 'settled' or ${VALID_TRADE}) as valid, sum(t.gross_fen) as raw
       from market.trades t join catalogue.item_classes c on c.class_id = t.class_id where t.settled_at >= $1 group by c.game_id
     ) s on s.game_id = g.game_id order by coalesce(s.valid, 0) desc, g.created_at`,
    [daysBefore(now, 7)],
  );
  return rows.map((row) => ({
    gameId: row.game_id,
    names: { zh: row.name_zh, en: row.name_en },
    classes: row.classes,
    turnover7dFen: row.valid,
    turnoverRaw7dFen: row.raw,
  }));
}

const ANNOUNCEMENTS_SHOWN = 6;

async function listAnnouncements(snapshot: Snapshot): Promise<Home['announcements']> {
  const { tx, now } = snapshot;
  const [packs, drafts, kinds] = await Promise.all([
    query<{ pack_id: string; version: string; from: Date }>(
      tx,
      'select pack_id, version, activated_at as from from compliance.packs where activated_at > $1::timestamptz order by activated_at',
      [toIso(now)],
    ),
    listProposals(tx, ['public']),
    listAnnounced(snapshot),
  ]);
  const named = (name: string) => ({ zh: name, en: name });
  const all = [
    ...packs.map((row) => ({
      what: 'pack' as const,
      href: '/rules',
      at: row.from.getTime(),
      names: named(`${row.pack_id} ${row.version}`),
    })),
    ...drafts.map(({ pack, effectiveFrom }) => ({
      what: 'draft' as const,
      href: '/rules',
      at: Number(effectiveFrom),
      names: named(`${pack.id} ${pack.version}`),
    })),
    ...kinds.map(({ classId, names, from }) => ({ what: 'kind' as const, href: `/c/${classId}`, at: Date.parse(from), names })),
  ];
  return all
    .filter(({ at }) => at > now)
    .sort((one, other) => one.at - other.at)
    .slice(0, ANNOUNCEMENTS_SHOWN)
    .map(({ at, ...entry }) => ({ ...entry, from: toIso(instant(at)), daysLeft: Math.ceil((at - now) / DAY_MS) }));
}
