import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import { CouldNotError } from '../frame/errors.ts'
import { environmentOf } from './environment.ts'
import { LAYOUT } from './layout.ts'

/** A working tree of the project. */
export type Clone = { kind: 'clone'; root: string; tree: string; dataDir: string }

/** What `tradebotctl install` made: releases, the link to the current one, data, settings. */
export type Installation = {
  kind: 'installation'
  root: string
  /** The folder that `current` leads to, `<root>/releases/<version>`; undefined when the link is missing. */
  tree: string | undefined
  dataDir: string
}

export type Place = Clone | Installation

/**
 * The place that a command is about: `--root`; without it the installation whose `bin` holds the running program, else the nearest clone or
 * installation at or above the working folder, else the clone that the program is part of.
 * @throws CouldNotError PLACE_UNKNOWN
 */
export function findPlace(root: string | undefined, program: string, env: NodeJS.ProcessEnv): Place {
  if (root !== undefined) {
    const place = placeAt(path.resolve(root), env)
    if (place !== undefined) return place
    throw new CouldNotError(
      'PLACE_UNKNOWN',
      `--root ${root} is neither a clone of TradeBot nor an installation.`,
      {
        hint: 'A clone has package.json, an installation has installation.json.',
      },
    )
  }
  const owner = path.dirname(path.dirname(program))
  if (path.basename(path.dirname(program)) === LAYOUT.bin && isInstallation(owner))
    return installationAt(owner, env)
  const place = nearestPlace(process.cwd(), env) ?? nearestPlace(path.dirname(program), env)
  if (place !== undefined) return place
  throw new CouldNotError('PLACE_UNKNOWN', 'Here is neither a clone of TradeBot nor an installation.', {
    hint: 'Go there, or name it with --root DIR.',
  })
}

/** The folder itself as a place; undefined when it is none. */
export function placeAt(folder: string, env: NodeJS.ProcessEnv): Place | undefined {
  if (isInstallation(folder)) return installationAt(folder, env)
  if (!isClone(folder)) return undefined
  const { dataDir } = environmentOf('clone', folder, env)
  return { kind: 'clone', root: folder, tree: folder, dataDir }
}

function installationAt(root: string, env: NodeJS.ProcessEnv): Installation {
  const { dataDir } = environmentOf('installation', root, env)
  return { kind: 'installation', root, tree: currentTree(root), dataDir }
}

/** The folder that `current` leads to. @throws CouldNotError when it leads anywhere but to a release */
export function currentTree(root: string): string | undefined {
  const link = path.join(root, LAYOUT.current)
  let target: string
  try {
    target = readlinkSync(link)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new CouldNotError('CURRENT_UNREADABLE', `${link} is not the link to a release that it should be.`, {
      cause: error,
      hint: 'Put the link back: ln -sfn releases/VERSION current',
    })
  }
  if (/^releases\/[^/]+$/.test(target)) return path.join(root, target)
  throw new CouldNotError(
    'CURRENT_FOREIGN',
    `${link} leads to ${target}, which is none of the releases here.`,
    {
      hint: 'Put the link back: ln -sfn releases/VERSION current',
    },
  )
}

function nearestPlace(from: string, env: NodeJS.ProcessEnv): Place | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const place = placeAt(folder, env)
    // A release is a part of its installation.
    if (place?.kind === 'clone' && isInstallation(path.dirname(path.dirname(folder))))
      return placeAt(path.dirname(path.dirname(folder)), env)
    if (place !== undefined) return place
    if (folder === path.dirname(folder)) return undefined
  }
}

function isInstallation(folder: string): boolean {
  return existsSync(path.join(folder, LAYOUT.marker)) && existsSync(path.join(folder, LAYOUT.releases))
}

function isClone(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    return name === 'tradebot'
  } catch {
    // A clone whose package.json is damaged is one that verify and repair are for.
    return (
      existsSync(path.join(folder, 'manifest.json')) &&
      existsSync(path.join(folder, 'prisma', 'schema.prisma'))
    )
  }
}
