/**
 * @file The order of test files: the longest first, so that the workers end together. Durations that vitest keeps are
 * missing in a fresh clone, and it would go by the size of a file, which a loop over the op table or the examples does
 * not show.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of more than twenty seconds on two cores, the longest first. The others fill the gap at the end. */
const longest = [
  'test/examples/examples.test.ts',
  'test/ops/table.webgpu.test.ts',
  'test/examples/examples.webgpu.test.ts',
  'test/webgpu/shaders.webgpu.test.ts',
  'test/ops/ends.test.ts',
  'test/inspect/diagnose/healthy.test.ts',
  'test/cli/train.test.ts',
  'test/wgsl/hostile.test.ts',
].map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)).replaceAll('\\', '/'))

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = longest.filter((file) => !existsSync(file))
    if (gone.length > 0) throw new Error(`test/support/order.ts: there is no ${gone.join(', ')}`)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.indexOf(moduleId)
      return at < 0 ? longest.length : at
    }
    // groups of projects stay one after another, whatever the order within
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
