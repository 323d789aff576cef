/**
 * @file What Node knows of where it runs, for a report of benchmarks. Of files it reads manifests and git's, its own.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from '../bench/environment.ts'

/** The package's folder: two above this one, in src/ as in dist/. */
const root = fileURLToPath(new URL('../..', import.meta.url))

const versionIn = (file: string): string => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version

/** @param flags  of the command line */
export function placeOf(flags: readonly string[]): Place {
  const [processor] = cpus()
  return {
    runtime: `Node ${process.version}`,
    dawn: dawnVersion(),
    system: `${process.platform} ${process.arch}`,
    processor: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    // Windows has no such figure and says 0.
    load: process.platform === 'win32' ? null : Number(loadavg()[0].toFixed(2)),
    version: versionIn(join(root, 'package.json')),
    commit: commit(),
    flags,
  }
}

function dawnVersion(): string | null {
  try {
    return versionIn(createRequire(import.meta.url).resolve('webgpu/package.json'))
  } catch {
    return null
  }
}

/** Of a checkout; an installed package has none. */
function commit(): string | null {
  if (!existsSync(join(root, '.git'))) return null
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}
