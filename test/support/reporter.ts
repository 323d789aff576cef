/**
 * @file A vitest reporter next to the usual one: prints each adapter once, and ends with the plain line
 * `N passed, N failed`. A skipped test fails the run: a test that does not run on this machine proves nothing on it.
 */
import type { SerializedError, UserConsoleLog } from 'vitest'
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node'

export default class TotalReporter implements Reporter {
  private readonly adapters = new Set<string>()
  private selected = false

  onInit(vitest: Vitest): void {
    // with `-t name` all other tests are skipped on purpose
    this.selected = vitest.config.testNamePattern !== undefined
  }

  onUserConsoleLog(log: UserConsoleLog): void {
    for (const line of log.content.split('\n')) if (line.startsWith('adapter: ')) this.adapters.add(line)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let skipped = 0
    let failed = errors.length
    for (const module of modules) {
      failed += broken(module)
      for (const suite of module.children.allSuites()) failed += broken(suite)
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'skipped') {
          skipped++
          if (!this.selected) console.log(`skipped: ${test.fullName} (${module.moduleId})`)
        } else failed++
      }
    }
    if (skipped > 0 && !this.selected) {
      failed += skipped
      console.log(`${skipped} tests were skipped, which counts as failed (make them run here, or remove them)`)
    }
    if (failed > 0) process.exitCode = 1
    for (const line of this.adapters) console.log(line)
    console.log(`${passed} passed, ${failed} failed`)
  }
}

/** 1 for a file or group that failed outside of its tests, such as in beforeAll: its tests are then "skipped". */
function broken(part: TestModule | TestSuite): number {
  return part.errors().length > 0 ? 1 : 0
}
