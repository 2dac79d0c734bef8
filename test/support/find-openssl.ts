/** Cross-checks need the `openssl` command, 3.0 or later with SM2. The test set-up installs it where it may, and says so where it can't. */
import { spawnSync } from 'node:child_process';

const hasOpenSsl = (): boolean => spawnSync('openssl', ['ecparam', '-name', 'SM2', '-noout']).status === 0;

/** @throws when there is no `openssl` with SM2 and it could not be installed */
export function findOpenSsl(): string {
  if (hasOpenSsl()) return 'openssl';
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'openssl'], { stdio: 'ignore', timeout: 300_000 });
    if (hasOpenSsl()) return 'openssl';
  }
  throw new Error('This test needs openssl 3 with SM2: none was found and it could not be installed. On Debian: apt-get install openssl');
}
