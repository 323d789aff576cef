/** @file For tests in the browser: examples/deploy/serve.ts, run by Node as a process of its own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What the program leaves in its folder. */
export interface TrainedInNode {
  /** digits.safetensors, in base64: commands give JSON. */
  readonly weights: string
  /** The bytes of an image, and what the loaded model makes of it in Node. */
  readonly pixels: readonly number[]
  readonly probabilities: readonly number[]
}

export async function trainedInNode(): Promise<TrainedInNode> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const out = mkdtempSync(join(tmpdir(), 'handgrad-'))
  try {
    const program = join(root, 'examples', 'deploy', 'serve.ts')
    await promisify(execFile)(process.execPath, ['--import', 'tsx', program, '--steps', '40', '--out', out], {
      cwd: root,
    })
    const read = (name: string) => readFileSync(join(out, name))
    const weights = read('digits.safetensors').toString('base64')
    return { weights, ...JSON.parse(read('request.json').toString()), ...JSON.parse(read('answer.json').toString()) }
  } finally {
    rmSync(out, { recursive: true })
  }
}
