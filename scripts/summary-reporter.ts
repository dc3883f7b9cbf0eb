import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a run with `N passed, N failed`, and writes the same into the file named by TRADEBOT_TEST_SUMMARY, for .ci/run. A file that could not
 * be loaded, a failing hook and an error outside any test count as failed, and so does a run without a single test.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    for (const module of modules) {
      const before = failed
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        if (state === 'failed' || state === 'pending') failed++
      }
      if (module.state() === 'failed' && failed === before) failed++
    }
    if (passed + failed === 0) failed = 1
    const summary = `${passed} passed, ${failed} failed`
    const file = process.env['TRADEBOT_TEST_SUMMARY']
    if (file) writeFileSync(file, `${summary}\n`)
    process.stdout.write(`\n${summary}\n`)
  }
}
