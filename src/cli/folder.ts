/** @file The folder that a run leaves its files in. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../core/errors.ts'

/** `--out`, or runs/<time>; a second run within a second gets a number. No colons: Windows refuses them. */
export async function makeFolder(command: string, out: string | undefined, time: Date): Promise<string> {
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
      `cannot make the folder ${out ?? 'runs'}, ${(error as Error).message}`,
      'give another one with --out',
    )
  }
}
