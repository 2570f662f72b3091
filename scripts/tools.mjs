// External programs that the tests use: Chromium (needed) and DICOM judges (used where they are).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const judges = [
  { command: 'dciodvfy', package: 'dicom3tools', for: 'conformance of exported DICOM' },
  { command: 'dcentvfy', package: 'dicom3tools', for: 'consistency of exported studies' },
  { command: 'dcmdump', package: 'dcmtk', for: 'reading exports with a second library' },
  {
    command: 'Orthanc',
    package: 'orthanc orthanc-dicomweb',
    for: 'sending to and fetching from a PACS',
  },
  { command: 'pdftotext', package: 'poppler-utils', for: 'reading the acceptance report as PDF' },
];

function find(names) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
      if (folder && existsSync(path)) return path;
    }
  }
  return undefined;
}

/** Path of a Chromium or Chrome: CHROMIUM_PATH, the PATH, or where macOS and Windows keep it. */
export function findChromium() {
  const usual = [
    process.env.CHROMIUM_PATH,
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].filter((path) => path && existsSync(path));
  return usual[0] ?? find(chromiumNames);
}

const mayInstall = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && find(['apt-get']) !== undefined;

function aptInstall(packages) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 2], env: environment }).status === 0;
  console.error(`Installing ${packages.join(', ')} (apt-get) …`);
  return apt(['-qq', 'update']) && apt(['-qq', '-y', 'install', '--no-install-recommends', ...packages]);
}

/**
 * Finds what the tests need, installs it where this user may (Debian, root), and otherwise says how to get
 * it: without a Chromium the tests end here, without the judges their tests are named as not run.
 */
export function ensureTestTools() {
  const missing = judges.filter((judge) => !find([judge.command]));
  const wanted = [
    ...new Set([
      ...(findChromium() ? [] : ['chromium']),
      ...missing.flatMap((judge) => judge.package.split(' ')),
    ]),
  ];
  if (wanted.length > 0 && mayInstall()) aptInstall(wanted);
  // The package starts a server of its own; the tests start theirs.
  if (wanted.includes('orthanc') && mayInstall()) {
    const stopped = spawnSync('systemctl', ['disable', '--now', 'orthanc'], { stdio: 'ignore' }).status === 0;
    if (!stopped) spawnSync('service', ['orthanc', 'stop'], { stdio: 'ignore' });
  }

  for (const judge of judges.filter((one) => !find([one.command]))) {
    console.error(
      `not run: tests of ${judge.for}; ${judge.command} is not here (Debian: apt-get install ${judge.package}).`,
    );
  }
  if (!findChromium()) {
    console.error(
      'failed: the end-to-end tests need Chromium or Chrome. Install one (Debian: apt-get install chromium; ' +
        'macOS, Windows: Google Chrome), or set CHROMIUM_PATH to its program.',
    );
    process.exit(5);
  }
}
