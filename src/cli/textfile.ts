/** @file A file that a command reads as text. */
import { fail } from '../core/errors.ts'
import { readWhole } from '../io/files.ts'
import { nameOf } from '../io/given.ts'

/** A file in UTF-8. @param longest  bytes that it may have */
export async function textOf(command: string, file: string, longest: number): Promise<string> {
  const bytes = await readWhole(command, file, longest)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return fail(command, `${nameOf(file)} is not UTF-8`, 'save it as UTF-8')
  }
}
