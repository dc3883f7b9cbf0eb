import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { launchBrowser, type LaunchedBrowser } from './browser.ts'
import { startSystem, type System } from './system.ts'
import type { Account } from './visit.ts'

/** The system and the browser that all browser tests share: starting them is what takes long. */
export type House = { system: System; launched: LaunchedBrowser }

export type Stage = {
  system: System
  page: Page
  context: BrowserContext
  /** Nobody else's: each group of tests has a user of its own. */
  account: Account
}

export function useHouse(): () => House {
  let system: System | undefined
  let launched: LaunchedBrowser | undefined
  beforeAll(async () => {
    ;[system, launched] = await Promise.all([startSystem(), launchBrowser()])
  })
  afterAll(async () => {
    await launched?.close()
    await system?.stop()
  })
  return () => {
    if (!system || !launched) throw new Error('The system did not start.')
    return { system, launched }
  }
}

/** One page and one user for the tests of a group, in the order in which they stand. */
export function useStage(house: () => House, account: Account): () => Stage {
  let stage: Stage | undefined
  beforeAll(async () => {
    const { system, launched } = house()
    const context = await launched.browser.newContext({ viewport: { width: 1280, height: 900 } })
    context.setDefaultTimeout(20_000)
    stage = { system, context, page: await context.newPage(), account }
  })
  afterAll(() => stage?.context.close())
  return () => {
    if (!stage) throw new Error('The page was not opened.')
    return stage
  }
}

/** Fails the running test when the page logs an error, or asks any other machine for anything. */
export function watchPage(
  { page, system }: Stage,
  allowed: (message: string) => boolean = () => false,
): void {
  const problems: string[] = []
  const note = (problem: string) => {
    if (!allowed(problem)) problems.push(problem)
  }
  const onConsole = (message: { type: () => string; text: () => string }) => {
    if (message.type() === 'error') note(message.text())
  }
  const onError = (error: Error) => note(error.message)
  const onRequest = (request: { url: () => string }) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(system.url).origin) note(`asked ${request.url()}`)
  }
  page.on('console', onConsole).on('pageerror', onError).on('request', onRequest)
  onTestFinished(() => {
    page.off('console', onConsole).off('pageerror', onError).off('request', onRequest)
    expect(problems).toEqual([])
  })
}
