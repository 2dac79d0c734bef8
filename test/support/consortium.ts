/** Four members in this process, each with a database, keys and an HTTP port of its own, over one ordering engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConsortiumConfig, Member } from '#ledger/codec/config.ts';
import { encodeGenesis } from '#ledger/codec/genesis.ts';
import { demonstrationOrganisation } from '#ledger/node/account-signer.ts';
import type { ConsortiumOptions } from '#ledger/node/consortium/options.ts';
import type { OrderingEngine } from '#ledger/node/engines/ordering-engine.ts';
import { openPgEngine } from '#ledger/node/engines/pg-engine.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import { demonstrationPolicy } from '#ledger/node/genesis.ts';
import { loadNodeKeys, type NodeKeys } from '#ledger/node/keys.ts';
import { buildMember, DEMONSTRATION_MEMBERS, type DemonstrationMember } from '#ledger/node/membership.ts';
import { openMember } from '#ledger/node/open-member.ts';
import type { PeerDoor } from '#ledger/node/peer/peer-door.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { LedgerLog, LedgerOptions } from '#ledger/node/types.ts';
import { encodeTrustBundle, type TrustBundle } from '#ledger/proof/receipt.ts';
import { openDatabase } from '#server/db.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { openTestLedger, START_MS, sequenceIn, type TestLedger } from './ledger.ts';
import { seededRandom } from './seeded-random.ts';

export interface TestMember {
  readonly id: number;
  readonly database: TestDatabase;
  readonly keys: NodeKeys;
  readonly keysDir: string;
  /** Null while it is stopped. */
  node: FollowerNode | null;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestConsortium {
  readonly operator: TestLedger;
  readonly operatorDatabase: TestDatabase;
  readonly members: readonly TestMember[];
  /** Of the ordering engine, for a member in a process of its own. */
  readonly orderingUrl: string;
  /** Of the operator: what lies here its node serves to members that join. */
  readonly snapshotDir: string;
  /** Where a member's node answers its peers. */
  endpointOf(member: number): string;
  readonly log: readonly string[];
  /** Moves everybody's clock. */
  advance(ms: number): void;
  stop(): Promise<void>;
}

export interface ConsortiumTestOptions {
  readonly log?: LedgerLog;
  readonly blockMs?: number;
  /** How a member with an empty database begins. */
  readonly catchUp?: 'audit' | 'snapshot';
  /** Of the operator, where a test keeps books: in place of sequencing alone what other members took. */
  readonly door?: ConsortiumOptions['door'];
  readonly onDisplaced?: LedgerOptions['onDisplaced'];
  /** Whose campaigns the ordering engine answers; everybody's when left out. */
  readonly mayLead?: (member: number) => boolean;
  /** The clock of everybody moves with real time from `START_MS` on. */
  readonly openEngine?: (member: number, config: ConsortiumConfig) => Promise<OrderingEngine>;
}

const HOST = '127.0.0.1';

/** What members and followers ask a node for. */
interface Served {
  readonly peers: PeerDoor | null;
  trust(): Promise<TrustBundle>;
}
const served = (node: Served): Served => ({ peers: node.peers, trust: () => node.trust() });

/** A port that exists before the node: members are named by it. */
async function openDoor(): Promise<{ readonly server: Server; readonly endpoint: string; attach(node: Served | null): void }> {
  let served: Served | null = null;
  const server = createServer((request, response) => {
    if (served === null || served.peers === null) {
      response.statusCode = 503;
      response.end();
      return;
    }
    const { peers, trust } = served;
    peers(request, response).then(
      async (isHandled) => {
        if (isHandled) return;
        if (request.url === '/ledger/v1/trust') response.end(encodeTrustBundle(await trust()));
        else response.writeHead(404).end();
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, endpoint: `http://${HOST}:${port}`, attach: (next) => (served = next) };
}

/** An engine that this member reaches and never gets the lead of. */
function withoutLead(engine: OrderingEngine): OrderingEngine {
  return {
    campaign: async () => null,
    renew: (term) => engine.renew(term),
    resign: (term) => engine.resign(term),
    decide: (...slot) => engine.decide(...slot),
    read: (...place) => engine.read(...place),
    watch: (...place) => engine.watch(...place),
    trim: (below) => engine.trim(below),
    close: () => engine.close(),
  };
}

export async function openTestConsortium(options: ConsortiumTestOptions = {}): Promise<TestConsortium> {
  const { sm2 } = startSm2();
  const lines: string[] = [];
  const log: LedgerLog = options.log ?? {
    info: () => undefined,
    error: (sentence, facts) => lines.push(`${sentence} ${JSON.stringify(facts ?? {}, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`),
  };
  let offset = START_MS - performance.now();
  const now = () => Math.floor(performance.now() + offset);
  const folder = mkdtempSync(path.join(tmpdir(), 'daoju-consortium-'));
  const ordering = await createTestDatabase();
  const openEngine =
    options.openEngine ??
    (async (member: number) => {
      const engine = await openPgEngine(openDatabase(ordering.url, { max: 3 }));
      return options.mayLead?.(member) === false ? withoutLead(engine) : engine;
    });
  const doors = await Promise.all([1, 2, 3, 4].map(() => openDoor()));
  const endpointOf = (member: Member) => doors[member.id - 1]?.endpoint ?? (member.endpoint === '' ? null : member.endpoint);
  const sideOf = (member: number): ConsortiumOptions => ({
    member,
    openEngine: (config) => openEngine(member, config),
    endpointOf,
    elapsed: () => performance.now(),
  });

  const members = await Promise.all(DEMONSTRATION_MEMBERS.map((each) => prepare(each)));
  const founders = DEMONSTRATION_MEMBERS.map(({ name, ...each }) => {
    const keys = members.find((member) => member.id === each.id)?.keys;
    if (keys === undefined) throw new Error(`${name} has keys`);
    return buildMember({ ...each, acct: demonstrationOrganisation(name).acct, endpoint: '', keys, sm2, certifiedAt: BigInt(START_MS) });
  });
  const operatorDatabase = await createTestDatabase({ max: 6 });
  const clock = {
    get now() {
      return now();
    },
    set now(_: number) {
      throw new Error('this clock runs by itself');
    },
  };
  const operator: TestLedger = await openTestLedger(operatorDatabase.sql, {
    keysDir: path.join(folder, 'operator'),
    snapshotDir: path.join(folder, 'snapshots'),
    clock,
    log,
    genesisAccounts: [{ policy: demonstrationPolicy('studio'), kind: 1, kyc: new Uint8Array(32) }],
    consortium: { ...sideOf(1), founders, door: options.door ?? ((envs) => sequenceIn(operator.node, operatorDatabase.sql, envs)) },
    onDisplaced: options.onDisplaced,
  });
  doors[0]?.attach(served(operator.node));

  async function prepare(each: DemonstrationMember): Promise<TestMember> {
    const database = await createTestDatabase();
    const keysDir = path.join(folder, each.name);
    const random = seededRandom(each.name);
    const keys = loadNodeKeys({ dir: keysDir, sm2, random: (length) => random.bytes(length), create: true });
    const member: TestMember = {
      id: each.id,
      database,
      keys,
      keysDir,
      node: null,
      start: async () => {
        const node = await openMember({
          sql: database.sql,
          now,
          random: (length) => random.bytes(length),
          keysDir,
          nodeKeys: keys,
          account: demonstrationOrganisation(each.name),
          consortium: sideOf(each.id),
          genesis: async () => encodeGenesis(operator.node.genesis),
          workers: 0,
          ...(options.catchUp === undefined ? {} : { catchUp: options.catchUp }),
          log,
        });
        member.node = node;
        doors[each.id - 1]?.attach(served(node));
        await node.start();
      },
      stop: async () => {
        doors[each.id - 1]?.attach(null);
        await member.node?.stop();
        member.node = null;
      },
    };
    return member;
  }

  return {
    operator,
    operatorDatabase,
    members,
    orderingUrl: ordering.url,
    snapshotDir: path.join(folder, 'snapshots'),
    endpointOf: (id) => doors[id - 1]?.endpoint ?? '',
    log: lines,
    advance: (ms) => {
      offset += ms;
    },
    stop: async () => {
      await operator.node.stop();
      for (const member of members) await member.stop();
      for (const { server } of doors) {
        server.closeAllConnections();
        server.close();
      }
      for (const member of members) await member.database.drop();
      await operatorDatabase.drop();
      await ordering.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
