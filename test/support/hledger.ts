/** The outside program that balances our journal is Debian's hledger. The test set-up installs it where it may, and says so where it can't. */
import { spawnSync } from 'node:child_process';

const hasHledger = (): boolean => spawnSync('hledger', ['--version']).status === 0;

/** @throws when there is no hledger and it could not be installed */
export function findHledger(): string {
  if (hasHledger()) return 'hledger';
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'hledger'], { stdio: 'ignore', timeout: 300_000 });
    if (hasHledger()) return 'hledger';
  }
  throw new Error('Balancing the journal needs hledger: none was found and it could not be installed. On Debian: apt-get install hledger');
}
