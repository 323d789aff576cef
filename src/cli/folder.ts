/** @file The folder that a run leaves its files in. */
import { existsSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../core/errors.ts'
import { checkWritable, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'

/**
 * Make the folder of a run, try whether its files can be written there, and do the work whose results they are to hold.
 * If it throws, a folder that was made for it goes again; one that was there, or holds something, stays. Errors say by
 * which option another one is given.
 */
export async function inFolder(
  command: string,
  out: string | undefined,
  time: Date,
  files: readonly string[],
  work: (folder: string) => Promise<void>,
  option = '--out',
): Promise<void> {
  const fresh = !out || !existsSync(out)
  const folder = await makeFolder(command, out, time, option)
  try {
    for (const file of files) await checkWritable(command, join(folder, file))
    await work(folder)
  } catch (error) {
    if (fresh) await rmdir(folder).catch(() => undefined)
    throw error
  }
}

/** The given one, or runs/<time>; a second run within a second gets a number. No colons: Windows refuses them. */
async function makeFolder(command: string, out: string | undefined, time: Date, option: string): Promise<string> {
  const two = (n: number) => String(n).padStart(2, '0')
  const [day, hour] = [
    [time.getFullYear(), time.getMonth() + 1, time.getDate()],
    [time.getHours(), time.getMinutes(), time.getSeconds()],
  ]
  const name = `${day.map(two).join('-')}_${hour.map(two).join('-')}`
  try {
    if (out) {
      await mkdir(out, { recursive: true })
      return out
    }
    await mkdir('runs', { recursive: true })
    for (let i = 1; ; i++) {
      const folder = join('runs', i === 1 ? name : `${name}_${i}`)
      const made = await mkdir(folder).then(
        () => true,
        (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : Promise.reject(error)),
      )
      if (made) return folder
    }
  } catch (error) {
    return fail(
      command,
      `cannot make the folder ${nameOf(out ?? 'runs')}, ${reasonOf(error)}`,
      `give another one with ${option}`,
    )
  }
}
