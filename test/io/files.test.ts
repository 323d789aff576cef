/** @file Files on disk: what a save keeps of what was there, what it leaves behind, and paths that are none. */
import { execFile, spawn } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkWritable, writeBytes } from '../../src/io/files.ts'

let root = ''
let folder = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'handgrad-files-'))
})
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'))
})
afterAll(() => rm(root, { recursive: true }))

const save = (path: string, text = 'new') => writeBytes('save', path, new TextEncoder().encode(text))

describe('a save', () => {
  it('writes what a link leads to, and leaves the link', async () => {
    await mkdir(join(folder, 'far'))
    await writeFile(join(folder, 'far', 'w'), 'old')
    await symlink(join('far', 'w'), join(folder, 'near'))
    await symlink('near', join(folder, 'nearer'))
    await save(join(folder, 'nearer'))
    expect(await readFile(join(folder, 'far', 'w'), 'utf8')).toBe('new')
    expect([await readlink(join(folder, 'nearer')), await readlink(join(folder, 'near'))]).toEqual([
      'near',
      join('far', 'w'),
    ])
    expect((await readdir(folder)).sort()).toEqual(['far', 'near', 'nearer'])
    expect(await readdir(join(folder, 'far'))).toEqual(['w'])
  })

  it('makes the file that a link leads to and that is not there yet', async () => {
    await mkdir(join(folder, 'far'))
    await symlink(join('far', 'w'), join(folder, 'near'))
    await save(join(folder, 'near'))
    expect((await lstat(join(folder, 'near'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(folder, 'far', 'w'), 'utf8')).toBe('new')
  })

  it('follows a link from where it stands, also behind a linked folder', async () => {
    await mkdir(join(folder, 'deep', 'er'), { recursive: true })
    await symlink(join('deep', 'er'), join(folder, 'short'))
    await symlink(join('..', 'w'), join(folder, 'deep', 'er', 'link'))
    await save(join(folder, 'short', 'link'))
    expect(await readFile(join(folder, 'deep', 'w'), 'utf8')).toBe('new')
    expect((await readdir(folder)).sort()).toEqual(['deep', 'short'])
  })

  it('keeps the permissions of the file', async () => {
    const path = join(folder, 'w')
    for (const mode of [0o600, 0o640, 0o666, 0o700]) {
      await writeFile(path, 'old')
      await chmod(path, mode)
      const before = (await stat(path)).mode // Windows knows fewer of them
      await save(path)
      expect((await stat(path)).mode.toString(8)).toBe(before.toString(8))
    }
  })

  it('takes away what a killed one left', async () => {
    const path = join(folder, 'w')
    const module = new URL('../../src/io/files.ts', import.meta.url).href
    const program = `import(${JSON.stringify(module)}).then(async ({ writeBytes }) => {
      const bytes = new Uint8Array(2 ** 26)
      for (;;) await writeBytes('save', ${JSON.stringify(path)}, bytes)
    })`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
    const left = async () => (await readdir(folder)).filter((name) => name.endsWith('.tmp'))
    const ended = new Promise((done) => child.on('exit', done))
    // Killed at the first moment at which its temporary file is there; between two writes it may be gone again.
    for (let tries = 0; (await left()).length === 0; tries++) {
      expect(tries, 'the child wrote nothing').toBeLessThan(20_000)
      await new Promise((next) => setTimeout(next, 1))
    }
    child.kill('SIGKILL')
    await ended
    // Whatever moment it was: as the child would have left it.
    await writeFile(join(folder, `.w.${child.pid}-0123abcd.tmp`), 'half')
    // Within the hour it may be of another host, where such a process runs.
    await age(59 * 60)
    const young = await left()
    await save(path)
    expect(await left()).toEqual(young)
    await age(61 * 60)
    await save(path)
    expect(await readdir(folder)).toEqual(['w'])
  })

  /** Make temporary files so many seconds old. */
  async function age(seconds: number): Promise<void> {
    const then = Date.now() / 1000 - seconds
    for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await utimes(join(folder, name), then, then)
  }

  it('leaves the temporary files of those that run, and of other files', async () => {
    const kept = [`.w.${process.ppid}-0123abcd.tmp`, `.w.${process.pid}-0123abcd.tmp`, '.w.tmp', '.v.1-0123abcd.tmp']
    for (const name of kept) await writeFile(join(folder, name), '')
    // Written before this process began, under its number: a container begins with number 1 each time.
    await writeFile(join(folder, `.w.${process.pid}-4567cdef.tmp`), '')
    await utimes(join(folder, `.w.${process.pid}-4567cdef.tmp`), 1e9, 1e9)
    await save(join(folder, 'w'))
    expect((await readdir(folder)).sort()).toEqual([...kept, 'w'].sort())
  })

  it('takes names as long as the system does', async () => {
    const name = 'w'.repeat(255)
    await save(join(folder, name))
    expect(await readdir(folder)).toEqual([name])
  })

  it('refuses what is neither a file nor a folder, and leaves it', async () => {
    const pipe = join(folder, 'pipe')
    await new Promise<void>((made, failed) =>
      execFile('mkfifo', [pipe], (error) => (error ? failed(error) : made())),
    ).catch(() => symlink('/dev/null', pipe))
    await expect(save(pipe)).rejects.toThrow(
      `save: cannot write ${pipe}, it is neither a file nor a folder (check that its folder exists, has room and may be written)`,
    )
    expect((await lstat(pipe)).isFile()).toBe(false)
  })
})

describe('a path', () => {
  it('is tried without a trace', async () => {
    await checkWritable('save', join(folder, 'w'))
    expect(await readdir(folder)).toEqual([])
    await writeFile(join(folder, 'w'), 'old')
    await checkWritable('save', join(folder, 'w'))
    expect(await readdir(folder)).toEqual(['w'])
    expect(await readFile(join(folder, 'w'), 'utf8')).toBe('old')
    await expect(checkWritable('save', folder)).rejects.toThrow(`save: cannot write ${folder}, it is a folder`)
    await expect(checkWritable('save', join(folder, 'w', 'x'))).rejects.toThrow(
      `save: cannot write ${join(folder, 'w', 'x')}, a part of the path is not a folder`,
    )
  })

  it('is quoted in part, and without what a terminal obeys', async () => {
    const odd = join(folder, `a\u001b[2J\u202e${'b'.repeat(1000)}`)
    const text = await save(odd).catch((error: Error) => error.message)
    expect(text).toContain('a\\u{1b}[2J\\u{202e}bbbb')
    expect(text).toMatch(/^[ -~…]{300,520}$/)
  })
})
