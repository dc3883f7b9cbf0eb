import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { launchBrowser, type LaunchedBrowser } from './browser.ts'
import { startSystem, type System } from './system.ts'

export type Stage = {
  system: System
  page: Page
  context: BrowserContext
}

/** One system, one browser and one page for the tests of a file, in the order in which they stand. */
export function useStage(): () => Stage {
  let system: System | undefined
  let launched: LaunchedBrowser | undefined
  let stage: Stage | undefined
  beforeAll(async () => {
    ;[system, launched] = await Promise.all([startSystem(), launchBrowser()])
    const context = await launched.browser.newContext({ viewport: { width: 1280, height: 900 } })
    context.setDefaultTimeout(20_000)
    stage = { system, context, page: await context.newPage() }
  })
  afterAll(async () => {
    await launched?.close()
    await system?.stop()
  })
  return () => {
    if (!stage) throw new Error('The system did not start.')
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
