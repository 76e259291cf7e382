// Makes a fresh clone ready: the system library of the fast engine, npm packages, the build, the data set.
// Does only what is missing, so that it is cheap to call again. Runs on Linux, macOS and Windows with Node alone.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stderr.write(`${line}\n`);

const USAGE = `node scripts/setup.mjs

Makes a fresh clone ready, in about two minutes; what is there already is kept.
  1. the system library oneDNN, on Debian and Ubuntu as root (a speed-up; all works without it)
  2. the npm packages, and the build; WebGPU where there may be a graphics card and oneDNN is missing
  3. CIFAR-10 in data/: 139 or 170 MB, every byte checked`;

/** Runs a program with its output shown; false when it failed. */
function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  return status === 0;
}

/** npm is a script of the shell's on Windows. */
const npm = (args, options = {}) => run('npm', args, { shell: process.platform === 'win32', ...options });

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Node 20.19 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}

function hasOneDnn() {
  const { stdout } = spawnSync('sh', ['-c', 'ldconfig -p || /sbin/ldconfig -p'], { encoding: 'utf8' });
  return /libdnnl\.so/.test(stdout ?? '');
}

/** The library is a speed-up, never a condition: whatever fails here, the portable backend works. */
function installOneDnn() {
  if (process.platform !== 'linux' || hasOneDnn()) return;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('apt-get', ['--version']).status === 0) {
    say('Installing the system library oneDNN (under a minute)…');
    const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    run('apt-get', ['update', '-qq'], quiet);
    for (const name of ['libdnnl3.6', 'libdnnl3', 'libdnnl2']) {
      if (run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], quiet)) return;
    }
  }
  say('The system library oneDNN, which the fast engine needs, is not installed; going on without it.');
  say('To install it:  sudo apt-get install libdnnl2   (Debian 12, Ubuntu 22.04; libdnnl3.6 on Debian 13)');
}

/** WebGPU for Node.js, and tfjs's backend on it, in the versions that the engine is made for. */
const WEBGPU = ['webgpu@0.6.2', '@tensorflow/tfjs-backend-webgpu@4.22.0'];

/** Where there is likely a graphics card that WebGPU reaches: every Mac and Windows machine, Linux and WSL by their devices. */
function mayHaveGpu() {
  if (process.platform !== 'linux') return true;
  return ['/dev/dri', '/dev/dxg'].some((path) => existsSync(path));
}

/** A speed-up as well; beside oneDNN, which needs no card, it is left to the user. */
function installWebGpu() {
  if (!mayHaveGpu() || existsSync(join(root, 'node_modules/webgpu'))) return;
  const command = `npm install --no-save ${WEBGPU.join(' ')}`;
  if (process.platform === 'linux' && hasOneDnn()) {
    say(`To try the graphics card, too:  ${command}   (then: npx cifar backends)`);
    return;
  }
  say('Installing WebGPU for the graphics card (51 MB)…');
  if (npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', ...WEBGPU])) return;
  say(`WebGPU could not be installed; going on without it. To try again:  ${command}`);
}

/** npm keeps its own copy of the lock file: packages are installed again only when it is older. */
function installPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = statSync(join(root, 'package-lock.json')).mtimeMs;
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock) return npm(['run', '--silent', 'build']);
  say('Installing npm packages and building (about a minute)…');
  if (!npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])) return false;
  const now = new Date();
  utimesSync(installed, now, now);
  return true;
}

if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
checkNode();
installOneDnn();
if (!installPackages()) {
  say('The npm packages could not be installed or built: see above.');
  process.exit(1);
}
installWebGpu();
if (!run(process.execPath, ['dist/cli.js', 'download'])) process.exit(1);
