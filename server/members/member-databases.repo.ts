/**
 * Databases of the members and of the ordering engine on the embedded PostgreSQL: one database and one role each, and nobody may
 * connect to another's. A site of several machines gives each member a server of its own.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toHex } from '#ledger/primitives/bytes.ts';
import { openDatabase, type Sql } from '#server/db.ts';
import type { Random } from '#server/random.ts';

/** The role that alone writes what a member has signed (migration 0100). It belongs to the server, so every member's role gets it. */
const SIGNER = 'ledger_signer';

export interface DatabaseMaker {
  /** The URL of a database of this name with an owner of the same name; both exist when it resolves. */
  make(name: string): Promise<string>;
}

export function databaseMaker(options: { readonly adminUrl: string; readonly secretsDir: string; readonly random: Random }): DatabaseMaker {
  const { adminUrl, secretsDir, random } = options;

  const passwordOf = (name: string): string => {
    const file = path.join(secretsDir, `${name}.password`);
    if (!existsSync(file)) {
      mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
      writeFileSync(file, toHex(random.bytes(24)), { mode: 0o600 });
    }
    return readFileSync(file, 'utf8').trim();
  };

  return {
    make: async (name) => {
      const password = passwordOf(name);
      const sql = openDatabase(adminUrl, { max: 1 });
      try {
        await makeOne(sql, name, password);
      } finally {
        await sql.end();
      }
      const url = new URL(adminUrl);
      url.username = name;
      url.password = password;
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}

/** Name and password are letters, digits and `_` of our own making. */
async function makeOne(sql: Sql, name: string, password: string): Promise<void> {
  const [signer] = await sql`select 1 from pg_roles where rolname = ${SIGNER}`;
  if (signer === undefined) await sql.unsafe(`create role ${SIGNER} nologin`);
  const [role] = await sql`select 1 from pg_roles where rolname = ${name}`;
  // `createrole`, so that the migration that makes the signer's role finds it instead of being turned away.
  await sql.unsafe(`${role === undefined ? 'create' : 'alter'} role ${name} login createrole password '${password}'`);
  await sql.unsafe(`grant ${SIGNER} to ${name}`);
  const [known] = await sql`select 1 from pg_database where datname = ${name}`;
  if (known !== undefined) return;
  await sql.unsafe(`create database ${name} owner ${name}`);
  await sql.unsafe(`revoke connect, temporary on database ${name} from public`);
}
