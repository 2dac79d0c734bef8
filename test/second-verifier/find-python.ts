/** The second verifier needs Python 3. The test set-up installs it where it may, and says so where it can't. */
import { spawnSync } from 'node:child_process';

const hasPython = (): boolean => spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

/** @throws when there is no Python 3.8 and it could not be installed */
export function findPython(): string {
  if (hasPython()) return 'python3';
  if (process.getuid?.() === 0) {
    spawnSync('apt-get', ['update'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3'], { stdio: 'ignore', timeout: 300_000 });
    if (hasPython()) return 'python3';
  }
  throw new Error(
    'The second verifier needs python3 (3.8 or later): none was found and it could not be installed. On Debian: apt-get install python3',
  );
}
