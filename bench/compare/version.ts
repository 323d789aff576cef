/**
 * @file Another commit, ready to be measured: a git worktree in a temporary folder, with this checkout's packages where
 * both name the same, its own otherwise, and this checkout's benchmarks on its engine.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A version to be measured. */
export interface Version {
  readonly root: string
  /** Its commit, short. */
  readonly commit: string
  /** True if cases of suites can be timed on it: its recorder tells of its passes. */
  readonly hasClock: boolean
  /** Take it away again. */
  remove(): void
}

/** What the clock of src/bench stands on. */
const CLOCK = ['src/webgpu/recorder.ts', 'PassWatcher'] as const

const git = (root: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** Run a program of Node's there, and say what it said where it fails. */
function node(root: string, script: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script)], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`compare: ${script} of the other version ended with ${status}\n${stdout}${stderr}`)
}

const has = (root: string, [file, text]: typeof CLOCK): boolean =>
  existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8').includes(text)

/**
 * @param here  this checkout
 * @param rev  anything that git knows a commit by
 * @throws Error in one line if there is no such commit, or it cannot be set up
 */
export function checkOut(here: string, rev: string): Version {
  let commit: string
  try {
    commit = git(here, 'rev-parse', '--verify', '--short', `${rev}^{commit}`)
  } catch {
    throw new Error(`compare: git knows no commit ${rev} (give a commit, a branch or a tag, or two files of reports)`)
  }
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), 'handgrad-'))), 'version')
  const packages = join(root, 'node_modules')
  let linked = false
  const remove = () => {
    // The link goes first: nothing may follow it.
    if (linked) unlinkSync(packages)
    git(here, 'worktree', 'remove', '--force', root)
    rmSync(join(root, '..'), { recursive: true, force: true })
  }
  git(here, 'worktree', 'add', '--detach', '--quiet', root, commit)
  try {
    const lock = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8').replaceAll('\r\n', '\n')
    linked = lock(root) === lock(here)
    if (linked) symlinkSync(realpathSync(join(here, 'node_modules')), packages, 'junction')
    const hasClock = has(root, CLOCK)
    // The same cases and the same method for both.
    if (hasClock)
      for (const folder of ['src/bench', 'shaders/bench', 'scripts/shaders.mjs', 'scripts/shadertext.mjs']) {
        rmSync(join(root, folder), { recursive: true, force: true })
        cpSync(join(here, folder), join(root, folder), { recursive: true })
      }
    node(root, linked ? 'scripts/shaders.mjs' : 'scripts/setup.mjs')
    return { root, commit, hasClock, remove }
  } catch (error) {
    remove()
    throw error
  }
}
