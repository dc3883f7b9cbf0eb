import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileOf, manifestOf, type Files } from '../archive/testing/packages.ts'
import { encodeManifest } from '../tree/manifest.ts'
import { wrongNames, type Scenario } from './crash-trials.ts'
import { copyOf, installFirst, snapshot, V1, V2, type Workshop } from './small-product.ts'
import { tradebotctl } from './run.ts'

const RELEASES = { '1.0.0': V1, '1.1.0': V2 } as const
const WHOLE = ['.env', 'bin', 'current', 'data', 'installation.json', 'releases', 'trusted-keys']

/** What of a release is not as it was made; looks at the bytes themselves, not through the code that is tested. */
export function faultsOf(tree: string, files: Files, version: string): string[] {
  const there = snapshot(tree)
  const expected = new Map<string, string>()
  for (const [name, content] of Object.entries(files)) {
    const mode = fileOf(name, content).mode === '0755' ? '755' : '644'
    expected.set(name, `file ${mode} ${Buffer.from(content).toString('base64')}`)
    for (let folder = path.dirname(name); folder !== '.'; folder = path.dirname(folder))
      expected.set(folder, 'folder 755')
  }
  expected.set('manifest.json', `file 644 ${encodeManifest(manifestOf(files, version)).toString('base64')}`)
  const faults = [...expected]
    .filter(([name, what]) => there[name] !== what)
    .map(([name]) => `${name} differs`)
  const extra = Object.keys(there).filter(
    (name) => name !== '.' && name !== 'manifest.sig' && !expected.has(name),
  )
  if (!there['manifest.sig']?.startsWith('file 644 ')) faults.push('manifest.sig differs')
  return [...faults, ...extra.map((name) => `${name} is too much`)].map((fault) => `${version}: ${fault}`)
}

/** What is wrong with the release that runs. It must be one of these, whole. */
function currentFaults(root: string, among: readonly (keyof typeof RELEASES)[]): string[] {
  const link = path.join(root, 'current')
  const version = among.find((each) => existsSync(link) && readlinkSync(link) === `releases/${each}`)
  if (version === undefined) return [`current leads to none of ${among.join(', ')}`]
  return faultsOf(path.join(root, 'releases', version), RELEASES[version], version)
}

/** What is wrong when all is done: nothing is left over, the program is that of the release. */
function endFaults(
  root: string,
  current: keyof typeof RELEASES,
  releases: readonly (keyof typeof RELEASES)[],
) {
  const program = path.join(root, 'bin', 'tradebotctl')
  const hasProgram =
    existsSync(program) &&
    readFileSync(program, 'utf8') === String(RELEASES[current]['scripts/dist/tradebotctl.mjs'])
  return [
    ...currentFaults(root, [current]),
    ...wrongNames(root, WHOLE),
    ...wrongNames(path.join(root, 'releases'), releases),
    ...wrongNames(path.join(root, 'bin'), ['tradebotctl', 'tradebotctl.mjs']),
    ...releases.flatMap((each) => faultsOf(path.join(root, 'releases', each), RELEASES[each], each)),
    ...(hasProgram ? [] : ['bin/tradebotctl is not that of the release']),
  ]
}

export async function updateScenario(workshop: Workshop): Promise<Scenario> {
  return {
    name: 'update',
    template: await installFirst(workshop, 'update'),
    args: (root) => ['update', workshop.v2, '--root', root],
    afterFault: (root) => currentFaults(root, ['1.0.0', '1.1.0']),
    atEnd: (root) => endFaults(root, '1.1.0', ['1.0.0', '1.1.0']),
    owned: true,
    doneCodes: ['VERSION_SAME'],
  }
}

/** Back to a version whose folder is there, and is made anew: what stood there must not be lost when it fails. */
export async function downgradeScenario(workshop: Workshop): Promise<Scenario> {
  const template = await installFirst(workshop, 'downgrade')
  await must(['update', workshop.v2, '--root', template])
  return {
    name: 'downgrade',
    template,
    args: (root) => ['update', workshop.v1, '--root', root, '--allow-downgrade'],
    afterFault: (root) => currentFaults(root, ['1.0.0', '1.1.0']),
    atEnd: (root) => endFaults(root, '1.0.0', ['1.0.0', '1.1.0']),
    owned: true,
    doneCodes: ['VERSION_SAME'],
  }
}

export async function rollbackScenario(workshop: Workshop): Promise<Scenario> {
  const template = await installFirst(workshop, 'rollback')
  await must(['update', workshop.v2, '--root', template])
  return {
    name: 'rollback',
    template,
    args: (root) => ['rollback', '--to', '1.0.0', '--root', root],
    afterFault: (root) => currentFaults(root, ['1.0.0', '1.1.0']),
    atEnd: (root) => endFaults(root, '1.0.0', ['1.0.0', '1.1.0']),
    owned: true,
    doneCodes: ['VERSION_SAME'],
  }
}

export function installScenario(workshop: Workshop): Scenario {
  const template = path.join(workshop.folder, 'install')
  mkdirSync(template)
  return {
    name: 'install',
    template,
    args: (root) => ['install', workshop.v1, '--prefix', root, '--trust', workshop.publicKey],
    afterFault: (root) => (existsSync(path.join(root, 'current')) ? currentFaults(root, ['1.0.0']) : []),
    atEnd: (root) => endFaults(root, '1.0.0', ['1.0.0']),
    owned: false,
    doneCodes: ['PREFIX_INSTALLED'],
  }
}

/** A release in which nearly everything is wrong, with links that lead to where nothing may be written. */
export async function repairScenario(workshop: Workshop): Promise<Scenario> {
  const template = await installFirst(workshop, 'repair')
  const outside = path.join(workshop.folder, 'outside')
  mkdirSync(path.join(outside, 'deep'), { recursive: true })
  writeFileSync(path.join(outside, 'deep', 'handler.ts'), 'not of TradeBot\n')
  writeFileSync(path.join(outside, 'main.ts'), 'not of TradeBot either\n')
  const tree = path.join(template, 'releases', '1.0.0')
  writeFileSync(path.join(tree, 'README.md'), '# Torn')
  chmodSync(path.join(tree, 'package.json'), 0o600)
  chmodSync(path.join(tree, 'scripts', 'run.sh'), 0o644)
  rmSync(path.join(tree, 'worker'), { recursive: true })
  rmSync(path.join(tree, 'server'), { recursive: true })
  mkdirSync(path.join(tree, 'server'))
  symlinkSync(outside, path.join(tree, 'server', 'api'))
  symlinkSync(path.join(outside, 'main.ts'), path.join(tree, 'server', 'main.ts'))
  writeFileSync(path.join(tree, 'manifest.json'), '{}\n')
  mkdirSync(path.join(tree, 'node_modules', 'foreign'), { recursive: true })
  writeFileSync(path.join(tree, 'node_modules', 'foreign', 'index.js'), '1\n')
  for (const name of ['tradebotctl', 'tradebotctl.mjs']) rmSync(path.join(template, 'bin', name))
  rmSync(path.join(template, 'current'))

  const damaged = snapshot(tree)
  const untouched = JSON.stringify(snapshot(outside))
  const whole = snapshot(
    path.join(
      copyOf(await installFirst(workshop, 'whole'), path.join(workshop.folder, 'whole-copy')),
      'releases',
      '1.0.0',
    ),
  )
  const outsideFaults = () =>
    JSON.stringify(snapshot(outside)) === untouched ? [] : ['something outside was changed']
  return {
    name: 'repair',
    template,
    args: (root) => ['repair', workshop.v1, '--root', root],
    // Each thing is as it was, or as it should be; no third.
    afterFault: (root) => {
      const now = snapshot(path.join(root, 'releases', '1.0.0'))
      const third = Object.entries(now).filter(
        ([name, what]) =>
          what !== damaged[name] &&
          what !== whole[name] &&
          !(what.startsWith('folder') && whole[name]?.startsWith('folder')),
      )
      const gone = Object.keys(damaged).filter(
        (name) => damaged[name]?.startsWith('file') && name in whole && !(name in now),
      )
      return [
        ...third.map(([name, what]) => `${name} is neither as before nor right: ${what.slice(0, 60)}`),
        ...gone.map((name) => `${name} is gone`),
        ...outsideFaults(),
      ]
    },
    atEnd: (root) => [...endFaults(root, '1.0.0', ['1.0.0']), ...outsideFaults()],
    owned: true,
    doneCodes: [],
  }
}

async function must(args: string[]): Promise<void> {
  const ran = await tradebotctl(args)
  if (ran.code !== 0) throw new Error(`${args.join(' ')}: ${ran.stderr}`)
}
